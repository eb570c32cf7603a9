import { sql } from 'drizzle-orm';
import type { PlaceCounts } from './modules/places/contract.js';
import type { CountPlaces } from './modules/places/verbs/list-places.js';

interface Row {
  hall_id: string;
  units_online: number;
  units: number;
  devices_online: number;
  devices: number;
  open_alarms: number;
}

/** What the tree shows beside each hall. Stale devices (their unit is away) are not online. In the tenant's transaction. */
export const countPlaces: CountPlaces = async (tx, hallIds) => {
  if (hallIds.length === 0) return new Map();
  const { rows } = await tx.execute(sql`
    SELECT h.id AS hall_id,
      coalesce(u.online, 0)::int AS units_online, coalesce(u.total, 0)::int AS units,
      coalesce(d.online, 0)::int AS devices_online, coalesce(d.total, 0)::int AS devices,
      coalesce(a.open, 0)::int AS open_alarms
    FROM unnest(${sql.param([...hallIds])}::uuid[]) AS h(id)
    LEFT JOIN (
      SELECT u.hall_id, count(*) AS total, count(*) FILTER (WHERE l.presence = 'online') AS online
      FROM units u JOIN unit_links l ON l.unit_id = u.id WHERE u.archived_at IS NULL GROUP BY u.hall_id
    ) u ON u.hall_id = h.id
    LEFT JOIN (
      SELECT d.hall_id, count(*) AS total, count(*) FILTER (WHERE d.presence = 'online' AND l.presence = 'online') AS online
      FROM devices d JOIN unit_links l ON l.unit_id = d.unit_id WHERE d.state = 'active' AND d.revision > 0 GROUP BY d.hall_id
    ) d ON d.hall_id = h.id
    LEFT JOIN (
      SELECT hall_id, count(*) AS open FROM alarms WHERE cleared_at IS NULL GROUP BY hall_id
    ) a ON a.hall_id = h.id`);
  return new Map<string, PlaceCounts>(
    (rows as unknown as Row[]).map((row) => [
      row.hall_id,
      {
        unitsOnline: row.units_online,
        units: row.units,
        devicesOnline: row.devices_online,
        devices: row.devices,
        openAlarms: row.open_alarms,
      },
    ]),
  );
};
