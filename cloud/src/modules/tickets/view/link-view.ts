import type { TicketPage } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readSoundKind } from '../../ticket-kinds/kind-book.js';
import type { OpenTicket } from '../store/change-ticket.js';
import { type LoadedTicket, ticketColumns, ticketJoins, toTicket } from '../store/load-ticket.js';
import { maySee } from '../store/ticket-world.js';
import { labelled, lightAt } from './row-view.js';

type Link = TicketPage['links'][number];

/** Tickets that this one has to do with, as far as the reader may see them. */
export const readLinks = async (tx: Tx, ctx: VerbContext, { ticket, world }: OpenTicket): Promise<Link[]> => {
  const { rows } = await tx.$client.query({
    name: 'ticket_links',
    text: `SELECT x.how, ${ticketColumns} FROM (
       SELECT l.how, l.to_id AS id FROM ticket_links l WHERE l.tenant_id = $1 AND l.from_id = $2
       UNION SELECT CASE l.how WHEN 'caused_by' THEN 'caused' ELSE l.how END, l.from_id FROM ticket_links l WHERE l.tenant_id = $1 AND l.to_id = $2
       UNION ALL SELECT 'parent', $3::uuid WHERE $3::uuid IS NOT NULL
       UNION ALL SELECT 'child', c.id FROM tickets c WHERE c.tenant_id = $1 AND c.parent_id = $2
       UNION ALL SELECT 'merged_into', $4::uuid WHERE $4::uuid IS NOT NULL
       UNION ALL SELECT 'absorbed', (h.data ->> 'ticket')::uuid FROM ticket_history h
         WHERE h.tenant_id = $1 AND h.ticket_id = $2 AND h.type = 'absorbed'
     ) x JOIN tickets t ON t.tenant_id = $1 AND t.id = x.id ${ticketJoins} ORDER BY t.made_at, t.id LIMIT 200`,
    values: [ticket.tenantId, ticket.id, ticket.parentId, ticket.sealed.mergedInto ?? null],
  });
  const links: Link[] = [];
  for (const row of rows) {
    const other: LoadedTicket = toTicket(row);
    if (!maySee(ctx.actor, other.sealed, { book: world.book, at: world.at, place: other })) continue;
    const states = (await readSoundKind(tx, other.tenantId, other.kind, other.kindVersion))?.kind.states ?? [];
    const { stateId, status } = other.sealed;
    const phase = states.find(({ id }) => id === stateId)?.phase ?? 'open';
    links.push({
      how: row.how,
      ticket: {
        ...{ id: other.id, number: other.number, title: other.title },
        state: { ...labelled(states, stateId), phase },
        light: lightAt(other, status, world.at),
      },
    });
  }
  return links;
};

/** Numbers of tickets that a history names, as far as the reader may see them. */
export const readNumbers = async (
  tx: Tx,
  ctx: VerbContext,
  { open, ids }: { readonly open: OpenTicket; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.$client.query(
    `SELECT ${ticketColumns} FROM tickets t ${ticketJoins} WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[])`,
    [open.ticket.tenantId, [...new Set(ids)]],
  );
  const { book, at } = open.world;
  const seen = rows.map(toTicket).filter((one) => maySee(ctx.actor, one.sealed, { book, at, place: one }));
  return new Map(seen.map(({ id, number }) => [id, number]));
};
