import type { Severity } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { ProfileBook } from '../../fleet/profile-book.js';
import type { EventDto } from '../contract.js';
import { readEvents } from '../read-events.js';

export interface EventFilter extends PageQuery {
  readonly hallId?: string | undefined;
  readonly unitId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly event?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Newest first. */
export const listEvents = async (
  ctx: VerbContext,
  deps: { readonly profiles: ProfileBook },
  filter: EventFilter,
): Promise<Page<EventDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const where = [
    inReach(sql`e.hall_id`, ctx.actor, 'event.read') ?? sql`true`,
    filter.hallId && sql`e.hall_id = ${filter.hallId}`,
    filter.unitId && sql`e.unit_id = ${filter.unitId}`,
    filter.deviceId && sql`e.device_id = ${filter.deviceId}`,
    filter.severity && sql`e.severity = ${filter.severity}`,
    filter.event && sql`e.event = ${filter.event}`,
    filter.from && sql`e.at >= ${filter.from}::timestamptz`,
    filter.to && sql`e.at < ${filter.to}::timestamptz`,
    after && sql`(e.at, e.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const found = await withTenant(ctx.db, ctx.actor, (tx) =>
    readEvents(tx, deps.profiles, {
      tenantId: ctx.actor.tenantId,
      where: sql.join(where, sql` AND `),
      limit: filter.limit + 1,
    }),
  );
  return toPage(found, filter.limit, { item: (dto) => dto, key: (dto) => [dto.at, dto.id] });
};
