import type { Readable } from 'node:stream';

export interface BlobKey {
  readonly tenantId: string;
  /** Of the content, hex: the same content lies there once. */
  readonly sha256: string;
}

/** Where files are kept: whole, never changed, by their content. What is put there was checked before. */
export interface BlobStore {
  /** Takes a file over; it is on disk, and gone from where it was, when this resolves. */
  adopt(key: BlobKey, file: string): Promise<void>;
  /** Size in bytes; undefined: not there. */
  stat(key: BlobKey): Promise<number | undefined>;
  /** `end` counts in. Throws `not_found`. */
  open(key: BlobKey, range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** Nothing happens where it is not there. */
  remove(key: BlobKey): Promise<void>;
}
