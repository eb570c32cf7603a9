import { HubError } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../db/index.js';
import type { Right } from '../access/rights.js';
import type { VerbContext } from '../access/verb-context.js';
import { loadCalendars } from '../calendars/calendar-book.js';
import { PartyBook } from '../offices/party-book.js';
import { readKind } from '../ticket-kinds/kind-book.js';
import { partiesOf } from '../tickets/store/ticket-world.js';
import { readRows } from '../tickets/verbs/read-rows.js';
import { ticketWhere, withinRight } from '../tickets/verbs/ticket-where.js';
import type { SupervisionLedger, SupervisionQuery } from './contract.js';
import { readTasks, solvingSteps } from './read-tasks.js';

const mostShown = 500;

/** What is supervised, whoever carries it out: how far it is, what was instructed, who has signed for it. */
export const readSupervision = (ctx: VerbContext, query: SupervisionQuery): Promise<SupervisionLedger> =>
  withTenant(ctx.db, ctx.actor, (tx) => readLedger(tx, ctx, { query, right: 'ticket.supervise', most: mostShown }), {
    readOnly: true,
  });

interface Asked {
  readonly query: SupervisionQuery;
  readonly right: Extract<Right, `ticket.${string}`>;
  /** So many tasks at most; the sums are of all. */
  readonly most: number;
}

/** Merged ones are part of others and stand nowhere here. */
export const readLedger = async (
  tx: Tx,
  ctx: VerbContext,
  { query, right, most }: Asked,
): Promise<SupervisionLedger> => {
  const { actor } = ctx;
  const published = await readKind(tx, actor.tenantId, query.kind);
  if (!published) throw invalid('kind', 'There is no such kind of ticket, or none is published');
  await requireHall(tx, actor.tenantId, query.hallId);
  const now = ctx.clock.now();
  const book = await PartyBook.load(tx, actor.tenantId, now, { asksForSkills: false });
  const { zone } = (await loadCalendars(tx, actor.tenantId))('always').calendar;
  const mine = partiesOf(book, actor.userId, now);
  const { kind, hallId, officeId, q, year } = query;
  const parts = [
    sql`t.tenant_id = ${actor.tenantId} AND coalesce(t.outcome, '') <> 'merged'`,
    ticketWhere({ view: 'all', kind, hallId, q }, { actor, mine, now }),
    ...[withinRight(actor, 'ticket.read'), withinRight(actor, right)],
    year === undefined ? undefined : madeIn(year, zone),
    officeId === undefined ? undefined : carriedOutBy(officeId, solvingSteps(published.kind)),
  ];
  const where = sql.join(
    parts.filter((part) => part !== undefined),
    sql` AND `,
  );
  const isEnded = query.status === 'ended';
  const { rows: found } = (await tx.execute(sql`SELECT t.id FROM tickets t
    WHERE ${where} AND ${isEnded ? sql`t.status = 'ended'` : sql`t.status <> 'ended'`}
    ORDER BY ${isEnded ? sql`t.ended_at DESC` : sql`coalesce(t.due_at, 'infinity')`}, t.id LIMIT ${most + 1}`)) as unknown as {
    rows: { id: string }[];
  };
  const ids = found.slice(0, most).map(({ id }) => id);
  const byId = new Map(
    (await readRows(tx, ids, { tenantId: actor.tenantId, book, mine, now })).map((row) => [row.id, row]),
  );
  const rows = ids.flatMap((id) => byId.get(id) ?? []);
  return {
    ...{ kind, label: published.kind.label, zone },
    sums: await sumsOf(tx, where, new Date(now)),
    items: await readTasks(tx, rows, { tenantId: actor.tenantId, book }),
    truncated: found.length > most,
  };
};

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `query.${path}`, message }] } });

const requireHall = async (tx: Tx, tenantId: string, hallId: string | undefined): Promise<void> => {
  if (hallId === undefined) return;
  const known = await tx.$client.query('SELECT 1 FROM halls WHERE tenant_id = $1 AND id = $2', [tenantId, hallId]);
  if (known.rowCount === 0) throw invalid('hallId', 'There is no such hall');
};

const madeIn = (year: number, zone: string): SQL => {
  const first = (of: number) => sql`(${`${of}-01-01 00:00:00`}::timestamp AT TIME ZONE ${zone})`;
  return sql`t.made_at >= ${first(year)} AND t.made_at < ${first(year + 1)}`;
};

/** In the step that solves it, the latest time it came there. */
const carriedOutBy = (officeId: string, steps: readonly string[]): SQL =>
  sql`EXISTS (SELECT 1 FROM ticket_tasks p WHERE p.tenant_id = t.tenant_id AND p.ticket_id = t.id AND p.party_id = ${officeId}
    AND p.step = ANY(${sql.param([...steps])}::text[]) AND p.purpose = 'handle' AND p.lent_by IS NULL AND p.state <> 'gone'
    AND p.visit = (SELECT max(v.visit) FROM ticket_tasks v WHERE v.tenant_id = p.tenant_id AND v.ticket_id = p.ticket_id
      AND v.step = p.step AND v.purpose = 'handle' AND v.lent_by IS NULL AND v.state <> 'gone'))`;

/** One that was withdrawn was none: it is listed, and counts for no promise. */
const sumsOf = async (tx: Tx, where: SQL, now: Date): Promise<SupervisionLedger['sums']> => {
  const { rows } = (await tx.execute(sql`SELECT count(*) FILTER (WHERE t.status <> 'ended')::int AS running,
      count(*) FILTER (WHERE t.status <> 'ended' AND t.red_at <= ${now})::int AS late,
      count(*) FILTER (WHERE t.outcome = 'closed')::int AS ended,
      count(*) FILTER (WHERE t.outcome = 'closed' AND t.promised)::int AS judged,
      count(*) FILTER (WHERE t.outcome = 'closed' AND t.promised AND t.red_at IS NULL)::int AS "onTime"
    FROM tickets t WHERE ${where}`)) as unknown as { rows: SupervisionLedger['sums'][] };
  return rows[0] ?? { running: 0, late: 0, ended: 0, judged: 0, onTime: 0 };
};
