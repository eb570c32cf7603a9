import type { Tx } from '../../../db/index.js';
import type { TicketRecord } from '../ticket-record.js';

/** Origin of tickets that others began: `<ticket>:<line that asked>`. */
export const beginSystem = 'ticket';

type HasOrigin = Pick<TicketRecord, 'parentId' | 'origin'>;

/** Which ticket waits to hear how this one ends: its parent, or the one whose rule began it. */
export const whoWaits = ({ parentId, origin }: HasOrigin): string | null =>
  parentId ?? (origin?.system === beginSystem ? (origin.key.split(':')[0] ?? null) : null);

/** The same in SQL, of the ticket `c`. */
export const whoWaitsSql = `coalesce(c.parent_id, CASE WHEN c.origin_system = '${beginSystem}' THEN split_part(c.origin_key, ':', 1)::uuid END)`;

/** Tickets that one thing made of one another, in SQL: what began here, where it comes from, parent and children. */
export const familySql = (ticket: string): string =>
  `SELECT l.to_id FROM ticket_links l WHERE l.how = 'caused_by' AND l.from_id = ${ticket}
   UNION ALL SELECT l.from_id FROM ticket_links l WHERE l.how = 'caused_by' AND l.to_id = ${ticket}
   UNION ALL SELECT c.id FROM tickets c WHERE c.parent_id = ${ticket}
   UNION ALL SELECT c.parent_id FROM tickets c WHERE c.id = ${ticket} AND c.parent_id IS NOT NULL`;

/** Tickets that begin tickets: how many there are before this one, as far as `most`. */
export const depthOf = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly ticketId: string; readonly most: number },
): Promise<number> => {
  const { rows } = await tx.$client.query<{ depth: number }>(
    `WITH RECURSIVE up AS (
       SELECT CASE WHEN origin_system = '${beginSystem}' THEN split_part(origin_key, ':', 1)::uuid END AS before, 0 AS depth
         FROM tickets WHERE tenant_id = $1 AND id = $2
       UNION ALL SELECT CASE WHEN t.origin_system = '${beginSystem}' THEN split_part(t.origin_key, ':', 1)::uuid END, up.depth + 1
         FROM up JOIN tickets t ON t.tenant_id = $1 AND t.id = up.before WHERE up.depth < $3)
     SELECT max(depth) AS depth FROM up`,
    [of.tenantId, of.ticketId, of.most],
  );
  return rows[0]?.depth ?? 0;
};
