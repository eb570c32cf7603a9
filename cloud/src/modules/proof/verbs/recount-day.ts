import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { RecountDto } from '../contract.js';
import { daySpans } from '../read-proof.js';
import { proofUnitById } from './read-day-proof.js';

type Kind = RecountDto['kinds'][number]['kind'];

/** Single readings are kept for 90 days, faults as well; a day within that can be recounted whole. */
export const recountableMs = 88 * 86_400_000;

/**
 * Counts what stands in the tables for one unit and day, by the entries' own hours, against what the commits of its rows said
 * they stored. Repeatable read: both sides are of one moment.
 */
export const recountDay = async (
  ctx: VerbContext,
  { unitId, day }: { readonly unitId: string; readonly day: string },
): Promise<RecountDto> => {
  const at = new Date(ctx.clock.now());
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const unit = await proofUnitById(tx, ctx, unitId);
      const [span] = await daySpans(tx, unit.timeZone, day, day);
      if (!span || span.fromMs < at.getTime() - recountableMs) {
        throw new HubError('invalid_input', 'Single entries of that day are not kept any more', {
          hint: 'The seals of both ends stand for 400 days and are compared without them.',
        });
      }
      const kinds = await countBoth(tx, ctx.actor.tenantId, unitId, span);
      const equal = kinds.every(({ expected, found }) => expected === found);
      const by = ctx.actor.userName;
      await tx.$client.query(
        `INSERT INTO proof_recounts (tenant_id, unit_id, day, at, by_name, equal, kinds) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, unit_id, day, at) DO NOTHING`,
        [ctx.actor.tenantId, unitId, day, at, by, equal, JSON.stringify(kinds)],
      );
      if (!equal || ctx.actor.kind === 'user') {
        await audit(tx, ctx, {
          action: equal ? 'proof.recounted' : 'proof.recount_differs',
          target: { kind: 'unit', id: unitId, name: unit.unitName },
          hallId: unit.hallId,
          after: { day, kinds },
        });
      }
      return { at: at.toISOString(), by, equal, kinds };
    },
    { isolation: 'repeatable read' },
  );
};

const sources: Readonly<Record<Kind, string>> = {
  value: `SELECT count(*) AS n FROM telemetry_samples s WHERE s.tenant_id = $1 AND s.at >= $3 AND s.at < $4 AND s.point_id IN
    (SELECT p.id FROM telemetry_points p JOIN devices d ON d.tenant_id = p.tenant_id AND d.id = p.device_id WHERE p.tenant_id = $1 AND d.unit_id = $2)`,
  event: `SELECT count(*) AS n FROM device_events WHERE tenant_id = $1 AND unit_id = $2 AND at >= $3 AND at < $4`,
  presence: `SELECT count(*) AS n FROM presence_changes c JOIN devices d ON d.tenant_id = c.tenant_id AND d.id = c.device_id
    WHERE c.tenant_id = $1 AND d.unit_id = $2 AND c.at >= $3 AND c.at < $4`,
  command: `SELECT count(*) AS n FROM command_steps s JOIN commands c ON c.tenant_id = s.tenant_id AND c.id = s.command_id
    WHERE s.tenant_id = $1 AND c.unit_id = $2 AND s.source = 'unit' AND s.at >= $3 AND s.at < $4`,
  fault: `SELECT count(*) AS n FROM unit_faults WHERE tenant_id = $1 AND unit_id = $2 AND at >= $3 AND at < $4`,
};

const countBoth = async (
  tx: Tx,
  tenantId: string,
  unitId: string,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<RecountDto['kinds']> => {
  const values = [tenantId, unitId, new Date(span.fromMs), new Date(span.toMs)];
  const told = await tx.$client.query<{ kind: Kind; stored: string }>(
    `SELECT kind, sum(stored) AS stored FROM proof_tallies WHERE tenant_id = $1 AND unit_id = $2 AND hour >= $3 AND hour < $4 GROUP BY kind`,
    values,
  );
  const expected = new Map(told.rows.map(({ kind, stored }) => [kind, Number(stored)]));
  const kinds: RecountDto['kinds'] = [];
  for (const [kind, text] of Object.entries(sources) as [Kind, string][]) {
    const { rows } = await tx.$client.query<{ n: string }>(text, values);
    kinds.push({ kind, expected: expected.get(kind) ?? 0, found: Number(rows[0]?.n ?? 0) });
  }
  return kinds;
};
