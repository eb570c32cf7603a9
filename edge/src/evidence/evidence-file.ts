import { type FileHandle, open } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import type { EvidenceRecord } from '../store/schema.js';

/** What is the matter with a file of ours that cannot be sent; undefined: the file is not to blame. */
export const faultOfFile = (error: unknown): 'lost' | 'damaged' | undefined => {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && syscall === 'open') return 'lost';
  if (code === 'EIO' || code === 'EUCLEAN') return 'damaged';
  return error instanceof HubError && error.context.evidence === 'short' ? 'damaged' : undefined;
};

/** A file as tus-js-client reads it: a piece at a time into memory, by one handle, which the caller closes. */
export class EvidenceFile implements AsyncDisposable {
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /** Throws what `faultOfFile` knows where the file is not there, or not as long as it was. */
  static async open(file: string, { bytes }: Pick<EvidenceRecord, 'bytes'>): Promise<EvidenceFile> {
    const handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size === bytes) return new EvidenceFile(handle, size);
    await handle.close();
    throw short(file);
  }

  async slice(start: number, end: number): Promise<{ value: Buffer & { size: number }; done: boolean }> {
    const value = Buffer.alloc(Math.max(0, Math.min(end, this.size) - start));
    for (let at = 0; at < value.length; ) {
      const { bytesRead } = await this.#handle.read(value, at, value.length - at, start + at);
      if (bytesRead === 0) throw short('the file');
      at += bytesRead;
    }
    return { value: Object.assign(value, { size: value.length }), done: end >= this.size };
  }

  /** tus-js-client calls it after a success alone: `Symbol.asyncDispose` closes. */
  close(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

const short = (file: string): HubError =>
  new HubError('store_corrupt', `${file} is not as long as it was`, { context: { evidence: 'short' } });
