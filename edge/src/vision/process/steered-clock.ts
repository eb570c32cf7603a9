import { type Clock, systemClock, type Timer } from '@hallhub/shared';

/** Below it, what was measured is the way of the message. */
const leastMs = 20;

/** The agent's wall clock in the child: rows of both have to carry one time. Timers and monotonic time are the machine's. */
export class SteeredClock implements Clock {
  #offsetMs = 0;

  constructor(private readonly base: Clock = systemClock) {}

  /** The agent said it was `atMs` a moment ago. */
  steer(atMs: number): void {
    const offsetMs = atMs - this.base.now();
    if (Math.abs(offsetMs - this.#offsetMs) >= leastMs) this.#offsetMs = offsetMs;
  }

  now(): number {
    return this.base.now() + this.#offsetMs;
  }

  monotonicMs(): number {
    return this.base.monotonicMs();
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    return this.base.setTimeout(callback, delayMs);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.base.sleep(delayMs, signal);
  }
}
