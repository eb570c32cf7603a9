import type { TicketRow } from '@hallhub/shared/ticket';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import { PartyBook } from '../../offices/party-book.js';
import type { TicketQuery } from '../contract.js';
import { doerOf, partiesOf } from '../store/ticket-world.js';
import { fromTasks } from './from-tasks.js';
import { fromWords } from './from-words.js';
import { type Asked, beyond, cursorSchema, type InOrder, type Keyed, run, sortOf, withoutFew } from './list-order.js';
import { type ListedRow, readRows } from './read-rows.js';
import { fewWithWords, hadToDo, ticketWhere, withinReach } from './ticket-where.js';

export const listTickets = (ctx: VerbContext, query: TicketQuery): Promise<Page<TicketRow>> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { limit, cursor, ...filter } = query;
      const asked = await ask(tx, ctx, { filter, after: decodeCursor(cursor, cursorSchema), limit: limit + 1 });
      const keys = await findKeys(tx, asked);
      const rows = await readRows(
        tx,
        keys.map(({ id }) => id),
        asked,
      );
      const byId = new Map(rows.map((row) => [row.id, row]));
      const listed = keys.flatMap(({ key, id }): ListedRow[] => {
        const row = byId.get(id);
        return row ? [{ key, row }] : [];
      });
      return toPage(listed, limit, { item: ({ row }) => row, key: ({ key, row }) => [key, row.id] });
    },
    { readOnly: true },
  );

/** Who asks, and for what. */
export const ask = async (
  tx: Tx,
  { actor, clock }: VerbContext,
  of: Pick<Asked, 'filter' | 'after' | 'limit'>,
): Promise<Asked> => {
  const now = clock.now();
  const book = await PartyBook.load(tx, actor.tenantId, now, { asksForSkills: false });
  return { ...of, tenantId: actor.tenantId, actor, book, mine: partiesOf(book, actor.userId, now), now };
};

/** Ids of a page in its order: read from one index, other tables are asked for a page alone. */
export const findKeys = async (tx: Tx, asked: Asked): Promise<Keyed[]> => {
  const { view, q, sort } = asked.filter;
  const few = await fewWithWords(tx, asked.filter);
  const byWords = few === undefined && q !== undefined && view === 'all' && sort !== 'due' && sort !== 'made';
  if (!byWords) return inOrder(tx, { ...asked, few });
  const { found, next } = await fromWords(tx, asked, q);
  if (next === null) return found;
  // Whoever sees a small part of all finds the rest of a page sooner among what they see.
  const rest = await inOrder(tx, { ...asked, few, after: next, limit: asked.limit - found.length });
  return [...found, ...rest];
};

const inOrder = (tx: Tx, asked: InOrder): Promise<Keyed[]> => {
  switch (asked.filter.view) {
    case 'todo':
      return fromTasks(tx, asked, { parties: asked.mine, column: 'doer_id', isLive: true });
    case 'office': {
      const own = asked.actor.userId === null ? [] : asked.book.officesOf(asked.actor.userId);
      const parties = asked.filter.officeId === undefined ? own : [asked.filter.officeId];
      return fromTasks(tx, asked, { parties, column: 'party_id', isLive: false });
    }
    case 'handled':
      return fromDoers(tx, asked, false);
    case 'done':
      return fromDoers(tx, asked, true);
    case 'initiated':
      return fromTickets(tx, asked, sql`t.made_by = ${doerOf(asked.actor)}`);
    case 'all':
      return withinReach(asked) !== undefined && asked.few === undefined && sortOf(asked) !== 'due'
        ? fromReach(tx, asked)
        : fromTickets(tx, asked, withinReach(asked) ?? sql`true`);
  }
};

const fromDoers = (tx: Tx, asked: InOrder, isOver: boolean): Promise<Keyed[]> => {
  const { userId } = asked.actor;
  if (userId === null) return Promise.resolve([]);
  const sort = sortOf(asked);
  const isDown = sort !== 'made' && sort !== 'due';
  const down = sql.raw(isDown ? 'DESC' : 'ASC');
  const { from, to, ...filter } = withoutFew(asked);
  // Who once did something with a ticket may be without reach of it since.
  const parts = [ticketWhere(filter, asked), withinReach(asked)].filter((part) => part !== undefined);
  const where = parts.length === 0 ? undefined : sql.join(parts, sql` AND `);
  const own = [
    from && sql`d.made_at >= ${from}::timestamptz`,
    to && sql`d.made_at < ${to}::timestamptz`,
    asked.few && sql`d.ticket_id = ANY(${sql.param([...asked.few])}::uuid[])`,
    where,
  ].filter((part) => typeof part === 'object');
  const byDue = sort === 'due';
  const key = byDue ? sql`coalesce(t.due_at, 'infinity')` : sql`d.made_at`;
  return run(
    tx,
    sql`SELECT (${key})::text AS key, d.ticket_id AS id FROM ticket_doers d
      ${where || byDue ? sql`JOIN tickets t ON t.tenant_id = d.tenant_id AND t.id = d.ticket_id` : sql``}
    WHERE d.tenant_id = ${asked.tenantId} AND d.person_id = ${userId} AND d.is_over = ${isOver}
      AND ${sql.join([beyond({ key, id: sql`d.ticket_id`, after: asked.after, isDown }), ...own], sql` AND `)}
    ORDER BY ${key} ${down}, d.ticket_id ${down} LIMIT ${asked.limit}`,
  );
};

const fromTickets = (tx: Tx, asked: InOrder, which: SQL): Promise<Keyed[]> => {
  const sort = sortOf(asked);
  const isDown = sort === '-made';
  const down = sql.raw(isDown ? 'DESC' : 'ASC');
  const key = sort === 'due' ? sql`coalesce(t.due_at, 'infinity')` : sql`t.made_at`;
  return run(
    tx,
    sql`SELECT (${key})::text AS key, t.id FROM tickets t
    WHERE t.tenant_id = ${asked.tenantId} AND ${sort === 'due' ? sql`t.status <> 'ended'` : sql`true`} AND ${which}
      AND ${beyond({ key, id: sql`t.id`, after: asked.after, isDown })} AND ${ticketWhere(withoutFew(asked), asked) ?? sql`true`}
      AND ${asked.few === undefined ? sql`true` : sql`t.id = ANY(${sql.param([...asked.few])}::uuid[])`}
    ORDER BY ${key} ${down}, t.id ${down} LIMIT ${asked.limit}`,
  );
};

/**
 * What somebody may see who may not see all: of each hall and region within reach, of what they made and had to do with the first
 * of the page, and of those the first.
 */
const fromReach = (tx: Tx, asked: InOrder): Promise<Keyed[]> => {
  const { actor, tenantId, mine, after, limit } = asked;
  const isDown = sortOf(asked) === '-made';
  const down = sql.raw(isDown ? 'DESC' : 'ASC');
  const where = ticketWhere(asked.filter, asked) ?? sql`true`;
  const uuids = (ids: readonly string[]) => sql`unnest(${sql.param([...ids])}::uuid[]) p(id)`;
  const [halls, regions] = [actor.scopeFilter('ticket.read'), actor.regionFilter('ticket.read')];
  const placed = (
    ids: readonly string[] | 'all',
    which: SQL,
  ) => sql`SELECT s.at, s.id FROM ${uuids(ids === 'all' ? [] : ids)}, LATERAL (
    SELECT t.made_at AS at, t.id FROM tickets t WHERE t.tenant_id = ${tenantId} AND ${which}
      AND ${beyond({ key: sql`t.made_at`, id: sql`t.id`, after, isDown })} AND ${where}
    ORDER BY t.made_at ${down}, t.id ${down} LIMIT ${limit}) s`;
  const had = (table: SQL, which: SQL) => sql`SELECT s.at, s.id FROM ${uuids(mine)}, LATERAL (
    SELECT DISTINCT x.made_at AS at, x.ticket_id AS id FROM ${table} x JOIN tickets t ON t.tenant_id = x.tenant_id AND t.id = x.ticket_id
    WHERE x.tenant_id = ${tenantId} AND ${which} AND ${beyond({ key: sql`x.made_at`, id: sql`x.ticket_id`, after, isDown })} AND ${where}
    ORDER BY 1 ${down}, 2 ${down} LIMIT ${limit}) s`;
  // Whoever took a task has done something with its ticket.
  const held = sql`x.person_id = p.id AND ${hadToDo(mine)}`;
  const parts = [
    placed(halls, sql`t.hall_id = p.id`),
    placed(regions, sql`t.hall_id IS NULL AND t.region_id = p.id`),
    sql`(SELECT t.made_at, t.id FROM tickets t WHERE t.tenant_id = ${tenantId} AND t.made_by = ${doerOf(actor)}
      AND ${beyond({ key: sql`t.made_at`, id: sql`t.id`, after, isDown })} AND ${where} ORDER BY t.made_at ${down}, t.id ${down} LIMIT ${limit})`,
    had(sql`ticket_tasks`, sql`x.party_id = p.id`),
    had(sql`ticket_doers`, sql`x.is_over AND ${held}`),
    had(sql`ticket_doers`, sql`NOT x.is_over AND ${held}`),
  ];
  return run(
    tx,
    sql`SELECT DISTINCT r.at::text AS key, r.at, r.id FROM (${sql.join(parts, sql` UNION ALL `)}) r
    ORDER BY r.at ${down}, r.id ${down} LIMIT ${limit}`,
  );
};
