import type { Tx } from '../../../db/index.js';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { TicketEventGroup } from '../contract.js';
import { openTicket } from '../store/change-ticket.js';
import { type LoadedTicket, ticketColumns, ticketJoins, toTicket } from '../store/load-ticket.js';
import { maySee, partiesOf } from '../store/ticket-world.js';
import { readRows } from './read-rows.js';

/** Tickets of one event beyond these are not looked at: a page shows them, and one act goes to a hundred at once. */
export const mostOfEvent = 200;

/**
 * All tickets that links of `same_event` tie to this one, directly or by others, as far as the reader may see them; figures
 * are of those only. An event of one ticket is that ticket alone. Throws `not_found`.
 */
export const readEvent = (ctx: VerbContext, { ticketId }: { readonly ticketId: string }): Promise<TicketEventGroup> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { ticket, world } = await openTicket(tx, ctx, { ticketId });
      const { book, at } = world;
      const tied = await readTied(tx, ticket);
      const seen = tied
        .slice(0, mostOfEvent)
        .filter((one) => one.id === ticket.id || maySee(ctx.actor, one.sealed, { book, at, place: one }));
      const rows = await readRows(
        tx,
        seen.map(({ id }) => id),
        { tenantId: ticket.tenantId, book, mine: partiesOf(book, ctx.actor.userId, at), now: at },
      );
      const items = rows.sort((a, b) => a.madeAt.localeCompare(b.madeAt) || a.id.localeCompare(b.id));
      const shown = new Set(items.map(({ id }) => id));
      const known = seen.flatMap(({ id, requester }) =>
        requester && shown.has(id) ? [requester.toString('hex')] : [],
      );
      const requesters = new Set(known).size;
      const closed = items.filter(({ status }) => status === 'ended').length;
      return {
        ...{ items, open: items.length - closed, closed, requesters, repeats: known.length - requesters },
        firstAt: items.at(0)?.madeAt ?? null,
        lastAt: items.at(-1)?.madeAt ?? null,
        truncated: tied.length > mostOfEvent,
      };
    },
    { readOnly: true },
  );

/** The nearest first, this one among them; one more than are shown. */
const readTied = async (tx: Tx, { tenantId, id }: LoadedTicket): Promise<LoadedTicket[]> => {
  const { rows } = await tx.$client.query(
    `WITH RECURSIVE tied (id) AS (
       SELECT $2::uuid
       UNION SELECT l.id FROM tied x CROSS JOIN LATERAL (
         SELECT a.to_id AS id FROM ticket_links a WHERE a.tenant_id = $1 AND a.from_id = x.id AND a.how = 'same_event'
         UNION ALL SELECT b.from_id FROM ticket_links b WHERE b.tenant_id = $1 AND b.to_id = x.id AND b.how = 'same_event'
       ) l
     ) SELECT ${ticketColumns} FROM (SELECT id FROM tied LIMIT $3) x JOIN tickets t ON t.tenant_id = $1 AND t.id = x.id ${ticketJoins}
     ORDER BY t.id <> $2, t.made_at, t.id`,
    [tenantId, id, mostOfEvent + 1],
  );
  return rows.map(toTicket);
};
