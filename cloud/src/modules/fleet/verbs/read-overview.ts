import type { Heartbeat, Severity } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { Right } from '../../access/rights.js';
import type { VerbContext } from '../../access/verb-context.js';
import { byUrgency, readAlarms } from '../../alarms/read-alarms.js';
import { readEvents } from '../../events/read-events.js';
import { instantText } from '../instant-text.js';
import type { Overview } from '../overview-routes.js';
import type { ProfileBook } from '../profile-book.js';

const shown = 10;
const maxUplinks = 100;
const minuteMs = 60_000;
const minutes = 60;

/** Counts and lists for the first page. Each part is of the halls that its own right reaches; without the right it is empty. */
export const readOverview = async (
  ctx: VerbContext,
  deps: { readonly profiles: ProfileBook },
  filter: { readonly hallId?: string | undefined },
): Promise<Overview> => {
  const { tenantId } = ctx.actor;
  const now = ctx.clock.now();
  const where = (column: SQL, right: Right): SQL => {
    if (!ctx.actor.canAnywhere(right)) return sql`false`;
    const reach = inReach(column, ctx.actor, right) ?? sql`true`;
    return filter.hallId ? sql`${reach} AND ${column} = ${filter.hallId}` : reach;
  };
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const units = await countUnits(tx, tenantId, where(sql`u.hall_id`, 'unit.read'));
    const devices = await countDevices(tx, tenantId, where(sql`d.hall_id`, 'device.read'));
    const alarms = await countAlarms(tx, tenantId, where(sql`a.hall_id`, 'alarm.read'));
    const latestEvents = await readEvents(tx, deps.profiles, {
      ...{ tenantId, where: where(sql`e.hall_id`, 'event.read'), limit: shown },
    });
    const openAlarms = await readAlarms(tx, {
      ...{ tenantId, limit: shown, order: byUrgency },
      where: sql`a.cleared_at IS NULL AND ${where(sql`a.hall_id`, 'alarm.read')}`,
    });
    const uplinks = await readUplinks(tx, tenantId, where(sql`u.hall_id`, 'unit.read'));
    const messages = await readMessages(tx, { tenantId, where: where(sql`u.hall_id`, 'unit.read'), now });
    return {
      serverTime: new Date(now).toISOString(),
      units,
      devices,
      alarms,
      latestEvents,
      openAlarms,
      uplinks,
      messages,
    };
  });
};

const firstRow = async <T>(tx: Tx, query: SQL): Promise<T> => (await tx.execute(query)).rows[0] as T;

const countUnits = (tx: Tx, tenantId: string, where: SQL): Promise<Overview['units']> =>
  firstRow(
    tx,
    sql`SELECT count(*) FILTER (WHERE l.presence = 'online')::int AS online,
        count(*) FILTER (WHERE l.presence = 'offline' AND l.hello_at IS NULL)::int AS "neverSeen", count(*)::int AS total
      FROM units u JOIN unit_links l ON l.unit_id = u.id WHERE u.tenant_id = ${tenantId} AND u.archived_at IS NULL AND ${where}`,
  );

/** A device is in one place only: quarantined, stale (its unit is away), or what it was last seen as. */
const countDevices = (tx: Tx, tenantId: string, where: SQL): Promise<Overview['devices']> =>
  firstRow(
    tx,
    sql`SELECT count(*) FILTER (WHERE kind = 'online')::int AS online, count(*) FILTER (WHERE kind = 'degraded')::int AS degraded,
        count(*) FILTER (WHERE kind IN ('offline', 'unknown'))::int AS offline, count(*) FILTER (WHERE kind = 'stale')::int AS stale,
        count(*) FILTER (WHERE kind = 'quarantined')::int AS quarantined, count(*)::int AS total
      FROM (SELECT CASE WHEN d.state = 'quarantined' THEN 'quarantined' WHEN l.presence = 'offline' THEN 'stale' ELSE d.presence END AS kind
        FROM devices d JOIN unit_links l ON l.unit_id = d.unit_id
        WHERE d.tenant_id = ${tenantId} AND d.revision > 0 AND d.state IN ('active', 'quarantined') AND ${where}) d`,
  );

const countAlarms = async (tx: Tx, tenantId: string, where: SQL): Promise<Overview['alarms']> => {
  const { rows } = await tx.execute(
    sql`SELECT a.severity, count(*)::int AS count FROM alarms a WHERE a.tenant_id = ${tenantId} AND a.cleared_at IS NULL AND ${where} GROUP BY a.severity`,
  );
  const counts = { info: 0, notice: 0, warning: 0, critical: 0 };
  for (const { severity, count } of rows as unknown as { severity: Severity; count: number }[])
    counts[severity] = count;
  return counts;
};

const readUplinks = async (tx: Tx, tenantId: string, where: SQL): Promise<Overview['uplinks']> => {
  const { rows } = (await tx.execute(
    sql`SELECT u.id, u.name, u.hall_id, l.presence, l.hello_at IS NULL AS is_new, l.since, l.heartbeat->'streams' AS streams FROM units u JOIN unit_links l ON l.unit_id = u.id
      WHERE u.tenant_id = ${tenantId} AND u.archived_at IS NULL AND ${where} ORDER BY (l.presence = 'online'), u.name, u.id LIMIT ${maxUplinks}`,
  )) as unknown as {
    rows: {
      id: string;
      name: string;
      hall_id: string;
      presence: 'online' | 'offline';
      is_new: boolean;
      since: string;
      streams: Heartbeat['streams'] | null;
    }[];
  };
  return rows.map(({ id, name, hall_id, presence, is_new, since, streams }) => {
    const oldest = (streams ?? []).flatMap(({ oldestAt }) => oldestAt ?? []);
    return {
      ...{ unitId: id, unitName: name, hallId: hall_id },
      ...{ state: is_new ? 'new' : 'active', presence, since: instantText(since) },
      pending: streams?.reduce((sum, { pending }) => sum + pending, 0) ?? null,
      oldestAt: oldest.length > 0 ? new Date(Math.min(...oldest)).toISOString() : null,
    };
  });
};

const readMessages = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly now: number },
): Promise<Overview['messages']> => {
  const last = of.now - (of.now % minuteMs);
  const first = last - (minutes - 1) * minuteMs;
  const { rows } = (await tx.execute(
    sql`SELECT m.minute, sum(m.row_count)::int AS count FROM ingest_minutes m JOIN units u ON u.id = m.unit_id
      WHERE m.tenant_id = ${of.tenantId} AND m.minute >= ${new Date(first).toISOString()}::timestamptz AND ${of.where} GROUP BY m.minute`,
  )) as unknown as { rows: { minute: string; count: number }[] };
  const counts = new Map(rows.map(({ minute, count }) => [Date.parse(minute), count]));
  return Array.from({ length: minutes }, (_, i) => {
    const at = first + i * minuteMs;
    return { at: new Date(at).toISOString(), count: counts.get(at) ?? 0 };
  });
};
