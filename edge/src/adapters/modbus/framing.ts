import type { PduRequest } from './pdu.js';

/** How requests and replies are wrapped on a link. `rtu` serves serial lines and RTU through a TCP tunnel alike. */
export type FramingKind = 'mbap' | 'rtu';

export interface FramingCounters {
  /** Bytes thrown away while looking for a frame. */
  skippedBytes: number;
  corruptFrames: number;
  /** Whole frames that nobody waited for: late, doubled, of another unit or of another master. */
  strayFrames: number;
}

export const newFramingCounters = (): FramingCounters => ({ skippedBytes: 0, corruptFrames: 0, strayFrames: 0 });

export interface Reply {
  /** Undefined where the framing has none (RTU). */
  readonly transactionId: number | undefined;
  readonly unitId: number;
  readonly pdu: Buffer;
}

/** Pure, one direction each: a request to bytes, chunks of bytes to replies. */
export interface Framing {
  wrap(transactionId: number, unitId: number, request: PduRequest<unknown>): Buffer;
  /** Takes a chunk, gives the replies that are whole now. Throws `BrokenStream` when no boundary can be found again. */
  push(chunk: Buffer): Reply[];
  /** Forgets what has come so far; called before each request. */
  reset(): void;
}

/** The stream cannot be cut into frames any more: only a new connection helps. */
export class BrokenStream extends Error {}
