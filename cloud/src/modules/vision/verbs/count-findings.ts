import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';

/** Findings of one algorithm, camera, hall, day or hour of the day; of all where each of these is null. */
export interface FindingGroup {
  readonly algorithm: string | null;
  readonly device_id: string | null;
  readonly hall_id: string | null;
  readonly day: string | null;
  readonly hour: number | null;
  readonly findings: number;
  readonly decided: number;
  readonly accepted: number;
  readonly false: number;
  readonly duplicates: number;
  readonly open: number;
}

const sums = sql.join(
  [
    ['findings', sql`true`],
    ['decided', sql`g.decision <> 'duplicate'`],
    ['accepted', sql`g.decision = 'accepted'`],
    ['false', sql`g.decision = 'false'`],
    ['duplicates', sql`g.decision = 'duplicate'`],
    ['open', sql`g.decision IS NULL`],
  ].map(([name, of]) => sql`coalesce(sum(g.n) FILTER (WHERE ${of}), 0)::int AS ${sql.identifier(name as string)}`),
  sql`, `,
);

/** What a count over a month keeps in memory: with less, PostgreSQL sorts on disk. */
const roomy = sql`SET LOCAL work_mem = '32MB'`;

/**
 * Of the rows `review_findings f` that `where` takes. One pass over an index that has all that is counted (0108) makes few groups of
 * many findings, and all else is made of those: a quarter of an hour lies in one day and hour of every zone's clock.
 */
export const countFindings = async (tx: Tx, where: SQL): Promise<FindingGroup[]> => {
  await tx.execute(roomy);
  const { rows } = (await tx.execute(sql`
    WITH f AS (
      SELECT f.hall_id, f.device_id, f.algorithm, f.decision, date_bin('15 minutes', f.started_at, 'epoch') AS quarter
      FROM review_findings f WHERE ${where}),
    g AS MATERIALIZED (
      SELECT hall_id, device_id, algorithm, decision, quarter, count(*) AS n, grouping(device_id) = 1 AS is_time
      FROM f GROUP BY GROUPING SETS ((hall_id, device_id, algorithm, decision), (hall_id, quarter, decision)))
    SELECT g.algorithm, g.device_id, g.hall_id, NULL AS day, NULL::int AS hour, ${sums}
    FROM g WHERE NOT g.is_time GROUP BY GROUPING SETS ((), (g.algorithm), (g.device_id), (g.hall_id))
    UNION ALL
    SELECT NULL, NULL, NULL, g.day::text, g.hour, ${sums}
    FROM (SELECT g.decision, g.n, l.at::date AS day, extract(hour FROM l.at)::int AS hour
      FROM g JOIN halls h ON h.id = g.hall_id, LATERAL (SELECT g.quarter AT TIME ZONE h.time_zone AS at) l WHERE g.is_time) g
    GROUP BY GROUPING SETS ((g.day), (g.hour))`)) as unknown as { rows: FindingGroup[] };
  return rows;
};

/** From arrival to decision, of the rows `review_findings f` that `where` takes; null: none was decided. */
export const medianToDecide = async (tx: Tx, where: SQL): Promise<number | null> => {
  await tx.execute(roomy);
  const { rows } = (await tx.execute(
    sql`SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', f.decided_at - f.received_at)) * 1000 AS median
      FROM review_findings f WHERE ${where} AND f.decided_at IS NOT NULL`,
  )) as unknown as { rows: { median: number | null }[] };
  return rows[0]?.median ?? null;
};
