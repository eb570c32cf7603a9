import type { Clock } from '@hallhub/shared';

/** Bytes that may go: `rate` a second, two seconds' worth at once unless said otherwise. It may be overdrawn, which the next ones wait for. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
  #level: number;
  #atMs: number;

  constructor(clock: Clock, bytesPerSecond: number, burstBytes = bytesPerSecond * 2) {
    this.#clock = clock;
    this.bytesPerSecond = bytesPerSecond;
    this.burstBytes = burstBytes;
    this.#level = this.burstBytes;
    this.#atMs = clock.monotonicMs();
  }

  get level(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#level = Math.min(this.burstBytes, this.#level + ((nowMs - this.#atMs) * this.bytesPerSecond) / 1_000);
    this.#atMs = nowMs;
    return this.#level;
  }

  take(bytes: number): void {
    this.#level = this.level - bytes;
  }

  /** Until the level is at least that. */
  waitMs(level: number): number {
    return Math.max(0, ((level - this.level) / this.bytesPerSecond) * 1_000);
  }
}
