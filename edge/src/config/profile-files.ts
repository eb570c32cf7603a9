import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CorpusFile } from '@hallhub/shared/profile';

const maxFileBytes = 1_048_576;

export interface ProfileFiles {
  readonly files: readonly CorpusFile[];
  /** What could not be read. */
  readonly issues: readonly string[];
}

/** The folder by edge.yaml or HALLHUB_PROFILES; else the packaged one, or the repository's. */
export const findProfileFolder = (configured: string | undefined, configFile: string): string | undefined => {
  if (configured) return path.resolve(path.dirname(configFile), configured);
  if (process.env.HALLHUB_PROFILES) return path.resolve(process.env.HALLHUB_PROFILES);
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const candidate = path.join(dir, 'firmware-profiles');
    if (existsSync(candidate)) return candidate;
    if (dir === path.dirname(dir)) return undefined;
  }
};

/** The folders below which profiles and templates lie, the root first. */
export const profileFolders = (root: string): string[] => [
  root,
  ...readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.name !== 'vectors' && (entry.isDirectory() || isLinkToFolder(root, entry)))
    .map((entry) => path.join(root, entry.name)),
];

const isLinkToFolder = (root: string, entry: Dirent): boolean => {
  try {
    return entry.isSymbolicLink() && statSync(path.join(root, entry.name)).isDirectory();
  } catch {
    // It leads nowhere: there is nothing to read.
    return false;
  }
};

/** Reads all profiles and templates; vectors are nothing to a unit. Never throws. */
export const readProfileFiles = (root: string): ProfileFiles => {
  const files: CorpusFile[] = [];
  const issues: string[] = [];
  eachFile(root, issues, (relative, file, size) => {
    if (size > maxFileBytes) issues.push(`${relative}:1:1: the file is over ${maxFileBytes} bytes`);
    else files.push({ path: relative, text: readFileSync(file, 'utf8') });
  });
  return { files, issues };
};

/** Changes whenever a file comes, goes or is written. */
export const profileSignature = (root: string): string => {
  const lines: string[] = [];
  eachFile(root, lines, (relative, file, size) => lines.push(`${relative} ${size} ${statSync(file).mtimeMs}`));
  return lines.join('\n');
};

const eachFile = (
  root: string,
  issues: string[],
  visit: (relative: string, file: string, size: number) => void,
): void => {
  try {
    for (const folder of profileFolders(root).slice(1)) {
      for (const name of readdirSync(folder).sort()) {
        if (!/\.ya?ml$/.test(name)) continue;
        const relative = `${path.basename(folder)}/${name}`;
        try {
          const file = path.join(folder, name);
          const found = statSync(file);
          // Reading a pipe or a device would never end.
          if (found.isFile()) visit(relative, file, found.size);
          else issues.push(`${relative}:1:1: it is no file`);
        } catch (error) {
          issues.push(`${relative}: ${(error as Error).message}`);
        }
      }
    }
  } catch (error) {
    issues.push(`${root}: ${(error as Error).message}`);
  }
};
