import type { VisionReport } from '@hallhub/shared/vision';
import type { Tx } from '../../../db/index.js';

export interface TakenReport {
  readonly unitId: string;
  readonly tenantId: string;
  readonly report: VisionReport;
  /** Of what the cloud wants of it now; the same as the report's: the unit works by every camera's newest set-up. */
  readonly wanted: { readonly version: string; readonly cameras: readonly { deviceId: string; version: number }[] };
  readonly now: Date;
}

/** A unit tells a week. Days of a clock gone wild are not kept: there would be ever more of them, and nothing takes those to come away. */
const daysBack = 31;

const instantOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** Stores what a unit says of its vision. Gives the cameras whose standing is another than before. */
export const takeReport = async (tx: Tx, taken: TakenReport): Promise<string[]> => {
  const { unitId, tenantId, report, wanted, now } = taken;
  const { config, process, slots, detector } = report;
  await tx.$client.query(
    `INSERT INTO vision_units (tenant_id, unit_id, at, received_at, config_source, config_version, applied_at, problem, process, process_reason, process_hint, slots_most, slots_used, detector)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (tenant_id, unit_id) DO UPDATE SET at = excluded.at, received_at = excluded.received_at, config_source = excluded.config_source,
       config_version = excluded.config_version, applied_at = excluded.applied_at, problem = excluded.problem, process = excluded.process,
       process_reason = excluded.process_reason, process_hint = excluded.process_hint, slots_most = excluded.slots_most, slots_used = excluded.slots_used, detector = excluded.detector`,
    [
      ...[tenantId, unitId, instantOf(report.at), now, config.source, config.version, instantOf(config.appliedAt)],
      ...[
        config.problem,
        process.state,
        process.reason,
        process.hint,
        slots.most,
        slots.used,
        JSON.stringify(detector),
      ],
    ],
  );
  const told = JSON.stringify(
    report.cameras.map((one) => ({ ...one, since: instantOf(one.since), recordedFrom: instantOf(one.recordedFrom) })),
  );
  // Only devices of this unit: it says nothing of another's.
  const { rows: changed } = await tx.$client.query<{ device_id: string }>(
    `WITH told AS (SELECT c.*, d.id AS device_id FROM jsonb_to_recordset($3) AS c("deviceId" uuid, state text, since timestamptz, reason text, hint text, fps float8, health text, "recordedFrom" timestamptz)
       JOIN devices d ON d.tenant_id = $1 AND d.unit_id = $2 AND d.id = c."deviceId"),
     before AS (SELECT o.device_id, o.state, o.reason, o.health FROM vision_cameras o JOIN told t ON t.device_id = o.device_id WHERE o.tenant_id = $1),
     written AS (INSERT INTO vision_cameras (tenant_id, device_id, state, since, reason, hint, fps, health, recorded_from, reported_at)
       SELECT DISTINCT ON (device_id) $1, device_id, state, since, reason, hint, fps, health, "recordedFrom", $4 FROM told
       ON CONFLICT (tenant_id, device_id) DO UPDATE SET state = excluded.state, since = excluded.since, reason = excluded.reason, hint = excluded.hint,
         fps = excluded.fps, health = excluded.health, recorded_from = excluded.recorded_from, reported_at = excluded.reported_at
       RETURNING device_id, state, reason, health)
     SELECT w.device_id FROM written w LEFT JOIN before b USING (device_id)
     WHERE (w.state, w.reason, w.health) IS DISTINCT FROM (b.state, b.reason, b.health)`,
    [tenantId, unitId, told, now],
  );
  await tx.$client.query(
    `INSERT INTO vision_days (tenant_id, device_id, day, looked)
     SELECT $1, d.id, t.day, max(t.looked) FROM jsonb_to_recordset($3) AS c("deviceId" uuid, days jsonb)
       JOIN devices d ON d.tenant_id = $1 AND d.unit_id = $2 AND d.id = c."deviceId", jsonb_to_recordset(c.days) AS t(day date, looked bigint)
     WHERE t.day BETWEEN $4::date - ${daysBack} AND $4::date + 1
     GROUP BY d.id, t.day
     ON CONFLICT (tenant_id, device_id, day) DO UPDATE SET looked = greatest(vision_days.looked, excluded.looked)`,
    [tenantId, unitId, told, now],
  );
  const applied = config.version === wanted.version ? await markApplied(tx, taken) : [];
  return [...new Set([...changed.map(({ device_id }) => device_id), ...applied])];
};

const markApplied = async (tx: Tx, { tenantId, report, wanted, now }: TakenReport): Promise<string[]> => {
  const { rows } = await tx.$client.query<{ device_id: string }>(
    `UPDATE camera_vision v SET applied_version = v.version, applied_at = $3 FROM jsonb_to_recordset($2) AS c("deviceId" uuid, version int)
     WHERE v.tenant_id = $1 AND v.device_id = c."deviceId" AND v.version = c.version AND v.applied_version IS DISTINCT FROM v.version RETURNING v.device_id`,
    [tenantId, JSON.stringify(wanted.cameras), instantOf(report.config.appliedAt) ?? now],
  );
  return rows.map(({ device_id }) => device_id);
};
