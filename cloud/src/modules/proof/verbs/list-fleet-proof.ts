import { HubError } from '@hallhub/shared';
import { sumFigures } from '@hallhub/shared/proof';
import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { FleetProof } from '../contract.js';
import { readProofUnits } from '../proof-units.js';
import { worstVerdict } from '../read-days.js';
import { sumDays } from '../sum-days.js';

export const maxFleetDays = 31;
const dayMs = 86_400_000;

export interface FleetProofFilter extends PageQuery {
  readonly hallId?: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** Units by name with their days, each in its hall's zone. At most 31 days at once. */
export const listFleetProof = async (ctx: VerbContext, filter: FleetProofFilter): Promise<Page<FleetProof>> => {
  const days = (Date.parse(filter.to) - Date.parse(filter.from)) / dayMs + 1;
  if (days < 1 || days > maxFleetDays) {
    const message = `Between 1 and ${maxFleetDays} days can be shown at once`;
    throw new HubError('invalid_input', message, { context: { errors: [{ path: 'query.to', message }] } });
  }
  const after = decodeCursor(filter.cursor, z.tuple([z.string(), z.uuid()]));
  const where = [
    inReach(sql`u.hall_id`, ctx.actor, 'proof.read') ?? sql`true`,
    sql`u.archived_at IS NULL`,
    filter.hallId && sql`u.hall_id = ${filter.hallId}`,
    after && sql`(u.name, u.id) > (${after[0]}, ${after[1]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    const units = await readProofUnits(tx, { tenantId, where: sql.join(where, sql` AND `), limit: filter.limit + 1 });
    const read = await sumDays(tx, { tenantId, units, from: filter.from, to: filter.to });
    const rows = units.map((unit): FleetProof => {
      const shown = read.get(unit.unitId) ?? [];
      return {
        ...unit,
        verdict: worstVerdict(shown.map(({ verdict }) => verdict)),
        figures: sumFigures(shown.map(({ figures }) => figures)),
        days: shown,
      };
    });
    return toPage(rows, filter.limit, { item: (row) => row, key: (row) => [row.unitName, row.unitId] });
  });
};
