/** After this long in deficit a client is put out. */
const patienceMs = 30_000;

export interface FloodVerdict {
  /** How long the acknowledgement is held back; 0: not at all. */
  readonly delayMs: number;
  readonly disconnect: boolean;
  /** The client just began to flood. */
  readonly began: boolean;
}

/** A token bucket: `rate` messages a second for ever, ten seconds' worth at once. What is over is slowed down to the rate. */
export class FloodGate {
  readonly #ratePerSecond: number;
  readonly #burst: number;
  #tokens: number;
  #lastMs: number;
  #floodingSinceMs: number | undefined;

  constructor(ratePerSecond: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = ratePerSecond * 10;
    this.#tokens = this.#burst;
    this.#lastMs = nowMs;
  }

  get flooding(): boolean {
    return this.#floodingSinceMs !== undefined;
  }

  count(nowMs: number): FloodVerdict {
    const earned = ((nowMs - this.#lastMs) * this.#ratePerSecond) / 1_000;
    this.#lastMs = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned) - 1;
    if (this.#tokens >= 0) {
      // Calm again only when half the burst is back: a steady flood is one flood.
      if (this.#tokens > this.#burst / 2) this.#floodingSinceMs = undefined;
      return { delayMs: 0, disconnect: false, began: false };
    }
    const began = this.#floodingSinceMs === undefined;
    this.#floodingSinceMs ??= nowMs;
    const delayMs = Math.ceil((-this.#tokens * 1_000) / this.#ratePerSecond);
    return { delayMs, disconnect: nowMs - this.#floodingSinceMs > patienceMs || delayMs > patienceMs, began };
  }
}
