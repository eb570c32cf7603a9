import type { TicketEvent, TicketState } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { PublishedKind } from '../../ticket-kinds/kind-book.js';
import { ticketDeps } from '../ticket-deps.js';
import { kindOf } from './change-ticket.js';
import { type LoadedTicket, ticketColumns, ticketJoins, toTicket } from './load-ticket.js';
import { FieldSealer } from './seal-fields.js';

/** A ticket that goes on, with all that its clocks ask for. */
export interface ClockTicket {
  readonly ticket: LoadedTicket;
  /** In order, without the lines that no clock asks for: opinions and fields make most of a history. */
  readonly events: readonly TicketEvent[];
  /** With personal fields open: a target may ask for one. */
  readonly state: TicketState;
  readonly from: PublishedKind;
}

export interface FailedTicket {
  readonly ticketId: string;
  readonly ticket: LoadedTicket;
  readonly error: unknown;
}

const silent = ['edited', 'commented', 'reminded', 'instructed', 'supervised', 'linked', 'unlinked', 'absorbed'];

/** Many at once, in two queries. What does not read is told apart: it keeps no other. */
export const loadClockTickets = async (
  tx: Tx,
  ctx: VerbContext,
  ids: readonly string[],
): Promise<{ readonly tickets: ClockTicket[]; readonly failed: FailedTicket[] }> => {
  const { tenantId } = ctx.actor;
  const { rows } = await tx.$client.query(
    `SELECT ${ticketColumns} FROM tickets t ${ticketJoins} WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[]) AND t.status <> 'ended'`,
    [tenantId, ids],
  );
  const histories = await loadEvents(tx, tenantId, ids);
  const tickets: ClockTicket[] = [];
  const failed: FailedTicket[] = [];
  for (const row of rows) {
    const ticket = toTicket(row);
    try {
      const from = await kindOf(tx, ticket);
      const fields = new FieldSealer(ticketDeps(ctx.db).sealing, ticket.id, from.kind).open(ticket.sealed.fields);
      const events = histories.get(ticket.id) ?? [];
      tickets.push({ ticket, from, events, state: { ...ticket.sealed, fields } });
    } catch (error) {
      failed.push({ ticketId: ticket.id, ticket, error });
    }
  }
  return { tickets, failed };
};

interface Line {
  type: string;
  seq: number;
  at: number;
  data: object;
}

const loadEvents = async (
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly TicketEvent[]>> => {
  const { rows } = await tx.$client.query<{ id: string; lines: Line[] }>(
    `SELECT ticket_id AS id, jsonb_agg(jsonb_build_object('type', type, 'seq', seq, 'at', extract(epoch FROM at) * 1000, 'data', data - 'fields')
         ORDER BY seq) AS lines
     FROM ticket_history WHERE tenant_id = $1 AND ticket_id = ANY($2::uuid[]) AND type <> ALL($3::text[]) GROUP BY ticket_id`,
    [tenantId, ids, silent],
  );
  return new Map(
    rows.map(({ id, lines }) => [
      id,
      lines.map(
        ({ data, ...line }) => ({ ...data, ...line, at: Math.round(line.at), by: '' }) as unknown as TicketEvent,
      ),
    ]),
  );
};
