import { createHash } from 'node:crypto';
import { seededRandom } from '../../random.js';

/** What goes wrong between the two, each a share of all calls, 0..1. */
export interface PlatformFaultSettings {
  /** A call of the hub’s is dropped before it is read. */
  readonly loseRequest?: number;
  /** The hub’s message is taken, and the answer lost. */
  readonly loseAnswer?: number;
  /** 500 instead of an answer, half of them after the message was taken. */
  readonly serverError?: number;
  /** Answered by somebody in between: 200, and no signature. */
  readonly unsignedAnswer?: number;
  /** A message of its own goes twice, one right after the other. */
  readonly sendTwice?: number;
  /** A message that the hub accepted long ago comes once more. */
  readonly sendOldAgain?: number;
  /** The next message about a ticket goes before the one whose turn it is. */
  readonly sendEarly?: number;
  /** First with a wrong signature. */
  readonly wrongSignature?: number;
  /** The answer comes late by so many ms. */
  readonly lateShare?: number;
  readonly lateMs?: number;
  /** Its own calls are cut off once they are sent: what the hub answers is never read. */
  readonly loseOwnAnswer?: number;
  /** A file of its own breaks off half way. */
  readonly cutUpload?: number;
  /** Files are forgotten after they were taken, as by a disk that was exchanged. */
  readonly loseFile?: number;
}

type Fault = Exclude<keyof PlatformFaultSettings, 'lateMs'>;

/** Says of each call what is to go wrong with it; the same seed, the same trouble: each fault has numbers of its own, whatever comes first. */
export class PlatformFaults {
  readonly #seed: number;
  readonly #random: () => number;
  readonly #own = new Map<Fault, () => number>();
  #settings: PlatformFaultSettings = {};
  readonly #counts = new Map<string, number>();

  constructor(seed = 1) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  set(settings: PlatformFaultSettings): void {
    this.#settings = settings;
  }

  clear(): void {
    this.#settings = {};
  }

  happens(kind: Fault): boolean {
    const share = this.#settings[kind] ?? 0;
    if (share === 0 || this.#numbersOf(kind)() >= share) return false;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return true;
  }

  get lateMs(): number {
    return this.#settings.lateMs ?? 50;
  }

  /** How often each happened. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  random(): number {
    return this.#random();
  }

  #numbersOf(kind: Fault): () => number {
    const own =
      this.#own.get(kind) ?? seededRandom(createHash('sha256').update(`${this.#seed} ${kind}`).digest().readUInt32BE());
    this.#own.set(kind, own);
    return own;
  }
}
