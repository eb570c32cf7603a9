import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { Counts, TicketStatisticsQuery } from './contract.js';

/** As the database gives a group; sums of bigint are strings. */
interface Row {
  readonly key: string | null;
  readonly [count: string]: string | number | null;
}

/** Of a row `f` of ticket_facts, and `t`, its ticket where it runs and is late. */
const keys: Readonly<Record<Exclude<TicketStatisticsQuery['by'], 'choice'>, SQL>> = {
  ...{ kind: sql`f.kind`, source: sql`f.source`, level: sql`f.level`, hall: sql`f.hall_id::text` },
  ...{ region: sql`f.region_id::text`, office: sql`f.office_id::text`, person: sql`f.person_id::text` },
  ...{ category: sql`f.category`, hour: sql`lpad(f.made_hour::text, 2, '0')`, day: sql`f.made_day::text` },
  // Of ISO 8601, by its Monday.
  week: sql`date_trunc('week', f.made_day)::date::text`,
  month: sql`to_char(f.made_day, 'YYYY-MM')`,
  satisfaction: sql`f.satisfaction::text`,
};
export const keyOf = ({ by, choice }: Pick<TicketStatisticsQuery, 'by' | 'choice'>): SQL =>
  by === 'choice' ? sql`f.choices ->> ${choice ?? ''}` : keys[by];

const counted: SQL = sql`
  count(*)::int AS made,
  count(f.ended_day)::int AS ended,
  count(*) FILTER (WHERE f.outcome = 'closed')::int AS closed,
  count(*) FILTER (WHERE f.returned > 0)::int AS returned,
  count(*) FILTER (WHERE f.reopened > 0)::int AS reopened,
  count(*) FILTER (WHERE f.extended > 0)::int AS extended,
  count(*) FILTER (WHERE f.supervised)::int AS supervised,
  count(*) FILTER (WHERE (f.ended_day IS NOT NULL AND f.promised) OR t.red_at IS NOT NULL)::int AS judged,
  count(*) FILTER (WHERE f.ended_day IS NOT NULL AND f.promised AND f.red_at IS NULL)::int AS on_time,
  count(*) FILTER (WHERE f.outcome = 'closed' AND f.returned = 0 AND f.reopened = 0)::int AS first_time,
  count(*) FILTER (WHERE f.outcome = 'closed' AND f.solved AND f.fed_back AND f.confirmed)::int AS closed_loop,
  count(f.satisfaction)::int AS said,
  count(*) FILTER (WHERE f.satisfaction >= 3)::int AS satisfied,
  avg(f.satisfaction)::float8 AS satisfaction_mean,
  avg(f.signed_s)::float8 AS signed_mean,
  avg(f.solved_s)::float8 AS solved_mean,
  avg(f.ended_s)::float8 AS ended_mean`;

const int = (row: Row | undefined, name: string): number => Number(row?.[name] ?? 0);
const mean = (row: Row | undefined, name: string): number | null => (row?.[name] == null ? null : Number(row[name]));

export const countsOf = (row: Row | undefined): Counts => ({
  ...{ made: int(row, 'made'), ended: int(row, 'ended'), closed: int(row, 'closed') },
  running: int(row, 'made') - int(row, 'ended'),
  ...{ returned: int(row, 'returned'), reopened: int(row, 'reopened'), extended: int(row, 'extended') },
  supervised: int(row, 'supervised'),
  onTime: { n: int(row, 'on_time'), of: int(row, 'judged') },
  firstTime: { n: int(row, 'first_time'), of: int(row, 'closed') },
  closedLoop: { n: int(row, 'closed_loop'), of: int(row, 'closed') },
  satisfied: { n: int(row, 'satisfied'), of: int(row, 'said') },
  satisfactionMean: mean(row, 'satisfaction_mean'),
  ...{
    signedMeanS: mean(row, 'signed_mean'),
    solvedMeanS: mean(row, 'solved_mean'),
    endedMeanS: mean(row, 'ended_mean'),
  },
});

export interface Counted {
  readonly total: Counts;
  readonly groups: readonly (Counts & { readonly key: string | null })[];
}

const mostGroups = 500;

/** Counts tickets of `where` (over `f`) in one pass: all of them, and those of each key where one is given. */
export const countTickets = async (
  tx: Tx,
  {
    where,
    key,
    now,
    inOrder,
  }: { readonly where: SQL; readonly key?: SQL; readonly now: Date; readonly inOrder?: boolean },
): Promise<Counted> => {
  const grouping = key ? sql`GROUPING SETS ((), (k))` : sql`GROUPING SETS (())`;
  const order = inOrder ? sql`key NULLS LAST` : sql`made DESC, key`;
  const text = sql`
    SELECT * FROM (
      SELECT ${key ? sql`k` : sql`NULL::text`} AS key, ${key ? sql`GROUPING(k)` : sql`1`}::int AS is_total, ${counted}
      FROM (SELECT f.*, ${key ?? sql`NULL::text`} AS k FROM ticket_facts f WHERE ${where}) f
      LEFT JOIN (SELECT id, red_at FROM tickets WHERE status <> 'ended' AND red_at <= ${now}) t ON f.ended_day IS NULL AND t.id = f.ticket_id
      GROUP BY ${grouping}
    ) counted ORDER BY is_total DESC, ${order} LIMIT ${mostGroups + 1}`;
  const { rows } = (await tx.execute(text)) as unknown as { rows: (Row & { is_total: number })[] };
  return {
    total: countsOf(rows.find((one) => one.is_total === 1)),
    groups: rows.filter((one) => one.is_total === 0).map((row) => ({ key: row.key, ...countsOf(row) })),
  };
};
