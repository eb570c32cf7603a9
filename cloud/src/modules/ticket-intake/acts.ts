import { isHubError } from '@hallhub/shared';
import type { TicketCommand } from '@hallhub/shared/ticket';
import { behindSavepoint, type Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { actOnTicket } from '../tickets/act-on-ticket.js';

/** What a ticket does not take (it ended meanwhile, or its kind has no such act) is no fault of whoever tells: false. */
export const tried = async (tx: Tx, ctx: VerbContext, ticketId: string, command: TicketCommand): Promise<boolean> => {
  try {
    await behindSavepoint(tx, () => actOnTicket(tx, ctx, { ticketId, command }));
    return true;
  } catch (error) {
    if (!isHubError(error, 'conflict')) throw error;
    return false;
  }
};

export const say = (tx: Tx, ctx: VerbContext, ticketId: string, opinion: string): Promise<boolean> =>
  tried(tx, ctx, ticketId, { do: 'comment', opinion: opinion.slice(0, 2_000) });
