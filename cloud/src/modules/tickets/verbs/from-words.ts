import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { doerOf } from '../store/ticket-world.js';
import { searchQuery } from '../store/words-of.js';
import { type Asked, type Key, type Keyed, run } from './list-order.js';
import { hadToDo, ticketWhere, withinReach, withinRight } from './ticket-where.js';

const mostAtOnce = 1_000;
/** So many are looked at for what a reader sees of them; whoever sees fewer than one in fifty reads on among those. */
const mostLooks = 3;
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** As `withinReach`, of tickets made within some weeks: what the reader had to do with of them is found by that, and not ticket by ticket. */
const madeWithin = ({ actor, mine, tenantId }: Asked, made: { readonly from: string; readonly to: string }): SQL => {
  const these = sql`tenant_id = ${tenantId} AND made_at BETWEEN ${made.from}::timestamptz AND ${made.to}::timestamptz`;
  const own = sql`${sql.param([...mine])}::uuid[]`;
  return sql`(${withinRight(actor, 'ticket.read') ?? sql`true`} OR t.made_by = ${doerOf(actor)}
    OR t.id IN (SELECT ticket_id FROM ticket_tasks WHERE party_id = ANY(${own}) AND ${these})
    OR (t.id IN (SELECT ticket_id FROM ticket_doers WHERE person_id = ANY(${own}) AND is_over = ANY('{t,f}'::boolean[]) AND ${these}) AND ${hadToDo(mine)}))`;
};

/**
 * Newest first, by the index of words: what else is asked is looked at among a thousand at a time. `next`: the page is not full, and
 * what comes behind that row has not been looked at.
 */
export const fromWords = async (
  tx: Tx,
  asked: Asked,
  typed: string,
): Promise<{ readonly found: Keyed[]; readonly next: Key | null }> => {
  const query = searchQuery(typed);
  const found: Keyed[] = [];
  let [before, beforeId]: Key = asked.after ?? ['infinity', lastId];
  const isAll = withinReach(asked) === undefined;
  const where = ticketWhere(asked.filter, asked, { words: false });
  // Where nothing else is asked, a page is a page.
  const chunk = where === undefined && isAll ? asked.limit : mostAtOnce;
  for (let looks = 1; query !== null; looks++) {
    const { rows } = await tx.$client.query<{ id: string; at: string }>(
      'SELECT id, made_at::text AS at FROM ticket_search($1::tsquery, $2, $3, $4, $5)',
      [query, before, beforeId, asked.filter.from ?? '-infinity', chunk],
    );
    const last = rows.at(-1);
    const reach = isAll || !last ? sql`true` : madeWithin(asked, { from: last.at, to: rows[0]?.at ?? last.at });
    found.push(
      ...(await run(
        tx,
        sql`SELECT t.made_at::text AS key, t.id FROM tickets t WHERE t.tenant_id = ${asked.tenantId}
          AND t.id = ANY(${sql.param(rows.map(({ id }) => id))}::uuid[]) AND ${where ?? sql`true`} AND ${reach}
        ORDER BY t.made_at DESC, t.id DESC LIMIT ${asked.limit - found.length}`,
      )),
    );
    if (rows.length < chunk || found.length >= asked.limit || !last) break;
    [before, beforeId] = [last.at, last.id];
    if (!isAll && looks >= mostLooks) return { found, next: [before, beforeId] };
  }
  return { found, next: null };
};
