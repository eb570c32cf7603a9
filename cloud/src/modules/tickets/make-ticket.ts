import { HubError } from '@hallhub/shared';
import type { MakeTicket, TicketRow, TicketSource } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';

export interface MakeTicketInput extends MakeTicket {
  readonly source: TicketSource;
  /** Where it was born: the same origin gives the same ticket, however often it is told. */
  readonly origin?: { readonly system: string; readonly key: string };
  /** Whoever asked from outside; stands masked in lists and history. */
  readonly requesterName?: string;
  readonly alarmId?: string;
  /** Of the ticket's place, where no hall is known. */
  readonly regionId?: string | null;
}

/**
 * Makes a ticket in the caller's transaction. Errors: `not_found` (kind, hall, device, parent), `conflict` with `context.refusal`.
 */
export const makeTicket = async (_tx: Tx, _ctx: VerbContext, _input: MakeTicketInput): Promise<TicketRow> => {
  throw new HubError('unavailable', 'Tickets are not kept yet');
};
