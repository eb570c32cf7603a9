import type { Clock } from '@hallhub/shared';

interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
  readonly monoMs: number;
}

const kept = 24;
const believedMs = 600_000;
/** From so many on the estimate is no longer that of a single answer. */
const settledFrom = 4;

/** What the last answers said about the clock. An answer may be wrong by half its round trip: quick ones say more. */
export class OffsetSamples {
  readonly #clock: Clock;
  #samples: readonly Sample[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isSettled(): boolean {
    return this.#samples.length >= settledFrom;
  }

  /** Between the quick answers, without what their round trips explain: a cloud of one mind has hardly any. */
  get spreadMs(): number {
    const quick = this.#quick();
    if (quick.length < settledFrom) return 0;
    const offsets = quick.map(({ offsetMs }) => offsetMs).sort((a, b) => a - b);
    // The middle half: one process out of many with a wrong clock is outvoted, not a disagreement.
    const at = (share: number) => offsets[Math.floor((offsets.length - 1) * share)] ?? 0;
    return Math.max(0, at(0.75) - at(0.25) - Math.max(...quick.map(({ roundTripMs }) => roundTripMs)));
  }

  /** Returns the estimate with it. */
  add(offsetMs: number, roundTripMs: number): number {
    const monoMs = this.#clock.monotonicMs();
    const fresh = this.#samples.filter((sample) => monoMs - sample.monoMs < believedMs);
    this.#samples = [...fresh.slice(1 - kept), { offsetMs, roundTripMs, monoMs }];
    const offsets = this.#quick()
      .map((sample) => sample.offsetMs)
      .sort((a, b) => a - b);
    const middle = Math.floor(offsets.length / 2);
    const upper = offsets[middle] ?? offsetMs;
    return offsets.length % 2 === 1 ? upper : ((offsets[middle - 1] ?? upper) + upper) / 2;
  }

  forget(): void {
    this.#samples = [];
  }

  take(): readonly Sample[] {
    return this.#samples;
  }

  give(samples: readonly Sample[]): void {
    this.#samples = samples;
  }

  #quick(): readonly Sample[] {
    const best = Math.min(...this.#samples.map(({ roundTripMs }) => roundTripMs));
    return this.#samples.filter(({ roundTripMs }) => roundTripMs <= best * 2 + 20);
  }
}
