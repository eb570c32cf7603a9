import { HubError } from '@hallhub/shared';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { openTicket } from '../store/change-ticket.js';
import { partiesOf, scopeOf } from '../store/ticket-world.js';
import { hiddenIn } from '../view/hidden-fields.js';

/**
 * One personal field in clear, for whoever has the right there, or has the ticket in hand just now at a step that shows it. It stands in
 * the trail with the reason, never the value. Errors: `forbidden`, `not_found`.
 */
export const revealField = (
  ctx: VerbContext,
  input: { readonly ticketId: string; readonly field: string; readonly reason: string },
): Promise<{ value: unknown }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { ticket, state, world } = await openTicket(tx, ctx, input);
    const mine = new Set(partiesOf(world.book, ctx.actor.userId, world.at));
    const isInHand = state.tasks.some(
      (task) => (task.state === 'open' || task.state === 'signed') && mine.has(task.heldBy ?? task.party.id),
    );
    // What a step hides from whoever works on it, holding the ticket opens to nobody.
    const isHidden = hiddenIn(state, world.kind.steps).includes(input.field);
    if (!isInHand || isHidden) ctx.actor.require('ticket.personal', scopeOf(ticket));
    const field = world.kind.fields.find(({ key, personal }) => key === input.field && personal);
    if (!field) throw new HubError('not_found', 'There is no such personal field');
    await audit(tx, ctx, {
      action: 'ticket.revealed',
      target: { kind: 'ticket', id: ticket.id, name: ticket.number },
      hallId: ticket.hallId,
      after: { field: field.key, reason: input.reason },
    });
    return { value: state.fields[field.key] ?? null };
  });
