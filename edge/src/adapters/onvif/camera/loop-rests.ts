import type { Clock } from '@hallhub/shared';
import { abortScope } from '../../abort-scope.js';

/** The pauses of named loops, which can be cut short. A call that comes while a loop works is kept for its next pause. */
export class LoopRests {
  readonly #calls = new Map<string, () => void>();
  readonly #due = new Set<string>();

  constructor(private readonly clock: Clock) {}

  hurry(name: string): void {
    const call = this.#calls.get(name);
    if (call) call();
    else this.#due.add(name);
  }

  /** Sleeps until the time is over, the loop is hurried, or the signal aborts. */
  async rest(name: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#due.delete(name)) return;
    using scope = abortScope(signal);
    using _ = this.instead(name, () => scope.abort());
    await this.clock.sleep(ms, scope.signal).catch(() => undefined);
  }

  /** What hurrying the loop does until this is disposed of. */
  instead(name: string, call: () => void): Disposable {
    this.#due.delete(name);
    this.#calls.set(name, call);
    return {
      [Symbol.dispose]: () => {
        if (this.#calls.get(name) === call) this.#calls.delete(name);
      },
    };
  }
}
