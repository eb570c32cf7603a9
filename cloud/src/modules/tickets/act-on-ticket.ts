import { HubError } from '@hallhub/shared';
import type { TicketCommand, TicketRow } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';

export interface ActOnTicket {
  readonly ticketId: string;
  /** Lines of history that the caller saw; left out by systems, which act on what is. */
  readonly seq?: number | undefined;
  readonly command: TicketCommand;
}

/**
 * One act in the caller's transaction. What goes out (live events) waits for its commit by `afterCommit(tx, …)`, so any
 * `withTenant` will do. Errors: `not_found`; `precondition_failed` with {by, at, type, seq} of what came between;
 * `conflict` with {refusal, …} where the engine says no. The system actor may do anybody's task.
 */
export const actOnTicket = async (_tx: Tx, _ctx: VerbContext, _input: ActOnTicket): Promise<TicketRow> => {
  throw new HubError('unavailable', 'Tickets are not kept yet');
};
