/** Lets through so many a second, evenly. Times of a clock that does not jump. */
export class Pace {
  #nextMs = Number.NEGATIVE_INFINITY;

  /** Changes at once; 0: nothing is let through; infinity: everything. */
  constructor(public perSecond: number) {}

  /** True: now. A late one does not make the next ones come faster, a picture a little early is not put off to the next. */
  take(atMs: number): boolean {
    if (this.perSecond <= 0) return false;
    if (this.perSecond === Number.POSITIVE_INFINITY) return true;
    const stepMs = 1_000 / this.perSecond;
    if (atMs < this.#nextMs - stepMs * 0.25) return false;
    this.#nextMs = Math.max(this.#nextMs + stepMs, atMs + stepMs * 0.5);
    return true;
  }
}
