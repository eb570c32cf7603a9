import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import { readInitSegment, type TrackHeader } from '../pipeline/init-segment.js';
import { boxesIn } from '../pipeline/mp4-box.js';
import { markBytes, readMark } from './fragment-mark.js';
import { type RingEntry, readAt, readInit } from './ring-file.js';

const blockBytes = 256 * 1_024;

/** A file of the ring for reading along its fragments; it may still grow, be renamed or be deleted meanwhile. */
export class OpenRingFile {
  readonly header: TrackHeader;
  /** The same for the same picture, from whichever file. */
  readonly stream: string;
  /** Where the first fragment's mark lies. */
  readonly start: number;
  readonly handle: FileHandle;
  #size: number;
  #block: { readonly at: number; readonly bytes: Buffer } | undefined;

  private constructor(handle: FileHandle, init: Buffer, size: number) {
    this.handle = handle;
    this.#size = size;
    this.start = init.length;
    this.stream = createHash('sha256').update(init).digest('hex').slice(0, 32);
    const boxes = [...boxesIn(init, 0)];
    const [ftyp, moov] = ['ftyp', 'moov'].map((type) => boxes.find((box) => box.type === type));
    if (!ftyp || !moov) throw new HubError('protocol_violation', 'a recording without a beginning');
    this.header = readInitSegment(ftyp, moov);
  }

  /** Undefined: it is gone, or not even its beginning is whole. */
  static async open(file: string): Promise<OpenRingFile | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const { size } = await handle.stat();
      const init = await readInit(handle, size);
      if (init) return new OpenRingFile(handle, init, size);
    } catch (error) {
      await handle.close();
      if (error instanceof HubError && error.code === 'protocol_violation') return undefined;
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /** What the mark there says; undefined: nothing whole is there, or not yet. */
  async entryAt(at: number): Promise<RingEntry | undefined> {
    if (!(await this.#reaches(at + markBytes))) return undefined;
    const held = this.#held(at, markBytes);
    const mark = readMark(held ?? (await readAt(this.handle, at, markBytes)));
    return mark && (await this.#reaches(at + markBytes + mark.bytes)) ? { ...mark, offset: at + markBytes } : undefined;
  }

  /** Of the entry that follows. */
  static after({ offset, bytes }: RingEntry): number {
    return offset + bytes;
  }

  /** The fragment's bytes, read ahead by a block. Good until the next read. */
  async read({ offset, bytes }: RingEntry): Promise<Buffer> {
    const held = this.#held(offset, bytes);
    if (held) return held;
    const length = Math.min(Math.max(bytes, blockBytes), this.#size - offset);
    this.#block = { at: offset, bytes: await readAt(this.handle, offset, length) };
    return this.#held(offset, bytes) ?? Buffer.alloc(0);
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  #held(at: number, length: number): Buffer | undefined {
    const from = this.#block ? at - this.#block.at : -1;
    if (!this.#block || from < 0 || from + length > this.#block.bytes.length) return undefined;
    return this.#block.bytes.subarray(from, from + length);
  }

  async #reaches(end: number): Promise<boolean> {
    if (end > this.#size) this.#size = (await this.handle.stat()).size;
    return end <= this.#size;
  }
}
