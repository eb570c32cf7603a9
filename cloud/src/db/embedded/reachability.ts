import { type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ServerAccount } from './server-account.js';

const allows = (stats: Stats, account: ServerAccount, bit: 0o1 | 0o4): boolean => {
  if (stats.uid === account.uid) return (stats.mode & (bit << 6)) !== 0;
  if (stats.gid === account.gid) return (stats.mode & (bit << 3)) !== 0;
  return (stats.mode & bit) !== 0;
};

/** The nearest folder on the way to `path` that the account may not pass, or undefined where it may pass all. */
export const blockingFolder = (path: string, account: ServerAccount): string | undefined => {
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of folders) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (!stats) return undefined;
    if (stats.isDirectory() && !allows(stats, account, 0o1)) return folder;
  }
  return undefined;
};
