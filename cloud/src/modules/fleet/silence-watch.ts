import type { Clock, Timer } from '@hallhub/shared';
import { unitSilentMs } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, withSystem } from '../../db/index.js';
import { goOffline, type LeaveDeps } from './leave.js';

export interface SilenceDeps extends LeaveDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
  /** False while this process hears no unit (its broker is away). */
  readonly hears?: () => Promise<boolean>;
}

/**
 * Finds units nothing was heard of for 50 s. It judges only after it has listened for that long itself without a break: a cloud
 * that was down, asleep or without its database has no right to call a unit silent.
 */
export class SilenceWatch {
  readonly #deps: SilenceDeps;
  readonly #everyMs: number;
  #listeningSinceMs: number;
  #lastRunMs: number;
  #timer: Timer | undefined;
  #closed = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: SilenceDeps) {
    this.#deps = deps;
    this.#everyMs = deps.everyMs ?? 5_000;
    this.#listeningSinceMs = deps.clock.monotonicMs();
    this.#lastRunMs = this.#listeningSinceMs;
  }

  start(): this {
    this.#schedule();
    return this;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** One look; gives the number of units that went offline. */
  async look(): Promise<number> {
    const { clock, database, live, log } = this.#deps;
    const monotonicMs = clock.monotonicMs();
    const deaf = (await this.#deps.hears?.()) === false;
    if (deaf || monotonicMs - this.#lastRunMs > 4 * this.#everyMs) this.#listeningSinceMs = monotonicMs;
    this.#lastRunMs = monotonicMs;
    try {
      const now = new Date(clock.now());
      const { changes, events } = await withSystem(database, (tx) =>
        monotonicMs - this.#listeningSinceMs < unitSilentMs
          ? tx.$client.query('SELECT 1').then(() => ({ changes: [], events: [] }))
          : goOffline(tx, this.#deps, {
              where: 'l.last_seen_at < $3',
              values: [new Date(now.getTime() - unitSilentMs)],
              reason: 'silent',
              now,
            }),
      );
      for (const event of events) live.publish(event);
      return changes.length;
    } catch (error) {
      this.#listeningSinceMs = clock.monotonicMs();
      log.warn({ err: error }, 'silent units could not be looked for');
      return 0;
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.#running = this.look().finally(() => this.#schedule());
    }, this.#everyMs);
  }
}
