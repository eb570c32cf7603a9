import { sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { searchQuery } from '../store/words-of.js';
import { type Asked, type Key, type Keyed, run } from './list-order.js';
import { ticketWhere, withinReach } from './ticket-where.js';

const mostAtOnce = 1_000;
/** So many are looked at for what a reader sees of them; whoever sees fewer than one in fifty reads on among those. */
const mostLooks = 3;
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

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
  const reach = withinReach(asked);
  const where = [ticketWhere(asked.filter, asked, { words: false }), reach].filter((part) => part !== undefined);
  // Where nothing else is asked, a page is a page.
  const chunk = where.length === 0 ? asked.limit : mostAtOnce;
  for (let looks = 1; query !== null; looks++) {
    const { rows } = await tx.$client.query<{ id: string; at: string }>(
      'SELECT id, made_at::text AS at FROM ticket_search($1::tsquery, $2, $3, $4, $5)',
      [query, before, beforeId, asked.filter.from ?? '-infinity', chunk],
    );
    found.push(
      ...(await run(
        tx,
        sql`SELECT t.made_at::text AS key, t.id FROM tickets t WHERE t.tenant_id = ${asked.tenantId}
          AND t.id = ANY(${sql.param(rows.map(({ id }) => id))}::uuid[]) AND ${sql.join([sql`true`, ...where], sql` AND `)}
        ORDER BY t.made_at DESC, t.id DESC LIMIT ${asked.limit - found.length}`,
      )),
    );
    const last = rows.at(-1);
    if (rows.length < chunk || found.length >= asked.limit || !last) break;
    [before, beforeId] = [last.at, last.id];
    if (reach !== undefined && looks >= mostLooks) return { found, next: [before, beforeId] };
  }
  return { found, next: null };
};
