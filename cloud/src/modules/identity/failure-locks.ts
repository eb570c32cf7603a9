import { type Clock, HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { type Database, withSystem } from '../../db/index.js';

export interface FailureLocksOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly maxFailures: number;
  readonly lockMs: number;
}

/** An attempt that stands as failed until it is given back or forgotten. */
export interface CountedAttempt {
  /** With this one. */
  readonly failures: number;
  /** This one is the last for a while. */
  readonly locks: boolean;
}

const locked = -1;

export const lockedError = (retryAfterMs: number): HubError =>
  new HubError('rate_limited', 'Too many failed attempts: signing in from here is locked for a while', {
    context: { reason: 'locked', retryAfterMs },
    hint: 'Wait, sign in with a browser that you used before, or ask an administrator for a new one-time password.',
  });

/**
 * Failures in a row by key, locked for a time at the last one allowed. Each attempt counts before it is judged, so that
 * many at once are no more than many in turn. Rows of `sign_in_limits`: `tokens` counts failures up to `at`, or is -1
 * while locked until `at`.
 */
export class FailureLocks {
  constructor(readonly options: FailureLocksOptions) {}

  /** What was counted up to `liftedAt` (epoch ms) counts no more. Errors: `rate_limited` while locked. */
  async count(key: Buffer, liftedAt: number): Promise<CountedAttempt> {
    const { db, clock, maxFailures, lockMs } = this.options;
    const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
    const now = clock.now();
    const lockedSince = sql`(l.at - make_interval(secs => ${lockMs / 1_000}::float8))`;
    const holds = sql`(l.tokens < 0 AND l.at > ${at(now)} AND ${lockedSince} > ${at(liftedAt)})`;
    const failures = sql`(CASE WHEN l.tokens < 0 OR l.at <= ${at(liftedAt)} THEN 0 ELSE l.tokens END + 1)`;
    const isLast = sql`${failures} >= ${maxFailures}::float8`;
    const { counted, untilMs } = await withSystem(db, async (tx) => {
      const { rows } = await tx.execute<{ tokens: number }>(sql`INSERT INTO sign_in_limits AS l (key, tokens, at)
        VALUES (${key}, 1, ${at(now)})
        ON CONFLICT (key) DO UPDATE SET tokens = CASE WHEN ${isLast} THEN ${locked}::float8 ELSE ${failures} END,
          at = CASE WHEN ${isLast} THEN ${at(now + lockMs)} ELSE ${at(now)} END
        WHERE NOT ${holds} RETURNING tokens`);
      if (rows[0]) return { counted: rows[0].tokens, untilMs: 0 };
      const held = await tx.execute<{ until_ms: number }>(
        sql`SELECT extract(epoch FROM at)::float8 * 1000 AS until_ms FROM sign_in_limits WHERE key = ${key}`,
      );
      return { counted: null, untilMs: held.rows[0]?.until_ms ?? 0 };
    });
    if (counted === null) throw lockedError(Math.max(1, untilMs - now));
    return { failures: counted === locked ? maxFailures : counted, locks: counted === locked };
  }

  /** The attempt was no failure, nor did it end well yet. */
  async giveBack(key: Buffer, attempt: CountedAttempt): Promise<void> {
    const left = attempt.locks
      ? sql`UPDATE sign_in_limits SET tokens = ${this.options.maxFailures - 1}::float8,
          at = ${new Date(this.options.clock.now()).toISOString()}::timestamptz WHERE key = ${key} AND tokens < 0`
      : sql`UPDATE sign_in_limits SET tokens = greatest(0, tokens - 1) WHERE key = ${key} AND tokens >= 0`;
    await withSystem(this.options.db, (tx) => tx.execute(left));
  }

  /** After one that went well. */
  async forget(key: Buffer): Promise<void> {
    await withSystem(this.options.db, (tx) => tx.execute(sql`DELETE FROM sign_in_limits WHERE key = ${key}`));
  }
}
