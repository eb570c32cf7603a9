import { HubError } from '@hallhub/shared';
import { ByteQueue } from './byte-queue.js';

/** ISO/IEC 14496-12, 4.2. */
export interface Mp4Box {
  readonly type: string;
  /** With its header. */
  readonly bytes: Uint8Array;
  /** Where the payload begins in `bytes`. */
  readonly start: number;
}

const headerBytes = 16;

const typeAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
export const uint16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
export const uint32 = (bytes: Uint8Array, at: number): number => uint16(bytes, at) * 65_536 + uint16(bytes, at + 2);
export const uint64 = (bytes: Uint8Array, at: number): number =>
  uint32(bytes, at) * 4_294_967_296 + uint32(bytes, at + 4);

const sizeOf = (header: Uint8Array): { size: number; start: number } => {
  const short = uint32(header, 0);
  return short === 1 ? { size: uint64(header, 8), start: 16 } : { size: short, start: 8 };
};

/** Cuts a stream of bytes into its outermost boxes. Throws `protocol_violation`, after which the stream is of no use. */
export class Mp4BoxReader {
  readonly #queue = new ByteQueue();

  constructor(private readonly maxBoxBytes = 16 * 1024 * 1024) {}

  push(chunk: Uint8Array): Mp4Box[] {
    this.#queue.push(chunk);
    const boxes: Mp4Box[] = [];
    for (;;) {
      const first = this.#queue.peek(0, 8);
      if (!first) return boxes;
      const header = uint32(first, 0) === 1 ? this.#queue.peek(0, headerBytes) : first;
      if (!header) return boxes;
      const { size, start } = sizeOf(header);
      const type = typeAt(header, 4);
      if (size < start || size > this.maxBoxBytes || !/^[\x20-\x7e]{4}$/.test(type))
        throw new HubError('protocol_violation', 'the stream is no MP4 any more', { context: { size } });
      if (this.#queue.length < size) return boxes;
      boxes.push({ type, bytes: this.#queue.take(size), start });
    }
  }
}

/** Boxes inside `bytes` from `start` on; those that do not fit are left out. */
export function* boxesIn(bytes: Uint8Array, start: number, end = bytes.length): Generator<Mp4Box> {
  let at = start;
  while (at + 8 <= end) {
    const isLong = uint32(bytes, at) === 1;
    if (isLong && at + headerBytes > end) return;
    const { size, start: inside } = sizeOf(bytes.subarray(at, at + headerBytes));
    if (size < inside || at + size > end) return;
    yield { type: typeAt(bytes, at + 4), bytes: bytes.subarray(at, at + size), start: inside };
    at += size;
  }
}

/** The first box at that path of types; `moov/trak/mdia`. */
export const boxAt = (box: Mp4Box, path: string): Mp4Box | undefined => {
  let found: Mp4Box | undefined = box;
  for (const type of path.split('/')) {
    const parent: Mp4Box = found;
    found = [...boxesIn(parent.bytes, parent.start)].find((one) => one.type === type);
    if (!found) return undefined;
  }
  return found;
};
