import { readdir } from 'node:fs/promises';
import path from 'node:path';

export const closedName = /^(\d{10})-(\d+)-(\d+)\.mp4$/;
export const openName = /^(\d{10})-(\d+)\.part$/;

/** How a file's name begins. */
export const seqName = (seq: number): string => String(seq).padStart(10, '0');

/** A file of a ring as its name tells it. */
export interface RingFile {
  /** Counts up in the order of recording, whatever the clock did. */
  readonly seq: number;
  readonly file: string;
  /** Epoch ms by the unit's clock. */
  readonly startMs: number;
  /** Undefined: it is still written, or was when the power went. */
  readonly endMs: number | undefined;
}

/**
 * One camera's ring as any process sees it, in the order of recording; empty where nothing was ever recorded. It changes at any time: a file
 * gets its end, the oldest goes.
 */
export const listRingFiles = async (folder: string): Promise<RingFile[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.flatMap((name): RingFile[] => {
    const closed = closedName.exec(name);
    const found = closed ?? openName.exec(name);
    if (!found) return [];
    const endMs = closed ? Number(closed[3]) : undefined;
    return [{ seq: Number(found[1]), file: path.join(folder, name), startMs: Number(found[2]), endMs }];
  });
  return files.sort((a, b) => a.seq - b.seq);
};
