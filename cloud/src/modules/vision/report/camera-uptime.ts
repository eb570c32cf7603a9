import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { shownName } from '../../fleet/read-devices.js';

export interface CameraUptime {
  readonly deviceId: string;
  readonly name: string;
  readonly hallName: string;
  readonly upMs: number;
  readonly downMs: number;
  readonly outages: number;
}

/** More than any installation has: the share of all of them is of all of them. */
export const mostCameras = 20_000;

/**
 * How long each camera could be reached between two instants, by the changes its unit told: what nobody knew counts on neither side.
 * `where` is over `devices d` and `halls h`.
 */
export const readUptime = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly from: string; readonly to: string },
): Promise<CameraUptime[]> => {
  const { rows } = (await tx.execute(sql`
    WITH cameras AS (
      SELECT d.tenant_id, d.id, ${shownName} AS name, h.name AS hall_name FROM devices d JOIN halls h ON h.id = d.hall_id
      WHERE d.tenant_id = ${of.tenantId} AND d.revision > 0 AND d.state = 'active' AND ${of.where}
        AND (d.device_class = 'camera' OR EXISTS (SELECT 1 FROM camera_vision v WHERE v.tenant_id = d.tenant_id AND v.device_id = d.id))
      ORDER BY h.name, d.id LIMIT ${mostCameras}),
    changes AS (
      SELECT c.id, greatest(p.at, ${of.from}::timestamptz) AS at, p.state, p.change FROM cameras c, LATERAL (
        (SELECT p.at, p.state, false AS change FROM presence_changes p WHERE p.tenant_id = c.tenant_id AND p.device_id = c.id
          AND p.at <= ${of.from}::timestamptz ORDER BY p.at DESC, p.id DESC LIMIT 1)
        UNION ALL (SELECT p.at, p.state, true FROM presence_changes p WHERE p.tenant_id = c.tenant_id AND p.device_id = c.id
          AND p.at > ${of.from}::timestamptz AND p.at < ${of.to}::timestamptz)) p),
    spans AS (
      SELECT id, state, change, extract(epoch FROM lead(at, 1, ${of.to}::timestamptz) OVER (PARTITION BY id ORDER BY at) - at) * 1000 AS ms FROM changes)
    SELECT c.id AS "deviceId", c.name, c.hall_name AS "hallName",
      coalesce(round(sum(s.ms) FILTER (WHERE s.state IN ('online', 'degraded'))), 0)::float8 AS "upMs",
      coalesce(round(sum(s.ms) FILTER (WHERE s.state = 'offline')), 0)::float8 AS "downMs",
      (count(*) FILTER (WHERE s.state = 'offline' AND s.change))::int AS outages
    FROM cameras c LEFT JOIN spans s ON s.id = c.id GROUP BY c.id, c.name, c.hall_name`)) as unknown as {
    rows: CameraUptime[];
  };
  return rows;
};

/** Null: nothing was told. */
export const shareUp = ({ upMs, downMs }: Pick<CameraUptime, 'upMs' | 'downMs'>): number | null =>
  upMs + downMs === 0 ? null : upMs / (upMs + downMs);
