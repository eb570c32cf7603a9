import type { Clock } from '@hallhub/shared';
import { type Database, withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import { minuteDays } from './intake/take-flow.js';

const dayMs = 86_400_000;
/** Hours of flow and heat: two full years to compare. */
const hourDays = 800;

/** Takes out minutes, hours and refusals that are older than they are kept. Findings stay as long as their hall does. */
export const sweepVision = async ({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): Promise<number> => {
  const before = (days: number) => new Date(clock.now() - days * dayMs);
  const old = [
    ['flow_minutes', 'minute', before(minuteDays)],
    ['flow_hours', 'hour', before(hourDays)],
    ['heat_hours', 'hour', before(hourDays)],
    ['vision_days', 'day', before(hourDays)],
    ['vision_refusals', 'received_at', before(minuteDays)],
    ['review_looks', 'seen_at', before(1)],
  ] as const;
  let removed = 0;
  for (const [table, column, time] of old) {
    const { rowCount } = await withSystem(database, (tx) =>
      tx.$client.query(`DELETE FROM ${table} WHERE ${column} < $1`, [time]),
    );
    removed += rowCount ?? 0;
  }
  return removed;
};

export const visionJobs = (deps: { readonly database: Database; readonly clock: Clock }): JobDefinition[] => [
  { name: 'vision.sweep', cron: '37 3 * * *', expireInSeconds: 3_600, run: () => sweepVision(deps) },
];
