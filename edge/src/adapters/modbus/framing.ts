/** How requests and replies are wrapped on a link. `rtu` serves serial lines and RTU through a TCP tunnel alike. */
export type FramingKind = 'mbap' | 'rtu';

export interface FramingCounters {
  /** Bytes thrown away while looking for a frame. */
  skippedBytes: number;
  corruptFrames: number;
  /** Whole frames that nobody waited for: late, doubled or of another master. */
  strayFrames: number;
}

export const newFramingCounters = (): FramingCounters => ({ skippedBytes: 0, corruptFrames: 0, strayFrames: 0 });

/** A reply as the unit id, the PDU and the CRC: the shape of an RTU frame, whatever the link carried. */
export interface Reply {
  readonly transactionId: number;
  readonly frame: Buffer;
}

/** Pure, one direction each: a request to bytes, chunks of bytes to replies. */
export interface Framing {
  /** `frame` is an RTU frame with its CRC. */
  wrap(transactionId: number, frame: Buffer): Buffer;
  /** Takes a chunk, gives the replies that are whole now. Throws `BrokenStream` when no boundary can be found again. */
  push(chunk: Buffer): Reply[];
  /** Forgets what has come so far; called before each request. */
  reset(): void;
}

/** The stream cannot be cut into frames any more: only a new connection helps. */
export class BrokenStream extends Error {}
