import { type Clock, HubError } from '@hallhub/shared';

/** A bucket of `burst` tokens that refills `perMinute`; keys are forgotten when full again, and bounded. */
export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(
    readonly clock: Clock,
    readonly options: { readonly burst: number; readonly perMinute: number; readonly maxKeys?: number },
  ) {}

  /** Takes one token of each key, or throws `rate_limited` with `retryAfterMs`. */
  take(...keys: readonly string[]): void {
    const nowMs = this.clock.monotonicMs();
    const waits = keys.map((key) => this.#waitMs(key, nowMs));
    const waitMs = Math.max(0, ...waits);
    if (waitMs > 0) {
      throw new HubError('rate_limited', 'Too many attempts', { context: { retryAfterMs: Math.ceil(waitMs) } });
    }
    for (const key of keys) this.#spend(key, nowMs);
  }

  /** Gives a key its full burst back, e.g. after a sign-in that succeeded. */
  reset(key: string): void {
    this.#buckets.delete(key);
  }

  #tokens(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.options.burst;
    return Math.min(this.options.burst, bucket.tokens + ((nowMs - bucket.atMs) / 60_000) * this.options.perMinute);
  }

  #waitMs(key: string, nowMs: number): number {
    const tokens = this.#tokens(key, nowMs);
    return tokens >= 1 ? 0 : ((1 - tokens) / this.options.perMinute) * 60_000;
  }

  #spend(key: string, nowMs: number): void {
    const tokens = this.#tokens(key, nowMs) - 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, atMs: nowMs });
    const maxKeys = this.options.maxKeys ?? 10_000;
    if (this.#buckets.size <= maxKeys) return;
    // The oldest go first: an attacker with many addresses can only make the limit forget, never the memory grow.
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
