import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import { type Database, withSystem } from '../../db/index.js';
import { systemActor } from '../access/actor.js';
import { audit } from '../audit/audit.js';
import type { ProofHour } from './day-proof.js';
import { proofOfDay, readProofRows } from './read-proof.js';

const unitsAtOnce = 20;
const hourMs = 3_600_000;

interface Waiting {
  tenant_id: string;
  unit_id: string;
  hall_id: string;
  unit_name: string;
  from_at: Date;
  to_at: Date;
}

/**
 * Compares seals whose both sides are whole and writes down what came of it, once each. A difference is audited here; the alarm
 * follows from the row (alarms/watch-units.ts). Gives the number judged.
 */
export const judgeSeals = async (
  deps: { readonly database: Database; readonly clock: Clock; readonly log: Logger },
  signal?: AbortSignal,
): Promise<number> => {
  let judged = 0;
  while (!signal?.aborted) {
    const waiting = await findWaiting(deps.database);
    if (waiting.length === 0) break;
    for (const unit of waiting) judged += await judgeUnit(deps, unit);
    if (waiting.length < unitsAtOnce) break;
  }
  return judged;
};

/** Units with seals that can be judged: the unit's side is here, and all its rows are, or never will be. */
const findWaiting = (database: Database): Promise<Waiting[]> =>
  withSystem(database, async (tx) => {
    const { rows } = await tx.$client.query<Waiting>(
      `SELECT s.tenant_id, s.unit_id, u.hall_id, u.name AS unit_name, min(s.hour) AS from_at, max(s.hour) AS to_at
       FROM seals s JOIN units u ON u.tenant_id = s.tenant_id AND u.id = s.unit_id
       JOIN streams t ON t.tenant_id = s.tenant_id AND t.unit_id = s.unit_id AND t.lane = s.lane AND t.epoch = s.epoch
       WHERE s.unit_chain IS NOT NULL AND s.judged_at IS NULL AND (t.cursor >= s.unit_last OR t.closed_at IS NOT NULL)
       GROUP BY 1, 2, 3, 4 ORDER BY min(s.hour) LIMIT ${unitsAtOnce}`,
    );
    return rows;
  });

const verdicts = { equal: 'equal', thinned: 'thinned', different: 'different' } as const;
const isSettled = (hour: ProofHour): hour is ProofHour & { state: keyof typeof verdicts } =>
  hour.unit !== null && Object.hasOwn(verdicts, hour.state);

const judgeUnit = ({ database, clock, log }: Parameters<typeof judgeSeals>[0], unit: Waiting): Promise<number> =>
  withSystem(database, async (tx) => {
    const { tenant_id: tenantId, unit_id: unitId } = unit;
    const span = { day: '', fromMs: unit.from_at.getTime(), toMs: unit.to_at.getTime() + hourMs };
    const rows = await readProofRows(tx, { tenantId, unitIds: [unitId], ...span });
    const settled = proofOfDay(rows, unitId, span).hours.filter(isSettled);
    const { rows: changed } = await tx.$client.query<{ lane: string; epoch: string; hour: Date; verdict: string }>(
      `UPDATE seals s SET verdict = r.verdict, judged_at = $3 FROM jsonb_to_recordset($4::jsonb) AS r(lane text, epoch text, hour timestamptz, chain text, verdict text)
       WHERE s.tenant_id = $1 AND s.unit_id = $2 AND s.lane = r.lane AND s.epoch = r.epoch AND s.hour = r.hour AND s.judged_at IS NULL
         AND s.unit_chain = decode(r.chain, 'hex')
       RETURNING s.lane, s.epoch, s.hour, s.verdict`,
      [
        ...[tenantId, unitId, new Date(clock.now())],
        JSON.stringify(
          settled.map(({ lane, epoch, hour, unit, state }) => ({
            ...{ lane, epoch, hour: new Date(hour).toISOString(), chain: unit?.chain, verdict: state },
          })),
        ),
      ],
    );
    for (const { lane, epoch, hour } of changed.filter(({ verdict }) => verdict === 'different')) {
      const found = settled.find((one) => one.lane === lane && one.epoch === epoch && one.hour === hour.getTime());
      log.warn({ unitId, lane, epoch, hour, figures: found?.figures }, 'the two ends of a stream differ');
      await audit(
        tx,
        { actor: systemActor(tenantId, 'proof'), request: null },
        {
          action: 'proof.mismatch',
          target: { kind: 'unit', id: unitId, name: unit.unit_name },
          hallId: unit.hall_id,
          after: {
            lane,
            epoch,
            hour: hour.toISOString(),
            unit: found?.unit,
            cloud: found?.cloud,
            figures: found?.figures,
          },
        },
      );
    }
    return changed.length;
  });
