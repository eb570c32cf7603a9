import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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
const readFolder = (dir: string): CorpusFile[] =>
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
  if (!existsSync(path)) {
    throw new HubError('not_found', `there is no file or folder ${path}`, {
      hint: 'Name a profile’s file, a vendor’s folder or a folder of vendors: firmware-profiles/acme/th-10.yaml',
    });
  }
  try {
    const alone = draftAlone(path);
    if (alone) return alone;
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

/**
 * A draft that lies in no vendor's folder, such as one on the desktop: nothing around it is looked at, and it stands in
 * the place of the packaged profile of its name.
 */
const draftAlone = (path: string): ReadCorpus | undefined => {
  if (statSync(path).isDirectory() || !isYaml(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const said = (key: string) => new RegExp(`^${key}:\\s*['"]?([\\w.-]+)`, 'm').exec(text)?.[1];
  const folder = basename(dirname(path));
  const [vendor, model] = [said('vendor'), said('model')];
  if (folder === 'templates' || vendor === undefined || model === undefined || vendor === folder) return undefined;
  const own = { path: basename(path), text };
  const others = readFolder(corpusDir).filter(
    (file) => file.path !== `${vendor}/${model}.yaml` && !file.path.startsWith('vectors/'),
  );
  const files = [own, ...others];
  return { files, only: new Set([own.path]), corpus: loadCorpus(files) };
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
