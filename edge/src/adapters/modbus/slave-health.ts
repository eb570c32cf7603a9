import { Backoff } from '@hallhub/shared';

/** How often a silent slave is looked for: soon at first, then ever more rarely, so that its time-outs do not slow the bus. */
export class SlaveHealth {
  readonly #backoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0 });
  #silentUntilMs = 0;
  #failures = 0;

  /** Requests in a row without any answer. */
  get failures(): number {
    return this.#failures;
  }

  get isSilent(): boolean {
    return this.#failures > 0;
  }

  /** Monotonic ms before which the slave is left alone. */
  get notBeforeMs(): number {
    return this.#silentUntilMs;
  }

  silent(nowMs: number): void {
    this.#failures++;
    this.#silentUntilMs = nowMs + this.#backoff.nextMs();
  }

  /** It answered, be it with an exception. */
  answered(): void {
    this.#failures = 0;
    this.#silentUntilMs = 0;
    this.#backoff.reset();
  }
}
