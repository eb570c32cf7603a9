import type { ClockStory, HistoryLine, TicketPage } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openTicket } from '../store/change-ticket.js';
import { runsOf } from '../store/clock-rows.js';
import { loadHistory } from '../store/load-ticket.js';
import { clockStory } from '../view/clock-view.js';
import { hiddenIn } from '../view/hidden-fields.js';
import { historyView, otherOf } from '../view/history-view.js';
import { readNumbers } from '../view/link-view.js';
import { pageView } from '../view/page-view.js';
import { partyView } from '../view/row-view.js';

interface OfTicket {
  readonly ticketId: string;
}

export const readTicket = (ctx: VerbContext, of: OfTicket): Promise<TicketPage> =>
  withTenant(ctx.db, ctx.actor, async (tx) => pageView(tx, ctx, await openTicket(tx, ctx, of)), { readOnly: true });

export const readTicketHistory = (ctx: VerbContext, of: OfTicket): Promise<{ items: HistoryLine[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const open = await openTicket(tx, ctx, of);
      const rows = await loadHistory(tx, { tenantId: ctx.actor.tenantId, ticketId: of.ticketId });
      const numbers = await readNumbers(tx, ctx, { open, ids: rows.flatMap(({ event }) => otherOf(event) ?? []) });
      const { kind, book } = open.world;
      const hidden = hiddenIn(open.state, kind.steps);
      return { items: historyView(rows, { kind, book, hidden, numberOf: (id) => numbers.get(id) }) };
    },
    { readOnly: true },
  );

export const readTicketClocks = (ctx: VerbContext, of: OfTicket): Promise<{ items: ClockStory[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { world, state } = await openTicket(tx, ctx, of);
      const key = { tenantId: ctx.actor.tenantId, ticketId: of.ticketId };
      const history = (await loadHistory(tx, key)).map(({ event }) => event);
      const { rows } = await tx.$client.query<{
        clock: string;
        run: number;
        what: 'warned' | 'breached' | 'escalated';
        at: Date;
        parties: { kind: 'person' | 'office'; id: string }[];
      }>(
        `SELECT clock, run, what, at, parties FROM ticket_clock_events
         WHERE tenant_id = $1 AND ticket_id = $2 AND noted_at IS NOT NULL ORDER BY at, what, place`,
        [key.tenantId, key.ticketId],
      );
      const notesOf = (clock: string, run: number): ClockStory['notes'] =>
        rows
          .filter((row) => row.clock === clock && row.run === run)
          .map(({ at, what, parties }) => ({
            ...{ at: at.toISOString(), what },
            to: parties.map((party) => partyView(world.book, party)),
          }));
      return {
        items: runsOf(world, history, state).map((run) =>
          clockStory(run, {
            ...{ kind: world.kind, calendar: world.calendars(run.calendar), notes: notesOf(run.clock, run.run) },
          }),
        ),
      };
    },
    { readOnly: true },
  );
