import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type CameraPlaces, troubleStates } from '../contract.js';
import { analysisOf, camerasFrom } from '../read-cameras.js';

interface UnitRecord {
  hall_id: string;
  hall_name: string;
  region_id: string;
  lat: number | null;
  lon: number | null;
  unit_id: string;
  unit_name: string;
  slots_most: number | null;
  slots_used: number | null;
  p50_ms: number | null;
  fps: number | null;
  cameras: number;
  online: number;
  configured: number;
  watching: number;
  trouble: number;
}

type Hall = CameraPlaces['halls'][number];
const tallies = ['cameras', 'online', 'configured', 'watching', 'trouble'] as const;

/** Halls within reach that have a camera, with the regions above them; one row a unit is read, whatever the number of cameras. */
export const cameraPlaces = (ctx: VerbContext): Promise<CameraPlaces> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const reach = inReach(sql`d.hall_id`, ctx.actor, 'vision.read') ?? sql`true`;
      const trouble = sql.join(
        troubleStates.map((one) => sql`${one}`),
        sql`, `,
      );
      const { rows } = (await tx.execute(sql`
        SELECT hall_id, hall_name, region_id, lat, lon, unit_id, unit_name, slots_most, slots_used, p50_ms, sum(fps) FILTER (WHERE analysis = 'watching') AS fps,
          count(*)::int AS cameras, count(*) FILTER (WHERE is_online)::int AS online, count(*) FILTER (WHERE analysis <> 'not_set_up')::int AS configured,
          count(*) FILTER (WHERE analysis = 'watching')::int AS watching, count(*) FILTER (WHERE analysis IN (${trouble}))::int AS trouble
        FROM (SELECT d.hall_id, h.name AS hall_name, h.region_id, h.lat, h.lon, d.unit_id, u.name AS unit_name, r.slots_most, r.slots_used,
            (r.detector->>'p50Ms')::float8 AS p50_ms, s.fps, l.presence = 'online' AND d.presence = 'online' AS is_online,
            ${analysisOf(new Date(ctx.clock.now()))} AS analysis FROM ${camerasFrom(ctx.actor.tenantId)} AND ${reach}) c
        GROUP BY hall_id, hall_name, region_id, lat, lon, unit_id, unit_name, slots_most, slots_used, p50_ms
        ORDER BY hall_name, hall_id, unit_name, unit_id`)) as unknown as { rows: UnitRecord[] };
      const regions = (await tx.execute(sql`
        WITH RECURSIVE above AS (
          SELECT id, parent_id, name, 0 AS depth FROM regions WHERE id IN (${
            rows.length === 0
              ? sql`NULL`
              : sql.join(
                  rows.map((row) => sql`${row.region_id}::uuid`),
                  sql`, `,
                )
          })
          UNION SELECT r.id, r.parent_id, r.name, depth + 1 FROM regions r JOIN above a ON a.parent_id = r.id WHERE depth < 32)
        SELECT DISTINCT id, parent_id, name FROM above ORDER BY name, id`)) as unknown as {
        rows: { id: string; parent_id: string | null; name: string }[];
      };
      return {
        halls: toHalls(rows),
        regions: regions.rows.map(({ id, parent_id, name }) => ({ regionId: id, parentId: parent_id, name })),
      };
    },
    { readOnly: true },
  );

const toHalls = (rows: readonly UnitRecord[]): Hall[] => {
  const halls = new Map<string, Hall>();
  for (const row of rows) {
    const hall: Hall = halls.get(row.hall_id) ?? {
      ...{ hallId: row.hall_id, name: row.hall_name, regionId: row.region_id, lat: row.lat, lon: row.lon },
      ...{ cameras: 0, online: 0, configured: 0, watching: 0, trouble: 0, units: [] },
    };
    for (const tally of tallies) hall[tally] += row[tally];
    const busy = row.p50_ms === null || row.fps === null ? null : Math.min(1, (row.p50_ms * row.fps) / 1_000);
    hall.units.push({
      ...{ unitId: row.unit_id, name: row.unit_name, slotsMost: row.slots_most, slotsUsed: row.slots_used, busy },
    });
    halls.set(row.hall_id, hall);
  }
  return [...halls.values()];
};
