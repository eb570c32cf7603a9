import { rename, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { RingSegment } from './recording-ring.js';
import { indexRingFile } from './ring-file.js';
import { seqName } from './ring-folder.js';

/** Closes a file whose end was not written: cut at its last whole fragment. Undefined: nothing in it was whole, and it is gone. */
export const mendRingFile = async (file: string, seq: number): Promise<RingSegment | undefined> => {
  const index = await indexRingFile(file);
  const [first, last] = [index?.entries[0], index?.entries.at(-1)];
  if (!index || !first || !last) {
    await rm(file, { force: true });
    return undefined;
  }
  await truncate(file, index.wholeBytes);
  const startMs = Math.round(first.atMs);
  const endMs = Math.round(Math.max(startMs, last.atMs + last.durationMs));
  const whole = path.join(path.dirname(file), `${seqName(seq)}-${startMs}-${endMs}.mp4`);
  await rename(file, whole);
  return { seq, file: whole, startMs, endMs, bytes: index.wholeBytes };
};
