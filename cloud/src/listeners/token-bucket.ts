/** `perSecond` for ever, `burst` at once. Starts full. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(limits: { readonly perSecond: number; readonly burst: number }, nowMs: number) {
    this.#perSecond = limits.perSecond;
    this.#burst = limits.burst;
    this.#tokens = limits.burst;
    this.#atMs = nowMs;
  }

  /** Takes if `amount` is there; returns 0, else the time until it will be, and takes nothing. */
  take(nowMs: number, amount = 1): number {
    this.#earn(nowMs);
    if (this.#tokens < amount) return this.#waitMs(amount);
    this.#tokens -= amount;
    return 0;
  }

  /** Takes whatever is there, into debt where need be; returns how long the debt takes to earn. */
  owe(nowMs: number, amount: number): number {
    this.#earn(nowMs);
    this.#tokens -= amount;
    return this.#waitMs(0);
  }

  /** At least half of the burst is there. */
  isCalm(nowMs: number): boolean {
    this.#earn(nowMs);
    return this.#tokens * 2 >= this.#burst;
  }

  #earn(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1_000);
    this.#atMs = nowMs;
  }

  #waitMs(amount: number): number {
    return this.#tokens >= amount ? 0 : Math.ceil(((amount - this.#tokens) * 1_000) / this.#perSecond);
  }
}
