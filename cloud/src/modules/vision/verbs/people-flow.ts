import { heatColumns, heatRows } from '@hallhub/shared/vision';
import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import { shownName } from '../../fleet/read-devices.js';
import type { CameraDocument } from '../contract.js';
import type { FlowAnswer, FlowQuery, HeatAnswer } from '../statistics-contract.js';
import { requireCamera } from '../write-camera.js';
import { requireSpan, visionReach } from './statistics.js';

const dayMs = 86_400_000;
const mostMs = { minute: 2 * dayMs, hour: 62 * dayMs, day: 400 * dayMs } as const;

interface Sums {
  ins: string | null;
  outs: string | null;
  occupancy_mean: number | null;
  occupancy_most: string | null;
  dwell_mean_ms: number | null;
}

const whole = (value: string | null): number | null => (value === null ? null : Number(value));

const toSums = (row: Sums) => ({
  in: whole(row.ins),
  out: whole(row.outs),
  occupancyMean: row.occupancy_mean,
  occupancyMost: whole(row.occupancy_most),
  dwellMeanMs: row.dwell_mean_ms,
});

const sums = sql`sum(f.ins) AS ins, sum(f.outs) AS outs, avg(f.occupancy_mean) AS occupancy_mean, max(f.occupancy_most) AS occupancy_most,
  sum(f.dwell_mean_ms * f.lefts) / nullif(sum(f.lefts) FILTER (WHERE f.dwell_mean_ms IS NOT NULL), 0) AS dwell_mean_ms`;

/** People in and out, how many at once and how long they stayed; days are those of the hall. */
export const readFlow = async (ctx: VerbContext, query: FlowQuery): Promise<FlowAnswer> => {
  requireSpan(query, mostMs[query.step]);
  const isMinutes = query.step === 'minute';
  const table = isMinutes ? sql`flow_minutes` : sql`flow_hours`;
  const at = isMinutes ? sql`f.minute` : sql`f.hour`;
  const bucket = query.step === 'day' ? sql`date_trunc('day', ${at}, h.time_zone)` : at;
  const rule = query.ruleId ? sql`f.rule_id = ${query.ruleId}` : sql`true`;
  const where = sql`${visionReach(ctx, query)} AND ${rule} AND ${at} >= ${query.from}::timestamptz AND ${at} < ${query.to}::timestamptz`;
  const { points, rules, names } = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const series = (await tx.execute(
        sql`SELECT ${bucket} AS at, ${sums} FROM ${table} f JOIN halls h ON h.id = f.hall_id WHERE ${where} GROUP BY 1 ORDER BY 1`,
      )) as unknown as { rows: (Sums & { at: string })[] };
      const each = (await tx.execute(
        sql`SELECT f.rule_id, f.device_id, ${shownName} AS device_name, ${sums} FROM ${table} f JOIN halls h ON h.id = f.hall_id
          JOIN devices d ON d.tenant_id = f.tenant_id AND d.id = f.device_id WHERE ${where} GROUP BY f.rule_id, f.device_id, ${shownName}
          ORDER BY coalesce(sum(f.ins), 0) + coalesce(sum(f.outs), 0) DESC, f.rule_id LIMIT 100`,
      )) as unknown as { rows: (Sums & { rule_id: string; device_id: string; device_name: string })[] };
      const documents = await tx.$client.query<{ device_id: string; document: CameraDocument }>(
        'SELECT device_id, document FROM camera_vision WHERE tenant_id = $1 AND device_id = ANY($2::uuid[])',
        [ctx.actor.tenantId, [...new Set(each.rows.map(({ device_id }) => device_id))]],
      );
      const set = documents.rows.flatMap(({ device_id, document }) =>
        document.views.flatMap((view) => view.rules.map(({ id, name }) => [`${device_id} ${id}`, name] as const)),
      );
      return { points: series.rows, rules: each.rows, names: new Map(set) };
    },
    { readOnly: true },
  );
  return {
    step: query.step,
    points: points.map((row) => ({ at: instantText(row.at), ...toSums(row) })),
    rules: rules.map((row) => ({
      ...{ ruleId: row.rule_id, deviceId: row.device_id, deviceName: row.device_name },
      name: names.get(`${row.device_id} ${row.rule_id}`) ?? null,
      ...toSums(row),
    })),
  };
};

/** Where people stood in one view, added up over hours. Throws `not_found`. */
export const readHeat = (
  ctx: VerbContext,
  query: { readonly deviceId: string; readonly viewId: string; readonly from: string; readonly to: string },
): Promise<HeatAnswer> => {
  requireSpan(query);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      await requireCamera(tx, ctx, query.deviceId);
      const { rows } = await tx.$client.query<{ hours: number; seconds: string[] | null }>(
        `SELECT (SELECT count(*)::int FROM heat_hours WHERE tenant_id = $1 AND device_id = $2 AND view_id = $3 AND hour >= $4 AND hour < $5) AS hours,
           (SELECT array_agg(total ORDER BY cell) FROM (SELECT c.cell, sum(c.s) AS total FROM heat_hours t, unnest(t.seconds) WITH ORDINALITY AS c(s, cell)
             WHERE t.tenant_id = $1 AND t.device_id = $2 AND t.view_id = $3 AND t.hour >= $4 AND t.hour < $5 GROUP BY c.cell) sums) AS seconds`,
        [ctx.actor.tenantId, query.deviceId, query.viewId, query.from, query.to],
      );
      const [row] = rows;
      const seconds = row?.seconds?.map(Number) ?? Array.from({ length: heatColumns * heatRows }, () => 0);
      return { columns: heatColumns, rows: heatRows, hours: row?.hours ?? 0, seconds };
    },
    { readOnly: true },
  );
};
