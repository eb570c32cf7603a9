import { HubError } from '@hallhub/shared';
import { heldFor, isRefused, offersOf, type SplitTicket, type TicketRow } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { makeTicket } from '../make-ticket.js';
import { openTicket, refused } from '../store/change-ticket.js';

/** All children or none. The parent gets a line for each; its step must allow it to whoever asks. */
export const splitTicket = (
  ctx: VerbContext,
  { ticketId, ...input }: SplitTicket & { readonly ticketId: string },
): Promise<{ items: TicketRow[] }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { ticket: whole, state, world } = await openTicket(tx, ctx, { ticketId, lock: true });
    const offered = offersOf(world.context, state).find(({ do: act }) => act === 'split')?.task;
    const task = input.task ?? offered;
    if (task == null) throw refused({ ok: false, code: 'not_offered', context: { act: 'split' } });
    const asked = heldFor(world.context, state, { task, act: 'split', opinion: input.opinion });
    if (isRefused(asked)) throw refused(asked);
    const items: TicketRow[] = [];
    for (const [i, ticket] of input.tickets.entries()) {
      const kind = ticket.kind ?? input.kind;
      if (kind === undefined) {
        const message = 'Of which kind?';
        const errors = [{ path: `body.tickets.${i}.kind`, message }];
        throw new HubError('invalid_input', message, { context: { errors } });
      }
      const partOf = kind === state.kind ? { partOf: whole } : {};
      items.push(await makeTicket(tx, ctx, { ...ticket, ...partOf, kind, parentId: ticketId, source: 'ticket' }));
    }
    return { items };
  });
