import type { Clock } from '@hallhub/shared';

export interface StrangerLocksOptions {
  /** As for accounts that exist. */
  readonly maxFailures: number;
  readonly lockMs: number;
  readonly maxNames?: number;
}

/**
 * Locks of names that nobody has, by the rule of those that somebody has: else a lock would tell who exists. Kept in this
 * process; beyond `maxNames` the oldest is forgotten.
 */
export class StrangerLocks {
  readonly #names = new Map<string, { readonly failures: number; readonly lockedUntil: number }>();

  constructor(
    readonly clock: Clock,
    readonly options: StrangerLocksOptions,
  ) {}

  /** How long the name stays locked; 0 or less: not at all. */
  lockedMs(name: string): number {
    return (this.#names.get(name)?.lockedUntil ?? 0) - this.clock.now();
  }

  countFailure(name: string): void {
    const { maxFailures, lockMs, maxNames = 10_000 } = this.options;
    const failures = (this.#names.get(name)?.failures ?? 0) + 1;
    const isLocked = failures >= maxFailures;
    this.#names.delete(name);
    this.#names.set(name, {
      failures: isLocked ? 0 : failures,
      lockedUntil: isLocked ? this.clock.now() + lockMs : 0,
    });
    if (this.#names.size <= maxNames) return;
    const oldest = this.#names.keys().next();
    if (!oldest.done) this.#names.delete(oldest.value);
  }
}
