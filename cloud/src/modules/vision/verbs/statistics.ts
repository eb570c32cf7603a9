import { HubError } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import { inRegion } from '../../places/in-region.js';
import type { Statistics, StatisticsQuery } from '../statistics-contract.js';
import { countFindings, type FindingGroup, medianToDecide } from './count-findings.js';

const longestMs = 400 * 86_400_000;

/** Throws where a span of time runs backwards or is longer than a year and a month. */
export const requireSpan = ({ from, to }: { readonly from: string; readonly to: string }, mostMs = longestMs): void => {
  const spanMs = Date.parse(to) - Date.parse(from);
  if (spanMs > 0 && spanMs <= mostMs) return;
  const message = spanMs > 0 ? `At most ${Math.round(mostMs / 86_400_000)} days at once` : 'Must lie after `from`';
  throw new HubError('invalid_input', message, { context: { errors: [{ path: 'query.to', message }] } });
};

/** Over a row with hall_id and device_id, named `f`. */
export const visionReach = (ctx: VerbContext, query: Partial<StatisticsQuery>): SQL => {
  const parts = [
    sql`f.tenant_id = ${ctx.actor.tenantId}`,
    inReach(sql`f.hall_id`, ctx.actor, 'vision.read') ?? sql`true`,
    query.hallId && sql`f.hall_id = ${query.hallId}`,
    query.regionId &&
      sql`f.hall_id IN (SELECT h.id FROM halls h WHERE h.tenant_id = ${ctx.actor.tenantId} AND ${inRegion(sql`h.region_id`, query.regionId)})`,
    query.deviceId && sql`f.device_id = ${query.deviceId}`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  return sql.join(parts, sql` AND `);
};

const sumsOf = ({ findings, decided, accepted, false: wrong }: FindingGroup) => ({
  findings,
  decided,
  accepted,
  false: wrong,
});
const byFindings = (a: { findings: number }, b: { findings: number }): number => b.findings - a.findings;

const mostPlaces = 50;

/** What was found in a span of time and what became of it: by algorithm, camera, hall, region, day, and hour of the day. */
export const readStatistics = (ctx: VerbContext, query: StatisticsQuery): Promise<Statistics> => {
  requireSpan(query);
  return withTenant(ctx.db, ctx.actor, (tx) => statisticsOf(tx, ctx, query), { readOnly: true });
};

/** In a transaction that is there. */
export const statisticsOf = async (
  tx: Tx,
  ctx: VerbContext,
  query: StatisticsQuery & { readonly mostCameras?: number },
): Promise<Statistics> => {
  const { mostCameras = 50 } = query;
  const ask = async <T>(text: SQL): Promise<T[]> => ((await tx.execute(text)) as unknown as { rows: T[] }).rows;
  const type = query.algorithm ? sql`f.algorithm = ${query.algorithm}` : sql`true`;
  const where = sql`${visionReach(ctx, query)} AND ${type} AND f.started_at >= ${query.from}::timestamptz AND f.started_at < ${query.to}::timestamptz`;
  const groups = await countFindings(tx, where);
  const decideMedianMs = await medianToDecide(tx, where);
  const cameras = groups.filter(({ device_id }) => device_id !== null).sort(byFindings);
  const halls = groups.filter(({ hall_id }) => hall_id !== null).sort(byFindings);
  const named = await ask<{ id: string; name: string; hall_name: string }>(
    sql`SELECT d.id, ${shownName} AS name, h.name AS hall_name FROM devices d JOIN halls h ON h.id = d.hall_id
      WHERE d.tenant_id = ${ctx.actor.tenantId} AND d.id = ANY(${sql.param(cameras.slice(0, mostCameras).map((one) => one.device_id))}::uuid[])`,
  );
  const places = await ask<{ id: string; name: string; region_id: string; region_name: string }>(
    sql`SELECT h.id, h.name, r.id AS region_id, r.name AS region_name FROM halls h JOIN regions r ON r.id = h.region_id
      WHERE h.tenant_id = ${ctx.actor.tenantId} AND h.id = ANY(${sql.param(halls.map((one) => one.hall_id))}::uuid[])`,
  );
  const [refused] = await ask<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM vision_refusals f WHERE ${visionReach(ctx, query)}
      AND f.received_at >= ${query.from}::timestamptz AND f.received_at < ${query.to}::timestamptz`,
  );
  const total = groups.find((one) => !one.algorithm && !one.device_id && !one.hall_id && !one.day && one.hour === null);
  const all = total ? sumsOf(total) : { findings: 0, decided: 0, accepted: 0, false: 0 };
  const duplicates = total?.duplicates ?? 0;
  const nameOf = new Map(named.map((one) => [one.id, one]));
  const placeOf = new Map(places.map((one) => [one.id, one]));
  const hours = new Map(groups.map((one) => [one.hour, one.findings]));
  return {
    ...{ from: query.from, to: query.to, ...all, duplicates, open: total?.open ?? 0 },
    reviewRate: all.findings === 0 ? null : (all.decided + duplicates) / all.findings,
    precision: all.decided === 0 ? null : all.accepted / all.decided,
    decideMedianMs,
    byAlgorithm: groups
      .flatMap((one) => (one.algorithm === null ? [] : [{ algorithm: one.algorithm, ...sumsOf(one) }]))
      .sort(byFindings),
    byCamera: cameras.slice(0, mostCameras).flatMap((one) => {
      const camera = nameOf.get(one.device_id ?? '');
      return camera ? [{ deviceId: camera.id, name: camera.name, hallName: camera.hall_name, ...sumsOf(one) }] : [];
    }),
    byHall: halls.slice(0, mostPlaces).flatMap((one) => {
      const hall = placeOf.get(one.hall_id ?? '');
      return hall ? [{ hallId: hall.id, name: hall.name, ...sumsOf(one) }] : [];
    }),
    byRegion: regionsOf(halls, placeOf),
    byDay: groups
      .flatMap((one) => (one.day === null ? [] : [{ day: one.day, ...sumsOf(one) }]))
      .sort((a, b) => (a.day < b.day ? -1 : 1)),
    byHour: Array.from({ length: 24 }, (_one, hour) => hours.get(hour) ?? 0),
    refused: refused?.count ?? 0,
  };
};

const regionsOf = (
  halls: readonly FindingGroup[],
  placeOf: ReadonlyMap<string, { region_id: string; region_name: string }>,
): Statistics['byRegion'] => {
  const regions = new Map<string, Statistics['byRegion'][number]>();
  for (const hall of halls) {
    const place = placeOf.get(hall.hall_id ?? '');
    if (!place) continue;
    const sums = sumsOf(hall);
    const before = regions.get(place.region_id);
    regions.set(place.region_id, {
      ...{ regionId: place.region_id, name: place.region_name },
      findings: (before?.findings ?? 0) + sums.findings,
      decided: (before?.decided ?? 0) + sums.decided,
      accepted: (before?.accepted ?? 0) + sums.accepted,
      false: (before?.false ?? 0) + sums.false,
    });
  }
  return [...regions.values()].sort(byFindings).slice(0, mostPlaces);
};
