import { HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import type { RecountDto, UnitDayProof } from '../contract.js';
import { digestOfHours, toHourDtos } from '../hours-digest.js';
import { type ProofUnit, readProofUnits } from '../proof-units.js';
import { readDays } from '../read-days.js';
import { sumDays } from '../sum-days.js';

const dayMs = 86_400_000;
const shownDays = 14;

export const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * dayMs).toISOString().slice(0, 10);

/** A unit in reach of `proof.read`; 404 else. Archived ones stay: their past is proof too. */
export const proofUnitById = async (tx: Tx, ctx: VerbContext, unitId: string): Promise<ProofUnit> => {
  const reach = inReach(sql`u.hall_id`, ctx.actor, 'proof.read') ?? sql`true`;
  const [unit] = await readProofUnits(tx, {
    tenantId: ctx.actor.tenantId,
    where: sql`u.id = ${unitId} AND ${reach}`,
    limit: 1,
  });
  if (!unit) throw new HubError('not_found', 'There is no such unit');
  return unit;
};

/** Today in a zone, YYYY-MM-DD. */
export const todayIn = (timeZone: string, nowMs: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(nowMs);

/** docs/protocol.md 1.5: one unit's day, hour by hour. Default: today. */
export const readDayProof = (
  ctx: VerbContext,
  input: { readonly unitId: string; readonly day?: string | undefined },
): Promise<UnitDayProof> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const unit = await proofUnitById(tx, ctx, input.unitId);
    const nowMs = ctx.clock.now();
    const day = input.day ?? todayIn(unit.timeZone, nowMs);
    const { tenantId } = ctx.actor;
    const from = dayBefore(day, shownDays - 1);
    const days = (await sumDays(tx, { tenantId, units: [unit], from, to: day })).get(unit.unitId) ?? [];
    const [found] = (await readDays(tx, { tenantId, units: [unit], from: day, to: day })).get(unit.unitId) ?? [];
    if (!found) throw new HubError('bug', 'a day was asked for and not read');
    const hours = toHourDtos(found.hours);
    return {
      ...unit,
      day,
      from: new Date(found.fromMs).toISOString(),
      to: new Date(found.toMs).toISOString(),
      madeAt: new Date(nowMs).toISOString(),
      verdict: found.verdict,
      figures: found.figures,
      hours,
      notes: found.notes.map((note) => ({ ...note, at: new Date(note.at).toISOString() })),
      hoursSha256: digestOfHours(hours),
      recount: await lastRecount(tx, { tenantId, unitId: unit.unitId, day }),
      days: days.map(({ day: one, verdict }) => ({ day: one, verdict })),
    };
  });

const lastRecount = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly unitId: string; readonly day: string },
): Promise<RecountDto | null> => {
  const { rows } = await tx.$client.query<{
    at: Date;
    by_name: string;
    equal: boolean;
    kinds: RecountDto['kinds'];
  }>(
    'SELECT at, by_name, equal, kinds FROM proof_recounts WHERE tenant_id = $1 AND unit_id = $2 AND day = $3 ORDER BY at DESC LIMIT 1',
    [of.tenantId, of.unitId, of.day],
  );
  const row = rows[0];
  return row ? { at: instantText(row.at), by: row.by_name, equal: row.equal, kinds: row.kinds } : null;
};
