import { HubError } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import type { Statistics, StatisticsQuery } from '../statistics-contract.js';
import { belowRegion } from './camera-set-up.js';

interface Judged {
  findings: number;
  decided: number;
  accepted: number;
  false: number;
}

const judged = sql`count(*)::int AS findings, count(*) FILTER (WHERE f.decision <> 'duplicate')::int AS decided,
  count(*) FILTER (WHERE f.decision = 'accepted')::int AS accepted, count(*) FILTER (WHERE f.decision = 'false')::int AS "false"`;

const longestMs = 400 * 86_400_000;

/** Throws where a span of time runs backwards or is longer than a year and a month. */
export const requireSpan = ({ from, to }: { readonly from: string; readonly to: string }, mostMs = longestMs): void => {
  const spanMs = Date.parse(to) - Date.parse(from);
  if (spanMs > 0 && spanMs <= mostMs) return;
  const message = spanMs > 0 ? `At most ${Math.round(mostMs / 86_400_000)} days at once` : 'Must lie after `from`';
  throw new HubError('invalid_input', message, { context: { errors: [{ path: 'query.to', message }] } });
};

/** Over `halls h` and a row with hall_id and device_id, named `f`. */
export const visionReach = (ctx: VerbContext, query: Partial<StatisticsQuery>): SQL => {
  const parts = [
    sql`f.tenant_id = ${ctx.actor.tenantId}`,
    inReach(sql`f.hall_id`, ctx.actor, 'vision.read') ?? sql`true`,
    query.hallId && sql`f.hall_id = ${query.hallId}`,
    query.regionId && belowRegion(query.regionId),
    query.deviceId && sql`f.device_id = ${query.deviceId}`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  return sql.join(parts, sql` AND `);
};

/** What was found in a span of time and what became of it: by algorithm, camera, hall, day, and hour of the day. */
export const readStatistics = async (ctx: VerbContext, query: StatisticsQuery): Promise<Statistics> => {
  requireSpan(query);
  const from = sql`review_findings f JOIN halls h ON h.id = f.hall_id`;
  const where = sql`${visionReach(ctx, query)} AND f.started_at >= ${query.from}::timestamptz AND f.started_at < ${query.to}::timestamptz`;
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const ask = async <T>(text: SQL): Promise<T[]> => ((await tx.execute(text)) as unknown as { rows: T[] }).rows;
      const [total] = await ask<Judged & { duplicates: number; open: number; median: number | null }>(
        sql`SELECT ${judged}, count(*) FILTER (WHERE f.decision = 'duplicate')::int AS duplicates, count(*) FILTER (WHERE f.decision IS NULL)::int AS open,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.decided_at - f.received_at) * 1000) FILTER (WHERE f.decided_at IS NOT NULL) AS median
          FROM ${from} WHERE ${where}`,
      );
      const byAlgorithm = await ask<Judged & { algorithm: string }>(
        sql`SELECT f.algorithm, ${judged} FROM ${from} WHERE ${where} GROUP BY f.algorithm ORDER BY count(*) DESC, f.algorithm`,
      );
      const byCamera = await ask<Statistics['byCamera'][number]>(
        sql`SELECT f.device_id AS "deviceId", ${shownName} AS name, h.name AS "hallName", ${judged} FROM ${from}
          JOIN devices d ON d.tenant_id = f.tenant_id AND d.id = f.device_id WHERE ${where}
          GROUP BY f.device_id, ${shownName}, h.name ORDER BY count(*) DESC, f.device_id LIMIT 50`,
      );
      const byHall = await ask<Statistics['byHall'][number]>(
        sql`SELECT f.hall_id AS "hallId", h.name, ${judged} FROM ${from} WHERE ${where} GROUP BY f.hall_id, h.name ORDER BY count(*) DESC, f.hall_id LIMIT 5`,
      );
      const byDay = await ask<Statistics['byDay'][number]>(
        sql`SELECT to_char(f.started_at AT TIME ZONE h.time_zone, 'YYYY-MM-DD') AS day, ${judged} FROM ${from} WHERE ${where} GROUP BY 1 ORDER BY 1`,
      );
      const hours = await ask<{ hour: number; findings: number }>(
        sql`SELECT extract(hour FROM f.started_at AT TIME ZONE h.time_zone)::int AS hour, count(*)::int AS findings FROM ${from} WHERE ${where} GROUP BY 1`,
      );
      const [refused] = await ask<{ count: number }>(
        sql`SELECT count(*)::int AS count FROM vision_refusals f JOIN halls h ON h.id = f.hall_id WHERE ${visionReach(ctx, query)}
          AND f.received_at >= ${query.from}::timestamptz AND f.received_at < ${query.to}::timestamptz`,
      );
      const all = total ?? { findings: 0, decided: 0, accepted: 0, false: 0, duplicates: 0, open: 0, median: null };
      const { median, ...sums } = all;
      return {
        ...{ from: query.from, to: query.to, ...sums },
        reviewRate: all.findings === 0 ? null : (all.decided + all.duplicates) / all.findings,
        precision: all.decided === 0 ? null : all.accepted / all.decided,
        decideMedianMs: median,
        ...{ byAlgorithm, byCamera, byHall, byDay },
        byHour: Array.from({ length: 24 }, (_one, hour) => hours.find((one) => one.hour === hour)?.findings ?? 0),
        refused: refused?.count ?? 0,
      };
    },
    { readOnly: true },
  );
};
