import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { DeviceDto, DeviceSummary } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { readDeviceSummaries, readDevices, shownName } from '../read-devices.js';
import { likeText } from './get-unit.js';

export interface DeviceFilter extends PageQuery {
  readonly hallId?: string | undefined;
  readonly unitId?: string | undefined;
  readonly counterId?: string | undefined;
  readonly class?: string | undefined;
  readonly presence?: DeviceSummary['presence'] | 'stale' | undefined;
  readonly state?: DeviceSummary['state'] | undefined;
  readonly q?: string | undefined;
}

const reach = (ctx: VerbContext): SQL => inReach(sql`d.hall_id`, ctx.actor, 'device.read') ?? sql`true`;

const presenceIs = (presence: NonNullable<DeviceFilter['presence']>): SQL =>
  presence === 'stale'
    ? sql`l.presence = 'offline'`
    : sql`d.state = 'active' AND d.presence = ${presence} AND l.presence = 'online'`;

/** Devices by name. Retired and refused ones only when asked for. */
export const listDevices = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'profiles' | 'telemetry'>,
  filter: DeviceFilter,
): Promise<Page<DeviceSummary>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.string(), z.uuid()]));
  const where = [
    reach(ctx),
    filter.state ? sql`d.state = ${filter.state}` : sql`d.state IN ('active', 'quarantined')`,
    filter.hallId && sql`d.hall_id = ${filter.hallId}`,
    filter.unitId && sql`d.unit_id = ${filter.unitId}`,
    filter.counterId && sql`d.counter_id = ${filter.counterId}`,
    filter.class && sql`d.device_class = ${filter.class}`,
    filter.presence && presenceIs(filter.presence),
    filter.q &&
      sql`(coalesce(d.name, '') || ' ' || d.vendor || ' ' || d.model || ' ' || d.serial) ILIKE ${likeText(filter.q)}`,
    after && sql`(${shownName}, d.id) > (${after[0]}, ${after[1]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const found = await withTenant(ctx.db, ctx.actor, (tx) =>
    readDeviceSummaries(tx, deps, {
      tenantId: ctx.actor.tenantId,
      where: sql.join(where, sql` AND `),
      limit: filter.limit + 1,
    }),
  );
  return toPage(found, filter.limit, { item: (dto) => dto, key: (dto) => [dto.name, dto.id] });
};

export const getDevice = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'profiles' | 'telemetry'>,
  { deviceId }: { readonly deviceId: string },
): Promise<DeviceDto> => {
  const [device] = await withTenant(ctx.db, ctx.actor, (tx) =>
    readDevices(tx, deps, {
      tenantId: ctx.actor.tenantId,
      where: sql`d.id = ${deviceId} AND ${reach(ctx)}`,
      limit: 1,
    }),
  );
  if (!device) throw new HubError('not_found', 'There is no such device');
  return device;
};
