import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HubError } from '@hallhub/shared';
import type { CorpusFile } from '@hallhub/shared/profile';

/** The profiles that come with HallHub: beside the packages, from source and built alike. */
export const corpusDir = fileURLToPath(new URL('../../../firmware-profiles', import.meta.url));

const slashes = (path: string) => path.split(sep).join('/');
const isCorpusFile = (name: string) => /\.(ya?ml|json)$/.test(name) && !name.endsWith('.schema.json');

/** All profile and vector files below a folder, with paths relative to it. */
export const readFolder = (dir: string): CorpusFile[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => isCorpusFile(name) && statSync(join(dir, name)).isFile())
    .map((name) => ({ path: slashes(name), text: readFileSync(join(dir, name), 'utf8') }));

/**
 * A profile with its vectors, a folder of them, or the whole corpus when nothing is named.
 * @throws HubError `not_found`
 */
export const readProfiles = (target: string | undefined): CorpusFile[] => {
  const path = resolve(target ?? corpusDir);
  try {
    if (statSync(path).isDirectory()) return readFolder(path);
    const vendorDir = dirname(path);
    const root = dirname(vendorDir);
    const vectors = join(root, 'vectors', relative(root, path).replace(/\.ya?ml$/, '.json'));
    return [path, vectors].flatMap((file) => {
      const text = readIfThere(file);
      return text === undefined ? [] : [{ path: slashes(relative(root, file)), text }];
    });
  } catch (cause) {
    throw new HubError('not_found', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
