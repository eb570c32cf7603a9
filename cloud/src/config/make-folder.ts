import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Step by step: Node's own `recursive` never returns where a file system answers ENOENT to every mkdir (/proc). */
export const makeFolder = (folder: string): void => {
  const missing: string[] = [];
  let at = resolve(folder);
  for (; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const step of missing) {
    try {
      mkdirSync(step);
    } catch (error) {
      // Made by another process meanwhile; a file in the way is found by whoever writes below it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};
