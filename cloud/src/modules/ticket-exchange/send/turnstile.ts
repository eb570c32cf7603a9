/** Lets so many in at a time; the rest wait in the order in which they came. */
export class Turnstile {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(readonly most: number) {}

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.most) this.#inside += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever leaves hands the place on: nobody who comes meanwhile takes it.
      if (next) next();
      else this.#inside -= 1;
    }
  }
}
