import { HubError } from '@hallhub/shared';
import { withTenant } from '../../../db/index.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import { type PublicDeps, requesterContext, type TicketKey, type Unlocked, unlockTicket } from './public-ticket.js';

/** Takes the request back. Errors: `not_found`, `conflict` where it is over or answered. */
export const withdrawTicket = async (
  deps: PublicDeps,
  input: TicketKey & { readonly words: string },
  request: RequestFacts,
): Promise<void> => withdraw(deps, await unlockTicket(deps, input), input.words, request);

export const withdraw = async (
  deps: IntakeDeps,
  { tenantId, ticketId }: Unlocked,
  words: string,
  request: RequestFacts | null,
): Promise<void> => {
  const ctx = requesterContext(deps, tenantId, request);
  await withTenant(deps.database, ctx.actor, async (tx) => {
    const { state, world } = await openTicket(tx, ctx, { ticketId, lock: true });
    const phase = world.kind.states.find(({ id }) => id === state.stateId)?.phase;
    if (state.status === 'ended' || (phase !== 'new' && phase !== 'open')) {
      throw new HubError('conflict', 'It can no longer be taken back', { context: { reason: 'too_late' } });
    }
    await actOnTicket(tx, ctx, {
      ticketId,
      command: { do: 'cancel', opinion: `诉求人撤回：${words}`.slice(0, 2_000) },
    });
  });
};
