import type { Clock } from '@hallhub/shared';

export const lowDataModes = ['off', 'auto', 'on'] as const;
export type LowDataMode = (typeof lowDataModes)[number];

/** 128 kbit/s and 256 kbit/s. */
const lowBelow = 16_000;
const enoughFrom = 32_000;
const lowAfterMs = 10_000;
const enoughAfterMs = 60_000;

/** Whether to spare the line: as it is set, or by what the line carries, with a pause before each change. */
export class LowDataSwitch {
  readonly #options: { clock: Clock; mode: LowDataMode; onChange: (on: boolean) => void };
  #on: boolean;
  /** Since when the line says otherwise, monotonic. */
  #otherSinceMs: number | undefined;

  constructor(options: { clock: Clock; mode: LowDataMode; onChange: (on: boolean) => void }) {
    this.#options = options;
    this.#on = options.mode === 'on';
  }

  get on(): boolean {
    return this.#on;
  }

  /** `bytesPerSecond` undefined: more than can be told. */
  look(bytesPerSecond: number | undefined): void {
    const { clock, mode, onChange } = this.#options;
    if (mode !== 'auto') return;
    const rate = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    const isOther = this.#on ? rate >= enoughFrom : rate < lowBelow;
    if (!isOther) {
      this.#otherSinceMs = undefined;
      return;
    }
    const nowMs = clock.monotonicMs();
    this.#otherSinceMs ??= nowMs;
    if (nowMs - this.#otherSinceMs < (this.#on ? enoughAfterMs : lowAfterMs)) return;
    this.#otherSinceMs = undefined;
    this.#on = !this.#on;
    onChange(this.#on);
  }
}
