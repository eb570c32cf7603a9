import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import { type Database, withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import { systemActor } from '../access/actor.js';
import type { LivePublisher } from '../live/live-port.js';
import { judgeSeals } from './judge-seals.js';
import { dayBefore, todayIn } from './verbs/read-day-proof.js';
import { recountDay } from './verbs/recount-day.js';

interface ProofJobDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
}

/** Units whose yesterday is recounted each night: by lot, so that nobody knows which. */
const sampledUnits = 50;
const keepMs = 400 * 86_400_000;

/** Seals are judged every minute; a sample of yesterday's days is recounted each night (in China); both are kept for 400 days. */
export const proofJobs = (deps: ProofJobDeps): JobDefinition[] => [
  { name: 'proof.judge-seals', cron: '* * * * *', run: (_, signal) => judgeSeals(deps, signal) },
  {
    name: 'proof.recount-sample',
    cron: '40 18 * * *',
    expireInSeconds: 3_600,
    run: (_, signal) => recountSample(deps, sampledUnits, signal),
  },
  { name: 'proof.sweep', cron: '52 3 * * *', run: () => sweepProof(deps) },
];

/** Yesterday of units drawn by lot. Gives the number of those whose tables do not hold what was committed. */
export const recountSample = async (deps: ProofJobDeps, units: number, signal?: AbortSignal): Promise<number> => {
  const drawn = await withSystem(deps.database, async (tx) => {
    const { rows } = await tx.$client.query<{ tenant_id: string; unit_id: string; time_zone: string }>(
      `SELECT u.tenant_id, u.id AS unit_id, h.time_zone FROM units u JOIN halls h ON h.tenant_id = u.tenant_id AND h.id = u.hall_id
       WHERE u.archived_at IS NULL ORDER BY random() LIMIT $1`,
      [units],
    );
    return rows;
  });
  let different = 0;
  for (const { tenant_id: tenantId, unit_id: unitId, time_zone: zone } of drawn) {
    if (signal?.aborted) break;
    const ctx = { db: deps.database, clock: deps.clock, live: deps.live, actor: systemActor(tenantId, 'proof') };
    const day = dayBefore(todayIn(zone, deps.clock.now()), 1);
    const { equal, kinds } = await recountDay({ ...ctx, request: null }, { unitId, day });
    if (equal) continue;
    different++;
    deps.log.warn({ unitId, day, kinds }, 'a recount found another number of entries than were committed');
  }
  return different;
};

export const sweepProof = (deps: Pick<ProofJobDeps, 'database' | 'clock'>): Promise<Record<string, number>> =>
  withSystem(deps.database, async (tx) => {
    const before = new Date(deps.clock.now() - keepMs);
    const tallies = await tx.$client.query('DELETE FROM proof_tallies WHERE hour < $1', [before]);
    const recounts = await tx.$client.query('DELETE FROM proof_recounts WHERE at < $1', [before]);
    return { tallies: tallies.rowCount ?? 0, recounts: recounts.rowCount ?? 0 };
  });
