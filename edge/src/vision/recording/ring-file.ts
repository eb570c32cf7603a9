import { type FileHandle, open } from 'node:fs/promises';
import { type FragmentMark, markBytes, readMark } from './fragment-mark.js';

/** A fragment in a file of the ring. */
export interface RingEntry extends FragmentMark {
  /** Of the fragment itself, behind its mark. */
  readonly offset: number;
}

export interface RingIndex {
  /** `ftyp` and `moov`. */
  readonly init: Buffer;
  readonly entries: readonly RingEntry[];
  /** What is whole; a file may be longer after a power cut. */
  readonly wholeBytes: number;
}

const maxInitBytes = 1_048_576;
const readAheadBytes = 65_536;

/** Walks over the marks of a file of the ring, up to the last whole fragment. Undefined: not even the beginning is whole. */
export const indexRingFile = async (file: string): Promise<RingIndex | undefined> => {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const init = await readInit(handle, size);
    if (!init) return undefined;
    const entries: RingEntry[] = [];
    let at = init.length;
    while (at + markBytes <= size) {
      const mark = readMark(await readAt(handle, at, markBytes));
      if (!mark || at + markBytes + mark.bytes > size) break;
      entries.push({ ...mark, offset: at + markBytes });
      at += markBytes + mark.bytes;
    }
    return { init, entries, wholeBytes: at };
  } finally {
    await handle.close();
  }
};

export const readAt = async (handle: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, offset + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
};

/** All boxes before the first mark; undefined where they are not whole. */
export const readInit = async (handle: FileHandle, size: number): Promise<Buffer | undefined> => {
  const head = await readAt(handle, 0, Math.min(size, readAheadBytes));
  let at = 0;
  while (at + 8 <= head.length) {
    const bytes = head.readUInt32BE(at);
    const type = head.toString('latin1', at + 4, at + 8);
    if (type === 'uuid' && at > 0) return head.subarray(0, at);
    if (bytes < 8 || at + bytes > Math.min(size, maxInitBytes)) return undefined;
    at += bytes;
    if (at >= head.length) break;
  }
  // Nothing but the beginning is there.
  return at > 0 && at === size ? head.subarray(0, at) : undefined;
};
