import { HubError } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import { shownName } from '../../fleet/read-devices.js';
import { inRegion } from '../../places/in-region.js';
import { mostCameras, readUptime, shareUp } from '../report/camera-uptime.js';
import { remarksOf } from '../report/remarks.js';
import type { ReportedFinding, ReportQuery, RunReport } from '../report/report-contract.js';
import { type ReportSpan, spanOf } from '../report/report-period.js';
import { readFlow } from './people-flow.js';
import { listPrecision } from './rule-precision.js';
import { statisticsOf, visionReach } from './statistics.js';

const shownFindings = 100;
/** In a file. */
export const mostFindings = 5_000;
/** Of those that could be reached least. Sums and remarks are of all. */
const shownCameras = 500;
const fallbackZone = 'Asia/Shanghai';

interface PlaceOf {
  readonly organisation: string;
  readonly place: string | null;
  readonly timeZone: string;
}

/** Throws `not_found` where the place is out of reach. */
const placeOf = async (tx: Tx, ctx: VerbContext, { hallId, regionId }: ReportQuery): Promise<PlaceOf> => {
  const ask = async <T>(text: SQL): Promise<T[]> => ((await tx.execute(text)) as unknown as { rows: T[] }).rows;
  const { tenantId } = ctx.actor;
  const where = [
    sql`h.tenant_id = ${tenantId}`,
    inReach(sql`h.id`, ctx.actor, 'vision.read') ?? sql`true`,
    hallId ? sql`h.id = ${hallId}` : sql`true`,
    regionId ? inRegion(sql`h.region_id`, regionId) : sql`true`,
  ];
  const halls = await ask<{ name: string; time_zone: string; count: number }>(
    sql`SELECT min(h.name) AS name, h.time_zone, count(*)::int AS count FROM halls h WHERE ${sql.join(where, sql` AND `)} GROUP BY h.time_zone ORDER BY 3 DESC, 2`,
  );
  if (halls.length === 0 && (hallId || regionId)) throw new HubError('not_found', 'There is no such place');
  const [tenant] = await ask<{ name: string }>(sql`SELECT name FROM tenants WHERE id = ${tenantId}`);
  const [region] = regionId
    ? await ask<{ name: string }>(sql`SELECT name FROM regions WHERE tenant_id = ${tenantId} AND id = ${regionId}`)
    : [];
  return {
    organisation: tenant?.name ?? '',
    place: hallId ? (halls[0]?.name ?? null) : (region?.name ?? null),
    timeZone: halls[0]?.time_zone ?? fallbackZone,
  };
};

/** Findings that were so: the gravest first, then the newest. */
const readReported = async (
  tx: Tx,
  of: { readonly where: SQL; readonly limit: number },
): Promise<ReportedFinding[]> => {
  const order = sql`f.decision = 'accepted' DESC, array_position(ARRAY['critical', 'warning', 'notice', 'info'], f.severity), f.started_at DESC, f.id`;
  // The page first: what stands beside a finding is asked for those that are shown.
  const { rows } = (await tx.execute(sql`
    WITH page AS MATERIALIZED (
      SELECT f.tenant_id, f.id FROM review_findings f
      WHERE ${of.where} AND f.decision IN ('accepted', 'below_standard', 'already_left') ORDER BY ${order} LIMIT ${of.limit})
    SELECT f.id, f.item_id AS "itemId", f.number, f.started_at AS "startedAt", f.ended_at AS "endedAt", h.time_zone AS "timeZone", f.severity, f.algorithm,
      f.rule_name AS "ruleName", ${shownName} AS "deviceName", h.name AS "hallName", f.decision, i.opinion
    FROM page p JOIN review_findings f ON f.tenant_id = p.tenant_id AND f.id = p.id JOIN halls h ON h.id = f.hall_id
      JOIN devices d ON d.tenant_id = f.tenant_id AND d.id = f.device_id JOIN review_items i ON i.tenant_id = f.tenant_id AND i.id = f.item_id
    ORDER BY ${order}`)) as unknown as { rows: ReportedFinding[] };
  return rows.map((row) => ({
    ...row,
    startedAt: instantText(row.startedAt),
    endedAt: instantText(row.endedAt),
  }));
};

/** How a day or a month went: what was found, what became of it, whether the cameras were there, and what stands out. */
export const makeRunReport = async (
  ctx: VerbContext,
  query: ReportQuery,
  { limit = shownFindings }: { readonly limit?: number } = {},
): Promise<RunReport> => {
  const nowMs = ctx.clock.now();
  const { hallId, regionId } = query;
  const read = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const place = await placeOf(tx, ctx, query);
      const span = await spanOf(tx, { period: query.period, timeZone: place.timeZone, nowMs });
      const within = { hallId, regionId };
      const totals = await statisticsOf(tx, ctx, { ...within, from: span.from, to: span.to, mostCameras });
      const before = await statisticsOf(tx, ctx, { ...within, ...span.before });
      const reach = visionReach(ctx, within);
      const reported = await readReported(tx, {
        where: sql`${reach} AND f.started_at >= ${span.from}::timestamptz AND f.started_at < ${span.to}::timestamptz`,
        limit,
      });
      const cameras = await readUptime(tx, {
        ...{ tenantId: ctx.actor.tenantId, from: span.from, to: span.to },
        where: sql`${inReach(sql`d.hall_id`, ctx.actor, 'vision.read') ?? sql`true`} AND ${hallId ? sql`d.hall_id = ${hallId}` : sql`true`}
          AND ${regionId ? inRegion(sql`h.region_id`, regionId) : sql`true`}`,
      });
      return { place, span, totals, before, reported, cameras };
    },
    { readOnly: true },
  );
  const { place, span, totals, before, reported } = read;
  const { items } = await listPrecision(ctx, { hallId, regionId, from: span.from, to: span.to });
  const found = new Map(totals.byCamera.map((one) => [one.deviceId, one]));
  const cameras = read.cameras
    .map((camera) => {
      const { findings = 0, accepted = 0, decided = 0 } = found.get(camera.deviceId) ?? {};
      const { deviceId, name, hallName, downMs, outages } = camera;
      return { deviceId, name, hallName, findings, accepted, decided, uptime: shareUp(camera), downMs, outages };
    })
    .sort((a, b) => (a.uptime ?? 2) - (b.uptime ?? 2) || b.findings - a.findings);
  const topHours = totals.byHour
    .map((findings, hour) => ({ hour, findings }))
    .filter(({ findings }) => findings > 0)
    .sort((a, b) => b.findings - a.findings)
    .slice(0, 5);
  const sumOf = (of: 'upMs' | 'downMs') => read.cameras.reduce((sum, camera) => sum + camera[of], 0);
  return {
    ...{ kind: span.kind, period: query.period, isOver: span.isOver, ...place },
    madeAt: new Date(nowMs).toISOString(),
    madeBy: ctx.actor.userName,
    totals: { ...totals, byCamera: totals.byCamera.slice(0, shownCameras) },
    before: { findings: before.findings, reviewRate: before.reviewRate, precision: before.precision },
    ...{ topHours, cameras: cameras.slice(0, shownCameras), rules: items },
    uptime: shareUp({ upMs: sumOf('upMs'), downMs: sumOf('downMs') }),
    flow: await flowOf(ctx, query, { span, timeZone: place.timeZone }),
    remarks: remarksOf({ totals, before: before.findings, topHours, rules: items, cameras }),
    findings: reported,
    findingsAll: totals.decided - totals.false,
  };
};

const flowOf = async (
  ctx: VerbContext,
  { hallId, regionId }: ReportQuery,
  { span, timeZone }: { readonly span: ReportSpan; readonly timeZone: string },
): Promise<RunReport['flow']> => {
  const { points } = await readFlow(ctx, { hallId, regionId, from: span.from, to: span.to, step: 'hour' });
  const dayOf = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const days = new Map<string, { day: string; in: number; out: number }>();
  let busiest: RunReport['flow']['busiest'] = null;
  for (const point of points) {
    const day = dayOf.format(new Date(point.at));
    const sum = days.get(day) ?? { day, in: 0, out: 0 };
    days.set(day, { day, in: sum.in + (point.in ?? 0), out: sum.out + (point.out ?? 0) });
    if ((point.in ?? 0) > (busiest?.in ?? 0)) busiest = { at: point.at, in: point.in ?? 0 };
  }
  const total = (of: 'in' | 'out') =>
    points.some((point) => point[of] !== null) ? [...days.values()].reduce((sum, one) => sum + one[of], 0) : null;
  return { in: total('in'), out: total('out'), days: [...days.values()], busiest };
};
