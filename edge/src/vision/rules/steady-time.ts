/** Between two pictures at most: a longer step is a gap, in which nobody looked. */
const longestStepMs = 10_000;

export interface Step {
  /** Time that passed while somebody looked; 0 over a gap. */
  readonly ms: number;
  /** The clock jumped, or nobody looked for long: durations do not go on over it. */
  readonly isGap: boolean;
}

/** Durations out of a wall clock that may jump either way: they never shrink and never leap. */
export class SteadyTime {
  #lastMs: number | undefined;

  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  advance(atMs: number): Step {
    const last = this.#lastMs;
    this.#lastMs = atMs;
    if (last === undefined) return { ms: 0, isGap: false };
    const ms = atMs - last;
    return ms < 0 || ms > longestStepMs ? { ms: 0, isGap: true } : { ms, isGap: false };
  }

  restore(lastMs: number | undefined): void {
    this.#lastMs = lastMs;
  }
}

/** A bucket (minute, hour) is told once: a clock that goes back a little adds to the one it was in. */
export const bucketStart = (atMs: number, sizeMs: number, current: number | undefined): number => {
  const start = Math.floor(atMs / sizeMs) * sizeMs;
  return current !== undefined && start < current && current - start <= 10 * sizeMs ? current : start;
};
