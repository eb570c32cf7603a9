/**
 * One task at a time for each key, `maxRunning` at a time in all, `maxWaiting` waiting for a key; more are turned away.
 * Keys that are idle cost nothing.
 */
export class KeyedQueue {
  readonly #waiting = new Map<string, (() => Promise<void>)[]>();
  readonly #ready: string[] = [];
  readonly #limits: { readonly maxRunning: number; readonly maxWaiting: number };
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(limits: { readonly maxRunning: number; readonly maxWaiting: number }) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  /** False: the key has enough waiting already, and the task was not taken. A task must not throw. */
  push(key: string, task: () => Promise<void>): boolean {
    const queue = this.#waiting.get(key);
    if (queue) {
      if (queue.length > this.#limits.maxWaiting) return false;
      queue.push(task);
      return true;
    }
    this.#waiting.set(key, [task]);
    this.#ready.push(key);
    this.#startReady();
    return true;
  }

  /** Resolves when nothing runs or waits. */
  idle(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #startReady(): void {
    while (this.#running < this.#limits.maxRunning) {
      const key = this.#ready.shift();
      if (key === undefined) return;
      this.#running++;
      void this.#runOne(key);
    }
  }

  async #runOne(key: string): Promise<void> {
    const queue = this.#waiting.get(key)!;
    try {
      await queue[0]!();
    } finally {
      this.#running--;
      queue.shift();
      // Back to the end of the line: a busy stream does not starve the others.
      if (queue.length > 0) this.#ready.push(key);
      else this.#waiting.delete(key);
      this.#startReady();
      if (this.#waiting.size === 0) for (const done of this.#idle.splice(0)) done();
    }
  }
}
