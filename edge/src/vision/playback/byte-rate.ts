import type { Clock } from '@hallhub/shared';

/** A rate that all takers share, in the order they asked: a second's worth may go at once. */
export class ByteRate {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When all that was taken is paid for. */
  #paidAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Resolves when that much may go. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const fromMs = Math.max(this.#paidAtMs, nowMs - 1_000);
    this.#paidAtMs = fromMs + (bytes / this.#perSecond) * 1_000;
    const waitMs = this.#paidAtMs - nowMs;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
