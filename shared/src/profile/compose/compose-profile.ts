import type { z } from 'zod';
import { explainIssue } from '../explain-issue.js';
import { issueAt, type ProfileIssue } from '../profile-issue.js';
import type { ProfileId } from '../profile-schema.js';
import { mergePieces } from './merge.js';
import { childOf, type MapPiece, type Origin, type Piece, pieceOf, placeOf, plainOf } from './piece.js';
import { takeFromTemplate } from './take-from-template.js';
import { extendsSchema, type Template, usesSchema } from './template-schema.js';
import type { YamlSource } from './yaml-source.js';

export interface LoadedTemplate {
  template: Template;
  piece: MapPiece;
  source: YamlSource;
}

/** What the other files of a corpus give to a profile. A text says why there is nothing to be had. */
export interface ComposeContext {
  template(name: string): LoadedTemplate | string;
  /** The base as it stands after its own composition. */
  base(id: ProfileId): MapPiece | string;
}

export interface Composed {
  piece: Piece;
  issues: ProfileIssue[];
  uses: string[];
  extends?: ProfileId;
}

/** What a profile never takes over from its base: its names, its own history, and how it is recognised. */
const ownKeys = ['vendor', 'model', 'label', 'version', 'source', 'match'];

/** Merges base profile, templates and the file itself, the file last. */
export function composeProfile(source: YamlSource, context: ComposeContext): Composed {
  const own = pieceOf(source.plain, source);
  const issues: ProfileIssue[] = [];
  if (own.kind !== 'map') return { piece: own, issues, uses: [] };
  const report = (origin: Origin, message: string) => issues.push(issueAt(placeOf(origin), 'composition', message));
  const named = readHeader(own, source, issues);
  let below: Piece | undefined;
  const uses: string[] = [];
  const givers = new Map<string, string>();
  for (const [index, use] of named.uses.entries()) {
    const wanted = typeof use === 'string' ? { template: use } : use;
    const origin: Origin = { source, path: ['uses', index] };
    const loaded = context.template(wanted.template);
    if (typeof loaded === 'string') {
      report(origin, loaded);
      continue;
    }
    const taken = takeFromTemplate(loaded.piece, wanted);
    for (const id of taken.unknown) report(origin, `the template ${wanted.template} has no ${id}`);
    for (const name of taken.names) {
      const giver = givers.get(name);
      if (giver) report(origin, `${name} comes from ${giver} already: leave it out of one of them with except`);
      givers.set(name, wanted.template);
    }
    uses.push(wanted.template);
    below = below ? mergePieces(below, taken.piece, []) : taken.piece;
  }
  if (named.extends) {
    const base = context.base(named.extends as ProfileId);
    if (typeof base === 'string') report({ source, path: ['extends'] }, base);
    else {
      const inherited = without(base, ownKeys);
      below = below ? mergePieces(below, inherited, []) : inherited;
    }
  }
  const plain = without(own, ['uses', 'extends']);
  if (!below) return { piece: plain, issues, uses, ...extendsOf(named) };
  const piece = mergePieces(below, plain, {
    push: ({ origin, message }) => report(origin, message),
  });
  return { piece, issues, uses, ...extendsOf(named) };
}

type Header = { uses: z.infer<typeof usesSchema>; extends?: string };

function extendsOf(header: Header): { extends?: ProfileId } {
  return header.extends === undefined ? {} : { extends: header.extends as ProfileId };
}

function readHeader(own: MapPiece, source: YamlSource, issues: ProfileIssue[]): Header {
  const read = <T>(key: string, schema: z.ZodType<T>): T | undefined => {
    const piece = childOf(own, key);
    if (!piece) return undefined;
    const parsed = schema.safeParse(plainOf(piece));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      for (const { path, message } of explainIssue(issue as z.core.$ZodIssue, source.plain, [key]))
        issues.push(issueAt(placeOf({ source, path }), 'schema', message));
    }
    return undefined;
  };
  const base = read('extends', extendsSchema);
  return { uses: read('uses', usesSchema) ?? [], ...(base === undefined ? {} : { extends: base }) };
}

function without(piece: MapPiece, keys: readonly string[]): MapPiece {
  return { ...piece, entries: new Map([...piece.entries].filter(([key]) => !keys.includes(key))) };
}
