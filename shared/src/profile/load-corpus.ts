import { type ParsedProfile, type ProfileIssue, parseProfile } from './parse-profile.js';
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
  profile: Profile;
  /** Where a path of the profile stands in its file. */
  locate: Extract<ParsedProfile, { ok: true }>['locate'];
}

export interface Corpus {
  entries: CorpusEntry[];
  profiles: Profile[];
  vectors: { path: string; file: VectorsFile }[];
  issues: ProfileIssue[];
}

/**
 * Parses `<vendor>/<model>.yaml` and `vectors/<vendor>/<model>.json` of a corpus. One broken file is reported and the
 * others stand; of a profile that is there twice the first one counts. Other files are passed over.
 */
export function loadCorpus(files: readonly CorpusFile[]): Corpus {
  const corpus: Corpus = { entries: [], profiles: [], vectors: [], issues: [] };
  for (const { path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (isVectorsPath(path)) loadVectors(path, text, corpus);
    else if (/\.ya?ml$/.test(path)) loadProfile(path, text, corpus);
  }
  corpus.profiles = corpus.entries.map(({ profile }) => profile);
  return corpus;
}

function loadProfile(path: string, text: string, corpus: Corpus): void {
  const parsed = parseProfile(text, path);
  corpus.issues.push(...parsed.issues);
  if (!parsed.ok) return;
  const id = profileId(parsed.profile);
  const twin = corpus.entries.find((entry) => entry.id === id);
  if (twin) {
    corpus.issues.push({
      ...{ file: path, ...parsed.locate(['model']), path: 'model', severity: 'error' as const },
      rule: 'unique-identity',
      message: `${id} is already described in ${twin.path}`,
    });
    return;
  }
  corpus.entries.push({ path, id, profile: parsed.profile, locate: parsed.locate });
}

function loadVectors(path: string, text: string, corpus: Corpus): void {
  const report = (message: string) =>
    corpus.issues.push({ file: path, line: 1, column: 1, path: '', severity: 'error', rule: 'vectors', message });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    report(`not valid JSON: ${(error as Error).message}`);
    return;
  }
  const parsed = vectorsFileSchema.safeParse(json);
  if (parsed.success) corpus.vectors.push({ path, file: parsed.data });
  else for (const issue of parsed.error.issues) report(`${issue.path.map(String).join('.')}: ${issue.message}`);
}

function isVectorsPath(path: string): boolean {
  return /(?:^|\/)vectors\/[^/]+\/[^/]+\.json$/.test(path);
}
