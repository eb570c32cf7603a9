import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { UnitDto } from '../contract.js';
import { readUnits } from '../read-units.js';

export interface UnitFilter extends PageQuery {
  readonly hallId?: string | undefined;
  readonly q?: string | undefined;
  readonly presence?: 'online' | 'offline' | undefined;
  readonly archived?: boolean | undefined;
}

const reach = (ctx: VerbContext): SQL => inReach(sql`u.hall_id`, ctx.actor, 'unit.read') ?? sql`true`;

/** `%` and `_` of a search text are letters, not patterns. */
export const likeText = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Units by name. */
export const listUnits = async (ctx: VerbContext, filter: UnitFilter): Promise<Page<UnitDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.string(), z.uuid()]));
  const where = [
    reach(ctx),
    filter.archived ? sql`true` : sql`u.archived_at IS NULL`,
    filter.hallId && sql`u.hall_id = ${filter.hallId}`,
    filter.presence && sql`l.presence = ${filter.presence}`,
    filter.q && sql`u.name ILIKE ${likeText(filter.q)}`,
    after && sql`(u.name, u.id) > (${after[0]}, ${after[1]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const found = await withTenant(ctx.db, ctx.actor, (tx) =>
    readUnits(tx, {
      tenantId: ctx.actor.tenantId,
      where: sql.join(where, sql` AND `),
      limit: filter.limit + 1,
      now: new Date(ctx.clock.now()),
    }),
  );
  return toPage(found, filter.limit, { item: (dto) => dto, key: (dto) => [dto.name, dto.id] });
};

export const unitById = async (tx: Tx, ctx: VerbContext, unitId: string): Promise<UnitDto> => {
  const [unit] = await readUnits(tx, {
    tenantId: ctx.actor.tenantId,
    where: sql`u.id = ${unitId} AND ${reach(ctx)}`,
    limit: 1,
    now: new Date(ctx.clock.now()),
  });
  if (!unit) throw new HubError('not_found', 'There is no such unit');
  return unit;
};

export const getUnit = (ctx: VerbContext, { unitId }: { readonly unitId: string }): Promise<UnitDto> =>
  withTenant(ctx.db, ctx.actor, (tx) => unitById(tx, ctx, unitId));
