import { type Clock, systemClock, type Timer } from '@hallhub/shared';

/** The machine's clock with a wall time that can be set wrong for one unit; the machine's own is never touched. */
export class DrillClock implements Clock {
  offsetMs = 0;

  now(): number {
    return Math.round(systemClock.now() + this.offsetMs);
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    return systemClock.setTimeout(callback, delayMs);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(delayMs, signal);
  }
}
