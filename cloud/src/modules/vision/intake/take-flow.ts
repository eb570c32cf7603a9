import type { Flow, Heat } from '@hallhub/shared/vision';
import type { IngestContext } from '../../streams/ingest-context.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Minutes are kept so long, and so are heat maps; hours that lost their minutes are made anew by nobody. */
export const minuteDays = 90;
const futureMs = dayMs;

/** Of a clock gone wild. */
export const isAhead = (context: IngestContext, atMs: number): boolean =>
  atMs > context.receivedAt.getTime() + futureMs;

/** Whether a row's time can be counted: neither from a clock gone wild nor of an hour whose minutes are gone. */
export const isCountable = (context: IngestContext, atMs: number): boolean => {
  const oldestMs = context.receivedAt.getTime() - minuteDays * dayMs + hourMs;
  return !isAhead(context, atMs) && atMs > oldestMs;
};

const floor = (ms: number, stepMs: number): string => new Date(Math.floor(ms / stepMs) * stepMs).toISOString();

export interface OfDevice<T> {
  readonly deviceId: string;
  readonly row: T;
}

/** Minutes as they came, the last word on each; then the hours they lie in, from all their minutes. */
export const takeFlow = async (context: IngestContext, rows: readonly OfDevice<Flow>[]): Promise<void> => {
  const { tx, tenantId, hallId } = context;
  const last = new Map<string, object>();
  for (const { deviceId, row } of rows) {
    const minute = floor(context.correctedMs(row.minute), minuteMs);
    last.set(`${deviceId} ${row.ruleId} ${minute}`, {
      ...{ device_id: deviceId, rule_id: row.ruleId, view_id: row.viewId, minute },
      ...{ ins: row.in ?? null, outs: row.out ?? null, lefts: row.left ?? null },
      ...{ occupancy_mean: row.occupancyMean ?? null, occupancy_most: row.occupancyMost ?? null },
      dwell_mean_ms: row.dwellMeanMs ?? null,
    });
  }
  const values = [tenantId, hallId, JSON.stringify([...last.values()])];
  await tx.$client.query({
    name: 'take-flow-minutes',
    text: `INSERT INTO flow_minutes (tenant_id, hall_id, device_id, rule_id, view_id, minute, ins, outs, lefts, occupancy_mean, occupancy_most, dwell_mean_ms)
      SELECT $1, $2, r.* FROM jsonb_to_recordset($3::jsonb) AS r(device_id uuid, rule_id uuid, view_id uuid, minute timestamptz, ins bigint, outs bigint,
        lefts bigint, occupancy_mean double precision, occupancy_most bigint, dwell_mean_ms double precision)
      ON CONFLICT (tenant_id, device_id, rule_id, minute) DO UPDATE SET ins = excluded.ins, outs = excluded.outs, lefts = excluded.lefts,
        occupancy_mean = excluded.occupancy_mean, occupancy_most = excluded.occupancy_most, dwell_mean_ms = excluded.dwell_mean_ms`,
    values,
  });
  await tx.$client.query({
    name: 'make-flow-hours',
    text: `INSERT INTO flow_hours (tenant_id, device_id, rule_id, hour, hall_id, view_id, minutes, ins, outs, occupancy_mean, occupancy_most, dwell_mean_ms, lefts)
      SELECT m.tenant_id, m.device_id, m.rule_id, h.hour, $2, (array_agg(m.view_id ORDER BY m.minute DESC))[1], count(*), sum(m.ins), sum(m.outs),
        avg(m.occupancy_mean), max(m.occupancy_most), sum(m.dwell_mean_ms * m.lefts) / nullif(sum(m.lefts) FILTER (WHERE m.dwell_mean_ms IS NOT NULL), 0),
        sum(m.lefts)
      FROM (SELECT DISTINCT r.device_id, r.rule_id, date_trunc('hour', r.minute, 'UTC') AS hour
        FROM jsonb_to_recordset($3::jsonb) AS r(device_id uuid, rule_id uuid, minute timestamptz)) h
      JOIN flow_minutes m ON m.tenant_id = $1 AND m.device_id = h.device_id AND m.rule_id = h.rule_id
        AND m.minute >= h.hour AND m.minute < h.hour + interval '1 hour'
      GROUP BY m.tenant_id, m.device_id, m.rule_id, h.hour
      ON CONFLICT (tenant_id, device_id, rule_id, hour) DO UPDATE SET view_id = excluded.view_id, minutes = excluded.minutes, ins = excluded.ins,
        outs = excluded.outs, occupancy_mean = excluded.occupancy_mean, occupancy_most = excluded.occupancy_most, dwell_mean_ms = excluded.dwell_mean_ms,
        lefts = excluded.lefts`,
    values,
  });
};

/** Rows are counted once each (events are), so that an hour told in two parts, before and after a restart, is their sum. */
export const takeHeat = async (context: IngestContext, rows: readonly OfDevice<Heat>[]): Promise<void> => {
  const { tx, tenantId, hallId } = context;
  for (const { deviceId, row } of rows) {
    await tx.$client.query({
      name: 'take-heat-hour',
      text: `INSERT INTO heat_hours AS h (tenant_id, device_id, view_id, hour, hall_id, seconds) VALUES ($1, $2, $3, $4, $5, $6::bigint[])
        ON CONFLICT (tenant_id, device_id, view_id, hour) DO UPDATE SET
          seconds = ARRAY(SELECT a.s + b.s FROM unnest(h.seconds) WITH ORDINALITY AS a(s, i) JOIN unnest(excluded.seconds) WITH ORDINALITY AS b(s, i) USING (i) ORDER BY i)`,
      values: [tenantId, deviceId, row.viewId, floor(context.correctedMs(row.hour), hourMs), hallId, row.seconds],
    });
  }
};
