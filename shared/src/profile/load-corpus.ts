import type { z } from 'zod';
import type { ComposeContext, LoadedTemplate } from './compose/compose-profile.js';
import { CorpusMemory } from './compose/corpus-memory.js';
import type { MapPiece } from './compose/piece.js';
import type { Template } from './compose/template-schema.js';
import { placeIn, type YamlSource } from './compose/yaml-source.js';
import { explainIssue } from './explain-issue.js';
import type { ParsedProfile } from './parse-profile.js';
import { issueAt, type Locate, type ProfileIssue, withoutRepeats } from './profile-issue.js';
import { type Profile, type ProfileId, profileId } from './profile-schema.js';
import { type VectorsFile, vectorsFileSchema } from './vector-schema.js';

/** A file as the caller has read it; paths have / and may be relative. */
export interface CorpusFile {
  path: string;
  text: string;
}

export interface CorpusEntry {
  path: string;
  id: ProfileId;
  /** Resolved: templates and base are merged in, variants are still beside. */
  profile: Profile;
  /** Names of the templates it uses itself. */
  uses: readonly string[];
  /** The profile it starts from. */
  extends?: ProfileId;
  /** Where a path of the resolved profile is written: in its own file, its template's or its base's. */
  locate: Locate;
}

export interface TemplateEntry {
  path: string;
  template: Template;
  locate: Locate;
}

export interface Corpus {
  entries: CorpusEntry[];
  profiles: Profile[];
  templates: TemplateEntry[];
  vectors: { path: string; file: VectorsFile }[];
  issues: ProfileIssue[];
}

/**
 * Parses `templates/<name>.yaml`, `<vendor>/<model>.yaml` and `vectors/<vendor>/<model>.json` of a corpus and resolves
 * what is composed. One broken file is reported and the others stand, but for those made of it; of a profile that is
 * there twice the first one counts. Other files are passed over. With the memory of the last time only what changed is
 * parsed.
 */
export function loadCorpus(files: readonly CorpusFile[], memory: CorpusMemory = new CorpusMemory()): Corpus {
  const corpus: Corpus = { entries: [], profiles: [], templates: [], vectors: [], issues: [] };
  const sources: YamlSource[] = [];
  const templates = new Templates(corpus, memory);
  memory.keep(new Set(files.map(({ path }) => path)));
  for (const { path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (isVectorsPath(path)) loadVectors(path, text, corpus);
    else if (/\.ya?ml$/.test(path)) {
      const read = memory.read(path, text);
      if (read.ok && isTemplatePath(path)) templates.add(read.source);
      else if (read.ok) sources.push(read.source);
      else corpus.issues.push(...read.issues);
    }
  }
  new Profiles({ corpus, templates, memory }, sources).resolve();
  corpus.profiles = corpus.entries.map(({ profile }) => profile);
  corpus.issues = withoutRepeats(corpus.issues);
  return corpus;
}

class Templates {
  readonly #known = new Map<string, LoadedTemplate>();
  readonly #broken = new Set<string>();

  constructor(
    private readonly corpus: Corpus,
    private readonly memory: CorpusMemory,
  ) {}

  add(source: YamlSource): void {
    const parsed = this.memory.template(source);
    this.corpus.issues.push(...parsed.issues);
    if (!parsed.ok) {
      this.#broken.add(nameOf(source.file));
      return;
    }
    const { template, locate } = parsed;
    if (this.#known.has(template.template)) {
      const message = `${template.template} is already described in ${this.#known.get(template.template)?.source.file}`;
      this.corpus.issues.push(issueAt(locate(['template']), 'unique-identity', message));
      return;
    }
    this.#known.set(template.template, parsed.loaded);
    this.corpus.templates.push({ path: source.file, template, locate });
  }

  get(name: string): LoadedTemplate | string {
    const broken = this.#broken.has(name)
      ? `the template ${name} has faults of its own`
      : `there is no template ${name}`;
    return this.#known.get(name) ?? broken;
  }
}

/** Resolves each profile once, its base before it. */
class Profiles {
  readonly #byId = new Map<string, YamlSource>();
  readonly #done = new Map<YamlSource, ParsedProfile>();
  readonly #running = new Set<YamlSource>();

  constructor(
    private readonly parts: { corpus: Corpus; templates: Templates; memory: CorpusMemory },
    private readonly sources: readonly YamlSource[],
  ) {
    for (const source of sources) {
      const id = claimedId(source.plain);
      if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, source);
    }
  }

  resolve(): void {
    const { corpus } = this.parts;
    for (const source of this.sources) {
      const parsed = this.#parse(source);
      corpus.issues.push(...parsed.issues);
      if (!parsed.ok) continue;
      const id = profileId(parsed.profile);
      const first = this.#byId.get(id);
      if (first && first !== source) {
        const message = `${id} is already described in ${first.file}`;
        corpus.issues.push(issueAt(parsed.locate(['model']), 'unique-identity', message));
        continue;
      }
      const { profile, locate, composed } = parsed;
      const base = composed.extends === undefined ? {} : { extends: composed.extends };
      corpus.entries.push({ path: source.file, id, profile, uses: composed.uses, ...base, locate });
    }
  }

  #parse(source: YamlSource): ParsedProfile {
    const known = this.#done.get(source);
    if (known) return known;
    this.#running.add(source);
    const context: ComposeContext = {
      template: (name) => this.parts.templates.get(name),
      base: (id) => this.#base(id),
    };
    const parsed = this.parts.memory.profile(source, context);
    this.#running.delete(source);
    this.#done.set(source, parsed);
    return parsed;
  }

  #base(id: ProfileId): MapPiece | string {
    const source = this.#byId.get(id);
    if (!source) return `there is no profile ${id}`;
    if (this.#running.has(source)) return `${id} starts from this profile in turn`;
    const parsed = this.#parse(source);
    return parsed.ok ? (parsed.composed.piece as MapPiece) : `${id} has faults of its own`;
  }
}

function claimedId(plain: unknown): string | undefined {
  if (plain === null || typeof plain !== 'object') return undefined;
  const { vendor, model } = plain as { vendor?: unknown; model?: unknown };
  return typeof vendor === 'string' && typeof model === 'string' ? `${vendor}/${model}` : undefined;
}

function loadVectors(path: string, text: string, corpus: Corpus): void {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const before = text.slice(0, Number(/at position (\d+)/.exec(message)?.[1] ?? 0)).split('\n');
    const place = { file: path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, path: '' };
    corpus.issues.push(issueAt(place, 'vectors', `not valid JSON: ${message}`));
    return;
  }
  const parsed = vectorsFileSchema.safeParse(json);
  if (parsed.success) {
    corpus.vectors.push({ path, file: parsed.data });
    return;
  }
  for (const one of parsed.error.issues.flatMap((issue) => explainIssue(issue as z.core.$ZodIssue, json))) {
    const place = { file: path, ...placeIn(text, one.path), path: one.path.map(String).join('.') };
    corpus.issues.push(issueAt(place, 'vectors', one.message));
  }
}

function isVectorsPath(path: string): boolean {
  return /(?:^|\/)vectors\/[^/]+\/[^/]+\.json$/.test(path);
}

function isTemplatePath(path: string): boolean {
  return /(?:^|\/)templates\/[^/]+\.ya?ml$/.test(path);
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
}
