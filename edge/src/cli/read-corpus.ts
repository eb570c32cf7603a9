import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HubError } from '@hallhub/shared';
import { type Corpus, type CorpusFile, loadCorpus } from '@hallhub/shared/profile';

/** The profiles that come with HallHub: beside the packages, from source and built alike. */
export const corpusDir = fileURLToPath(new URL('../../../firmware-profiles', import.meta.url));

/** Profiles to work on, with what they are made of. */
export interface ReadCorpus {
  readonly corpus: Corpus;
  readonly files: readonly CorpusFile[];
  /** Paths of what was named; the other files are templates, bases and neighbours. */
  readonly only: ReadonlySet<string>;
}

const slashes = (path: string) => path.split(sep).join('/');
const isCorpusFile = (name: string) => /\.(ya?ml|json)$/.test(name) && !name.endsWith('.schema.json');
const isYaml = (name: string) => /\.ya?ml$/.test(name);

/** All profile, template and vector files below a folder, with paths relative to it. */
export const readFolder = (dir: string): CorpusFile[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => isCorpusFile(name) && statSync(join(dir, name)).isFile())
    .map((name) => ({ path: slashes(name), text: readFileSync(join(dir, name), 'utf8') }));

/**
 * A profile, a vendor's folder, a folder of vendors, or the whole corpus when nothing is named. Templates and bases
 * that do not lie beside are those that come with HallHub.
 * @throws HubError `not_found`
 */
export const readProfiles = (target: string | undefined): ReadCorpus => {
  const path = resolve(target ?? corpusDir);
  try {
    const { root, named } = placeOf(path);
    const own = readFolder(root);
    const paths = new Set(own.map((file) => file.path));
    const packaged = root === corpusDir ? [] : readFolder(corpusDir).filter((file) => !paths.has(file.path));
    const files = [...own, ...packaged.filter((file) => !file.path.startsWith('vectors/'))];
    const only = new Set(own.map((file) => file.path).filter(named));
    return { files, only, corpus: loadCorpus(files) };
  } catch (cause) {
    throw new HubError('not_found', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

/** The folder of all vendors that a path lies in, and which of its files the path names. */
const placeOf = (path: string): { root: string; named: (file: string) => boolean } => {
  if (!statSync(path).isDirectory()) {
    const root = dirname(dirname(path));
    const file = slashes(relative(root, path));
    const vectors = `vectors/${file.replace(/\.ya?ml$/, '.json')}`;
    return { root, named: (one) => one === file || one === vectors };
  }
  if (!readdirSync(path).some(isYaml)) return { root: path, named: () => true };
  const vendor = basename(path);
  return { root: dirname(path), named: (one) => one.startsWith(`${vendor}/`) || one.startsWith(`vectors/${vendor}/`) };
};
