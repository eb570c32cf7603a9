import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { beyond, type InOrder, type Keyed, run, sortOf, withoutFew } from './list-order.js';
import { taskLight, ticketWhere, withinReach } from './ticket-where.js';

interface OfParties {
  readonly parties: readonly string[];
  readonly column: 'doer_id' | 'party_id';
  readonly isLive: boolean;
}

/** Of tasks, so many at first; more where few of their tickets are what is asked for. */
const firstLook = 200;
const mostLook = 4_000;

export const fromTasks = async (tx: Tx, asked: InOrder, of: OfParties): Promise<Keyed[]> => {
  if (of.parties.length === 0) return [];
  const reach = of.isLive ? undefined : withinReach(asked);
  // Sorted by due: what is over is due no more.
  const isLive = of.isLive || sortOf(asked) === 'due';
  const { light, from, to, ...others } = withoutFew(asked);
  const where = [ticketWhere(isLive || light === undefined ? others : { ...others, light }, asked), ...[reach]].filter(
    (part) => part !== undefined,
  );
  const own = [
    isLive && sql`k.state IN ('open', 'signed')`,
    isLive && light && taskLight(light, asked.now),
    from && sql`k.made_at >= ${from}::timestamptz`,
    to && sql`k.made_at < ${to}::timestamptz`,
    asked.few && sql`k.ticket_id = ANY(${sql.param([...asked.few])}::uuid[])`,
  ].filter((part) => typeof part === 'object');
  if (where.length === 0) return taskKeys(tx, asked, { ...of, own });
  // Whose turn it is stands in one index; tickets are looked at for what is asked of them some at a time, in the order of the list.
  const found: Keyed[] = [];
  let after = asked.after;
  for (let limit = firstLook; ; limit = Math.min(limit * 4, mostLook)) {
    const keys = await taskKeys(tx, { ...asked, after, limit }, { ...of, own });
    const { rows } = (await tx.execute(
      sql`SELECT t.id FROM tickets t WHERE t.tenant_id = ${asked.tenantId} AND t.id = ANY(${sql.param(keys.map(({ id }) => id))}::uuid[])
        AND ${sql.join(where, sql` AND `)}`,
    )) as unknown as { rows: { id: string }[] };
    const are = new Set(rows.map(({ id }) => id));
    found.push(...keys.filter(({ id }) => are.has(id)));
    const last = keys.at(-1);
    if (keys.length < limit || !last || found.length >= asked.limit) return found.slice(0, asked.limit);
    after = [last.key, last.id];
  }
};

/** Of each party the first of its page, and of those the first: no queue is read further than a page, however long it is. */
const taskKeys = (tx: Tx, asked: InOrder, of: OfParties & { readonly own: readonly SQL[] }): Promise<Keyed[]> => {
  const sort = sortOf(asked);
  const isDown = sort === '-made';
  const key = sql.raw(sort === 'due' ? 'k.sort_due' : 'k.made_at');
  const down = sql.raw(isDown ? 'DESC' : 'ASC');
  return run(
    tx,
    sql`SELECT DISTINCT s.at::text AS key, s.at, s.id FROM unnest(${sql.param([...of.parties])}::uuid[]) p(id), LATERAL (
      SELECT DISTINCT ${key} AS at, k.ticket_id AS id FROM ticket_tasks k
      WHERE k.tenant_id = ${asked.tenantId} AND ${sql.raw(`k.${of.column}`)} = p.id
        AND ${beyond({ key, id: sql`k.ticket_id`, after: asked.after, isDown })}
        AND ${sql.join([sql`true`, ...of.own], sql` AND `)}
      ORDER BY 1 ${down}, 2 ${down} LIMIT ${asked.limit}) s
    ORDER BY s.at ${down}, s.id ${down} LIMIT ${asked.limit}`,
  );
};
