import type { Clock } from '@hallhub/shared';
import { HubError } from '@hallhub/shared';
import type { UnitProof } from '@hallhub/shared/proof';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Database, narrowToTenant, withSystem } from '../../db/index.js';
import { readProofUnits } from './proof-units.js';
import { daySpans, proofOfDay, readProofRows } from './read-proof.js';
import { todayIn } from './verbs/read-day-proof.js';

const dayText = z.iso.date();

/**
 * docs/protocol.md 5.2, `GET /unit/v1/proof?day`: both ends' figures for the unit itself. `unitId` comes from its certificate.
 * Errors: `not_found`, `invalid_input`.
 */
export const readUnitProof = (
  deps: { readonly database: Database; readonly clock: Clock },
  { unitId, day }: { readonly unitId: string; readonly day?: string | undefined },
): Promise<UnitProof> =>
  withSystem(deps.database, async (tx) => {
    const nowMs = deps.clock.now();
    if (day !== undefined && !dayText.safeParse(day).success) {
      throw new HubError('invalid_input', 'A day is written YYYY-MM-DD');
    }
    const found = await tx.$client.query<{ tenant_id: string }>(
      'SELECT tenant_id FROM units WHERE id = $1 AND archived_at IS NULL',
      [unitId],
    );
    const tenantId = found.rows[0]?.tenant_id;
    if (tenantId === undefined) throw new HubError('not_found', 'There is no such unit');
    await narrowToTenant(tx, { tenantId });
    const [unit] = await readProofUnits(tx, { tenantId, where: sql`u.id = ${unitId}`, limit: 1 });
    const timeZone = unit?.timeZone ?? 'UTC';
    const asked = day ?? todayIn(timeZone, nowMs);
    const [span] = await daySpans(tx, timeZone, asked, asked);
    if (!span) throw new HubError('bug', 'a day without a span');
    const rows = await readProofRows(tx, { tenantId, unitIds: [unitId], ...span });
    const { verdict, figures, hours, notes, fromMs, toMs } = proofOfDay(rows, unitId, span);
    return {
      ...{ v: 1, unitId, day: asked, timeZone, fromMs, toMs, madeAt: nowMs, verdict, figures },
      hours: [...hours],
      notes: [...notes],
      streams: (rows.streams.get(unitId) ?? []).map(({ lane, epoch, cursor, chain, closed }) => ({
        ...{ lane, epoch, cursor, chain, closed },
      })),
    };
  });
