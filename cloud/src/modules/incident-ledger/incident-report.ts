import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { loadCalendars } from '../calendars/calendar-book.js';
import { readKind } from '../ticket-kinds/kind-book.js';
import type { IncidentCounts, IncidentQuery, IncidentReport, IncidentRow } from './contract.js';
import { countFaults } from './read-faults.js';
import { type Asked, mostRows, readIncidents } from './read-incidents.js';
import { readSupportLine } from './support-line.js';

interface Span {
  from: Date;
  to: Date;
  before: Date;
  beforeFirst: string;
  first: string;
  last: string;
}

/** Days are the hall's, or the organisation's where no hall is named. */
const zoneOf = async (tx: Tx, ctx: VerbContext, hallId: string | undefined): Promise<string> => {
  if (hallId === undefined) return (await loadCalendars(tx, ctx.actor.tenantId))('always').calendar.zone;
  const { rows } = await tx.$client.query<{ time_zone: string }>(
    'SELECT time_zone FROM halls WHERE tenant_id = $1 AND id = $2',
    [ctx.actor.tenantId, hallId],
  );
  if (!rows[0]) throw invalid('hallId', 'There is no such hall');
  return rows[0].time_zone;
};

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `query.${path}`, message }] } });

/** Weeks begin on Monday (ISO 8601). */
const spanOf = async (
  tx: Tx,
  { period, date, zone, now }: Pick<IncidentQuery, 'period' | 'date'> & { readonly zone: string; readonly now: Date },
): Promise<Span> => {
  const step = period === 'quarter' ? '3 months' : `1 ${period}`;
  const { rows } = await tx.$client.query<Span>(
    `SELECT s.first AT TIME ZONE $3 AS "from", (s.first + $4::interval) AT TIME ZONE $3 AS "to", (s.first - $4::interval) AT TIME ZONE $3 AS before,
       to_char(s.first - $4::interval, 'YYYY-MM-DD') AS "beforeFirst", to_char(s.first, 'YYYY-MM-DD') AS first, to_char(s.first + $4::interval - interval '1 day', 'YYYY-MM-DD') AS last
     FROM (SELECT date_trunc($1, coalesce($2::timestamp, $5::timestamptz AT TIME ZONE $3)) AS first) s`,
    [period, date === undefined ? null : `${date} 00:00:00`, zone, step, now],
  );
  const [span] = rows;
  if (!span) throw invalid('date', 'There is no such day');
  return span;
};

/** Counts by level and clock, the period before beside them, and the rows they are made of. */
export const reportIncidents = (
  ctx: VerbContext,
  query: IncidentQuery,
  right: Asked['right'] = 'ticket.read',
): Promise<IncidentReport> =>
  withTenant(ctx.db, ctx.actor, (tx) => readReport(tx, ctx, { query, right }), { readOnly: true });

export const readReport = async (
  tx: Tx,
  ctx: VerbContext,
  { query, right }: { readonly query: IncidentQuery; readonly right: Asked['right'] },
): Promise<IncidentReport> => {
  const published = await readKind(tx, ctx.actor.tenantId, query.kind);
  if (!published) throw invalid('kind', 'There is no such kind of ticket, or none is published');
  const { kind } = published;
  const zone = await zoneOf(tx, ctx, query.hallId);
  const span = await spanOf(tx, { ...query, zone, now: new Date(ctx.clock.now()) });
  const asked = { kind: query.kind, hallId: query.hallId, level: query.level, right };
  const found = await readIncidents(tx, ctx, { ...asked, from: span.from, to: span.to });
  const earlier = await readIncidents(tx, ctx, { ...asked, from: span.before, to: span.from });
  const rows = found.slice(0, mostRows);
  const ofLevel = (id: string | null) => rows.filter(({ level }) => (level?.id ?? null) === id);
  const levels = kind.levels.map(({ id, label }) => ({ id, label }));
  return {
    ...{ kind: query.kind, label: kind.label, period: query.period, zone },
    ...{ from: span.from.toISOString(), to: span.to.toISOString(), firstDay: span.first, lastDay: span.last, levels },
    ...{ total: countsOf(rows), before: countsOf(earlier.slice(0, mostRows)) },
    byLevel: [...levels.map(({ id }) => id), null]
      .map((id) => ({ level: id, ...countsOf(ofLevel(id)) }))
      .filter(({ level, count }) => level !== null || count > 0),
    byClock: kind.clocks.flatMap(({ id, label }) => {
      const runs = rows.flatMap(({ clocks }) => clocks.filter(({ clock }) => clock === id));
      if (runs.length === 0) return [];
      return {
        clock: id,
        label,
        runs: runs.length,
        settled: runs.filter(({ met }) => met !== null).length,
        breached: runs.filter(({ met }) => met === false).length,
      };
    }),
    faults: await countFaults(tx, ctx, { from: span.from, to: span.to, hallId: query.hallId, right }),
    supportLine: query.hallId === undefined ? await readSupportLine(tx, ctx.actor.tenantId, span) : null,
    ...{ rows, truncated: found.length > mostRows },
  };
};

/** A cancelled one was none: it is listed, and counts for no time and no promise. */
export const countsOf = (rows: readonly IncidentRow[]): IncidentCounts => {
  const real = rows.filter(({ outcome }) => outcome !== 'cancelled');
  const mean = (of: (row: IncidentRow) => number | null): number | null => {
    const known = real.flatMap((row) => of(row) ?? []);
    return known.length === 0 ? null : Math.round(known.reduce((sum, one) => sum + one, 0) / known.length);
  };
  return {
    count: real.length,
    open: real.filter(({ endedAt }) => endedAt === null).length,
    breached: real.filter(({ breaches }) => breaches > 0).length,
    breaches: real.reduce((sum, { breaches }) => sum + breaches, 0),
    people: real.reduce((sum, { people }) => sum + (people ?? 0), 0),
    meanAnswerMs: mean(({ answerMs }) => answerMs),
    meanArriveMs: mean(({ arriveMs }) => arriveMs),
    meanRestoreMs: mean(({ restoreMs }) => restoreMs),
  };
};
