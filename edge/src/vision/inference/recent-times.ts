/** The last durations, for percentiles; the memory of it does not grow. */
export class RecentTimes {
  readonly #kept: Float64Array;
  #count = 0;

  constructor(size = 256) {
    this.#kept = new Float64Array(size);
  }

  add(ms: number): void {
    this.#kept[this.#count++ % this.#kept.length] = ms;
  }

  /** Nearest rank; undefined where there was none yet. */
  percentile(share: number): number | undefined {
    const length = Math.min(this.#count, this.#kept.length);
    if (length === 0) return undefined;
    const sorted = this.#kept.slice(0, length).sort();
    return sorted[Math.min(length - 1, Math.max(0, Math.ceil(share * length) - 1))];
  }
}
