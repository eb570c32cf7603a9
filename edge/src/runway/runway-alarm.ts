import type { Logger } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';
import type { Runway } from './reckon-runway.js';

/** A few minutes after the start rates say little. */
const leastMeasuredMs = 600_000;
/** Cleared only when there is this much more than what raised it. */
const clearedAbove = 1.2;
const key = 'runway_alarm';

export interface RunwayAlarmOptions {
  readonly hub: StoreFile;
  readonly logger: Logger;
  /** 0: none. */
  readonly alarmMs: number;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

/** Says once that the runway fell below the set level, and once that it is above it again; also across restarts. */
export class RunwayAlarm {
  readonly #options: RunwayAlarmOptions;
  #isRaised: boolean;

  constructor(options: RunwayAlarmOptions) {
    this.#options = options;
    const sql = 'SELECT value FROM meta WHERE key = ?';
    this.#isRaised = options.hub.commit.db.prepare(sql).pluck().get(key) === 'raised';
  }

  get isRaised(): boolean {
    return this.#isRaised;
  }

  get alarmMs(): number {
    return this.#options.alarmMs;
  }

  look({ kinds, measuredMs }: Runway): void {
    const { alarmMs, onFault } = this.#options;
    if (measuredMs < leastMeasuredMs) return;
    const shortest = kinds.reduce<{ kind: string; ms: number } | undefined>(
      (least, { kind, ms }) => (ms !== null && (least === undefined || ms < least.ms) ? { kind, ms } : least),
      undefined,
    );
    const ms = shortest?.ms ?? Number.POSITIVE_INFINITY;
    const hours = (value: number) => `${(value / 3_600_000).toFixed(1)} h`;
    if (!this.#isRaised && ms < alarmMs) {
      onFault('runway_low', `without the cloud ${shortest?.kind} would be kept for ${hours(ms)} only`, {
        ...{ state: 'raised', kind: shortest?.kind, ms, alarmMs },
      });
      this.#set(true);
    } else if (this.#isRaised && (alarmMs === 0 || ms >= alarmMs * clearedAbove)) {
      const now = Number.isFinite(ms) ? `${hours(ms)} again` : 'without a limit again';
      onFault('runway_low', `without the cloud everything would be kept for ${now}`, {
        ...{ state: 'cleared', ms: Number.isFinite(ms) ? ms : null, alarmMs },
      });
      this.#set(false);
    }
  }

  #set(isRaised: boolean): void {
    this.#isRaised = isRaised;
    this.#options.hub.commit
      .write((tx) =>
        tx.db
          .prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
          .run(key, isRaised ? 'raised' : 'cleared'),
      )
      .catch((error) => this.#options.logger.warn({ error: String(error) }, 'the alarm’s state could not be kept'));
  }
}
