/** After this long in deficit a client is put out. */
const patienceMs = 30_000;
/** What may come at once, as seconds of the steady rate. */
const burstSeconds = 10;

export interface FloodVerdict {
  /** How long the acknowledgement is held back; 0: not at all. */
  readonly delayMs: number;
  readonly disconnect: boolean;
  /** The client just began to flood. */
  readonly began: boolean;
}

/** `rate` a second for ever, ten seconds' worth at once. */
export class TokenBucket {
  readonly #ratePerSecond: number;
  #tokens: number;
  #lastMs: number;

  constructor(ratePerSecond: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#tokens = ratePerSecond * burstSeconds;
    this.#lastMs = nowMs;
  }

  /** Takes, into debt where need be; returns how long the debt takes to earn, 0 where there is none. */
  take(nowMs: number, amount = 1): number {
    const earned = ((nowMs - this.#lastMs) * this.#ratePerSecond) / 1_000;
    this.#lastMs = nowMs;
    this.#tokens = Math.min(this.#ratePerSecond * burstSeconds, this.#tokens + earned) - amount;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1_000) / this.#ratePerSecond);
  }

  /** More than half of the burst is back. */
  get calm(): boolean {
    return this.#tokens > (this.#ratePerSecond * burstSeconds) / 2;
  }
}

/** Messages and bytes of one client: what is over either rate is slowed down to it. */
export class FloodGate {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  #floodingSinceMs: number | undefined;

  constructor(rate: { messagesPerSecond: number; bytesPerSecond: number }, nowMs: number) {
    this.#messages = new TokenBucket(rate.messagesPerSecond, nowMs);
    this.#bytes = new TokenBucket(rate.bytesPerSecond, nowMs);
  }

  get flooding(): boolean {
    return this.#floodingSinceMs !== undefined;
  }

  count(nowMs: number, bytes = 0): FloodVerdict {
    const delayMs = Math.max(this.#messages.take(nowMs), this.#bytes.take(nowMs, bytes));
    if (delayMs === 0) {
      // Calm again only when half the burst is back: a steady flood is one flood.
      if (this.#messages.calm && this.#bytes.calm) this.#floodingSinceMs = undefined;
      return { delayMs, disconnect: false, began: false };
    }
    const began = this.#floodingSinceMs === undefined;
    this.#floodingSinceMs ??= nowMs;
    return { delayMs, disconnect: nowMs - this.#floodingSinceMs > patienceMs || delayMs > patienceMs, began };
  }
}
