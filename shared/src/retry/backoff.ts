export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Share of the delay that is random, 0..1, so that many clients do not come back at once. */
  readonly jitter?: number;
  readonly random?: () => number;
}

/** Exponential back-off: `nextMs()` doubles up to `maxMs`; `reset()` after success. */
export class Backoff {
  #attempt = 0;
  readonly #options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get attempt(): number {
    return this.#attempt;
  }

  nextMs(): number {
    const { firstMs, maxMs, jitter = 0.2, random = Math.random } = this.#options;
    const base = Math.min(maxMs, firstMs * 2 ** Math.min(this.#attempt++, 30));
    return Math.round(base * (1 - jitter * random()));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
