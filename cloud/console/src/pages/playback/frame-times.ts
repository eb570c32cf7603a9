/** When pictures begin, ms, in order and each once: what single steps go along. */
export class FrameTimes {
  #times: number[] = [];

  get first(): number | undefined {
    return this.#times[0];
  }

  get last(): number | undefined {
    return this.#times.at(-1);
  }

  get size(): number {
    return this.#times.length;
  }

  add(at: number): void {
    const i = this.#after(at - nearMs);
    if (Math.abs((this.#times[i] ?? Number.NaN) - at) <= nearMs) return;
    this.#times.splice(i, 0, at);
  }

  /** The picture that is shown at that time. */
  at(time: number): number | undefined {
    return this.#times[this.#after(time + nearMs) - 1];
  }

  next(time: number): number | undefined {
    return this.#times[this.#after(time + nearMs)];
  }

  before(time: number): number | undefined {
    return this.#times[this.#after(time + nearMs) - 2];
  }

  /** Forgets what is outside. */
  keep(from: number, to: number): void {
    this.#times = this.#times.slice(this.#after(from - nearMs), this.#after(to + nearMs));
  }

  clear(): void {
    this.#times = [];
  }

  /** The first place of what is later. */
  #after(time: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Times of one picture that differ by no more than rounding. */
const nearMs = 2;
