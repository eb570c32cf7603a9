import { TokenBucket } from '../listeners/token-bucket.js';

export interface UnitRateLimits {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Ten times what a full hall with a backlog sends over a good line. */
export const defaultUnitRates: UnitRateLimits = { messagesPerSecond: 200, bytesPerSecond: 4 * 1_048_576 };

/** What may come at once, in seconds of the steady rate. */
const burstSeconds = 10;

export interface RateVerdict {
  /** How long the acknowledgement, and with it the reading, is held back. */
  readonly delayMs: number;
  /** It has just gone over its limit, or has just come back to calm. */
  readonly turn: 'began' | 'ended' | null;
}

const free: RateVerdict = { delayMs: 0, turn: null };

/** Messages and bytes of one unit: what is over is slowed down to the rate, by not reading on; nothing is lost by it. */
export class UnitRates {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  #flooding = false;

  constructor(limits: UnitRateLimits, nowMs: number) {
    const bucket = (perSecond: number) => new TokenBucket({ perSecond, burst: perSecond * burstSeconds }, nowMs);
    this.#messages = bucket(limits.messagesPerSecond);
    this.#bytes = bucket(limits.bytesPerSecond);
  }

  get flooding(): boolean {
    return this.#flooding;
  }

  take(nowMs: number, bytes: number): RateVerdict {
    const delayMs = Math.max(this.#messages.owe(nowMs, 1), this.#bytes.owe(nowMs, bytes));
    if (delayMs > 0) {
      const began = !this.#flooding;
      this.#flooding = true;
      return { delayMs, turn: began ? 'began' : null };
    }
    if (this.#flooding && this.isCalm(nowMs)) {
      this.#flooding = false;
      return { delayMs: 0, turn: 'ended' };
    }
    return free;
  }

  /** A steady flood is one flood: calm is when half of the burst is back. */
  isCalm(nowMs: number): boolean {
    return this.#messages.isCalm(nowMs) && this.#bytes.isCalm(nowMs);
  }
}
