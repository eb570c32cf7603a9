import { withSystem } from '../../../db/index.js';
import type { JobDefinition } from '../../../jobs/index.js';
import type { OutwardDeps } from './outward-deps.js';

const hourMs = 3_600_000;
/** No receipt came: nobody knows any more. */
const unknownAfterMs = 72 * hourMs;
/** What waits on a channel that is off goes stale. */
const staleAfterMs = 7 * 24 * hourMs;

export const settleOld = ({ database, clock }: Pick<OutwardDeps, 'database' | 'clock'>): Promise<number> =>
  withSystem(database, async (tx) => {
    const nowMs = clock.now();
    const now = new Date(nowMs);
    const unknown = await tx.$client.query(
      `UPDATE notice_deliveries SET state = 'unknown', code = 'no_receipt', done_at = $2
       WHERE state = 'sent' AND channel = 'sms' AND sent_at < $1`,
      [new Date(nowMs - unknownAfterMs), now],
    );
    const stale = await tx.$client.query(
      `UPDATE notice_deliveries SET state = 'failed', code = 'stale', next_at = NULL, done_at = $2
       WHERE state = 'waiting' AND made_at < $1 AND (leased_till IS NULL OR leased_till < $2)`,
      [new Date(nowMs - staleAfterMs), now],
    );
    return (unknown.rowCount ?? 0) + (stale.rowCount ?? 0);
  });

export const outwardJobs = (deps: OutwardDeps): JobDefinition[] => [
  { name: 'notices.settle-old', cron: '*/10 * * * *', run: () => settleOld(deps) },
];
