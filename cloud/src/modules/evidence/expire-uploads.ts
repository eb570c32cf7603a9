import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uploadIdPattern } from './draft-store.js';

/**
 * Drops uploads that nothing was added to since `before`, epoch ms; gives how many. Also halves: a process may be killed between the bytes and the note of them.
 * Names that are not an upload's stay.
 */
export const expireUploads = async (
  folder: string,
  before: number,
  /** Nobody writes to it while `work` runs. */
  hold: (uploadId: string, work: () => Promise<void>) => Promise<void>,
): Promise<number> => {
  const names = (await readdir(folder)).map((name) => name.replace(/\.json$/, ''));
  let dropped = 0;
  for (const id of new Set(names.filter((name) => uploadIdPattern.test(name)))) {
    const files = [join(folder, id), join(folder, `${id}.json`)];
    const isOld = async () => Math.max(...(await Promise.all(files.map(changedAt)))) < before;
    if (!(await isOld())) continue;
    await hold(id, async () => {
      // It may have gone on meanwhile.
      if (!(await isOld())) return;
      for (const file of files) await rm(file, { force: true });
      dropped += 1;
    });
  }
  return dropped;
};

/** Long ago where it is not there (any more): another process may have ended the upload meanwhile. */
const changedAt = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
};
