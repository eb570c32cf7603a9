/** What is to be ended, last first; each is ended whatever the others say. */
export class Kept implements AsyncDisposable {
  readonly #ends: (() => unknown)[] = [];

  use<T extends AsyncDisposable>(one: T): T {
    this.#ends.push(() => one[Symbol.asyncDispose]());
    return one;
  }

  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const problems: unknown[] = [];
    for (const end of this.#ends.reverse()) {
      try {
        await end();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
  }
}
