import type { Clock } from '@hallhub/shared';

/** What a test or an operator can make a peer do wrong. Each knob acts on what the peer sends from then on. */
export interface FaultSettings {
  /** Share of answers swallowed, 0..1. */
  readonly dropShare?: number;
  /** Every answer waits this long. */
  readonly delayMs?: number;
  /** Share of answers with one bit turned over, 0..1. */
  readonly corruptShare?: number;
  /** Answers are cut to this many bytes. */
  readonly truncateTo?: number;
  /** Answers leave in pieces of this size, as slow lines deliver them. */
  readonly splitBytes?: number;
  /** The device says no to everything, in the words of its protocol. */
  readonly refuse?: boolean;
}

/** What an operator can make one simulated device do. */
export const faultKinds = [
  'none',
  'silent',
  'slow',
  'late',
  'corrupt',
  'truncate',
  'exception',
  'unplug',
  'flap',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * What an operator can make a camera's pictures do: the picture itself is wrong, it comes in bits (damaged, lossy, choppy,
 * stalled), or there is none any more.
 */
export const pictureFaultKinds = [
  'frozen',
  'black',
  'covered',
  'moved',
  'blurred',
  'resized',
  'damaged',
  'lossy',
  'choppy',
  'stalled',
  'restarted',
  'no-stream',
  'password-changed',
] as const;
export type PictureFaultKind = (typeof pictureFaultKinds)[number];

export const isPictureFault = (kind: FaultKind | PictureFaultKind): kind is PictureFaultKind =>
  (pictureFaultKinds as readonly string[]).includes(kind);

/** Behind every time-out that a profile may state by default. */
const lateMs = 2_500;

/** What the peers send under a fault; unplugging and flapping are done at the plug. */
export const faultSettings = (kind: FaultKind): FaultSettings => {
  switch (kind) {
    case 'silent':
      return { dropShare: 1 };
    case 'slow':
      return { delayMs: 400, splitBytes: 4 };
    case 'late':
      return { delayMs: lateMs };
    case 'corrupt':
      return { corruptShare: 1 };
    case 'truncate':
      return { truncateTo: 4 };
    case 'exception':
      return { refuse: true };
    default:
      return {};
  }
};

export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly delayMs: number;
}

/** Turns one answer into what really leaves: nothing, one piece, or several, late or damaged. */
export class Faults {
  #settings: FaultSettings = {};
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get settings(): FaultSettings {
    return this.#settings;
  }

  set(settings: FaultSettings): void {
    this.#settings = settings;
  }

  clear(): void {
    this.#settings = {};
  }

  apply(answer: Uint8Array): Outgoing[] {
    const { dropShare = 0, delayMs = 0, corruptShare = 0, truncateTo, splitBytes } = this.#settings;
    if (this.#random() < dropShare) return [];
    let bytes = Uint8Array.from(answer);
    if (bytes.length > 0 && this.#random() < corruptShare) {
      const at = Math.floor(this.#random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
    }
    if (truncateTo !== undefined) bytes = bytes.subarray(0, truncateTo);
    if (splitBytes === undefined || splitBytes >= bytes.length) return [{ bytes, delayMs }];
    const pieces: Outgoing[] = [];
    for (let at = 0; at < bytes.length; at += splitBytes) {
      pieces.push({ bytes: bytes.subarray(at, at + splitBytes), delayMs: delayMs + (at / splitBytes) * 5 });
    }
    return pieces;
  }
}

/** Sends an answer through the faults; pieces keep their order because delays only grow. */
export const sendThrough = (
  faults: Faults,
  answer: Uint8Array,
  options: { clock: Clock; write: (bytes: Uint8Array) => void },
): void => {
  for (const piece of faults.apply(answer)) {
    if (piece.delayMs <= 0) options.write(piece.bytes);
    else options.clock.setTimeout(() => options.write(piece.bytes), piece.delayMs);
  }
};
