import type { Clock } from '@hallhub/shared';
import type { Logger } from '../ports/index.js';

/** What the agent does beside everything else, until it is stopped. A chore that fails is told and harms no other one. */
export class Chores {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Aborted when the agent stops. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  every(intervalMs: number, action: () => Promise<void> | void): void {
    this.run(async (signal) => {
      for (;;) {
        await this.#clock.sleep(intervalMs, signal);
        try {
          await action();
        } catch (error) {
          this.#logger.error({ error: String(error) }, 'a chore failed; it is tried again');
        }
      }
    });
  }

  run(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this;
    const chore: Promise<void> = work(signal)
      .catch((error) => {
        if (!signal.aborted) this.#logger.error({ error: String(error) }, 'a chore ended');
      })
      .finally(() => this.#running.delete(chore));
    this.#running.add(chore);
  }

  stop(): void {
    this.#stopping.abort(new Error('stopped'));
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}
