import type { MakeByHand, TicketCommand, TicketPage, TicketRow } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { applyCommand } from '../act-on-ticket.js';
import { makeTicket } from '../make-ticket.js';
import { pageView } from '../view/page-view.js';

/** One act of a person, answered by the ticket as it is then. */
export const act = (
  ctx: VerbContext,
  input: { readonly ticketId: string; readonly seq: number; readonly command: TicketCommand },
): Promise<TicketPage> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { open, saved } = await applyCommand(tx, ctx, input);
    // Whoever hands a ticket on may be without reach of it from then on: it is shown once more as they left it.
    return pageView(tx, ctx, { ...open, ticket: saved.ticket, state: saved.after });
  });

/** Somebody at the console, or a program by the API. */
export const make = (ctx: VerbContext, { source, ...input }: MakeByHand): Promise<TicketRow> =>
  withTenant(ctx.db, ctx.actor, (tx) =>
    makeTicket(tx, ctx, { ...input, source: ctx.actor.kind === 'apikey' ? 'api' : (source ?? 'console') }),
  );
