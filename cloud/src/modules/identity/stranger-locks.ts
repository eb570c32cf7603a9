import type { Clock } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { type Database, withSystem } from '../../db/index.js';
import type { IdentityKeys } from './identity-keys.js';

export interface StrangerLocksOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly keys: IdentityKeys;
  /** As for accounts that exist. */
  readonly maxFailures: number;
  readonly lockMs: number;
}

const locked = -1;

/**
 * Locks of names that nobody has, by the rule of those that somebody has: else a lock would tell who exists. Rows of
 * `sign_in_limits`: `tokens` counts failures, or is -1 while locked until `at`.
 */
export class StrangerLocks {
  constructor(readonly options: StrangerLocksOptions) {}

  /** How long the name stays locked; 0: not at all. */
  lockedMs(name: string): Promise<number> {
    const { db, clock } = this.options;
    return withSystem(db, async (tx) => {
      const { rows } = await tx.execute<{
        until_ms: number;
      }>(sql`SELECT extract(epoch FROM at)::float8 * 1000 AS until_ms
        FROM sign_in_limits WHERE key = ${this.#key(name)} AND tokens = ${locked}`);
      return Math.max(0, (rows[0]?.until_ms ?? 0) - clock.now());
    });
  }

  async countFailure(name: string): Promise<void> {
    const { db, clock, maxFailures, lockMs } = this.options;
    const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
    const failures = sql`(CASE WHEN l.tokens < 0 THEN 0 ELSE l.tokens END + 1)`;
    await withSystem(db, (tx) =>
      tx.execute(sql`INSERT INTO sign_in_limits AS l (key, tokens, at) VALUES (${this.#key(name)}, 1, ${at(clock.now())})
        ON CONFLICT (key) DO UPDATE SET
          tokens = CASE WHEN ${failures} >= ${maxFailures}::float8 THEN ${locked}::float8 ELSE ${failures} END,
          at = CASE WHEN ${failures} >= ${maxFailures}::float8 THEN ${at(clock.now() + lockMs)} ELSE ${at(clock.now())} END`),
    );
  }

  #key(name: string): Buffer {
    return this.options.keys.hash('limit-stranger', name);
  }
}
