import { statfs } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';

/** What files leave free on their disk: the database and its journal may lie there too. */
export const keptFreeBytes = 536_870_912;

/** Of the file system of a folder that is there; undefined where nobody can tell. */
export const freeBytesOf = async (folder: string): Promise<number | undefined> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
};

/** Throws `store_full` where so many bytes more would leave less than `keptFreeBytes`. */
export const assertRoom = (freeBytes: number | undefined, bytes: number): void => {
  if (freeBytes === undefined || freeBytes - bytes >= keptFreeBytes) return;
  throw new HubError('store_full', 'There is no room for this file on the cloud’s disk', {
    context: { freeBytes, bytes, keptFreeBytes },
    hint: 'Make room on the disk of its data folder: DATA/blobs holds evidence, HALLHUB_EVIDENCE_DAYS bounds it.',
  });
};
