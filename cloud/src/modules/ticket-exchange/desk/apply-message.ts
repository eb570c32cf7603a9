import { type HubError, isHubError } from '@hallhub/shared';
import {
  commandsOf,
  type ExchangeMessage,
  isUnmapped,
  type LocalAct,
  ticketOfDispatch,
} from '@hallhub/shared/exchange';
import { type MakeTicket, makeTicketSchema, type TicketCommand } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';

type Dispatch = Extract<ExchangeMessage, { act: 'dispatch' }>;

export interface MadeTicket {
  readonly ticketId: string;
  readonly number: string;
}

/** A ticket of the platform’s begins here. Throws `Refused`: `unmapped`, or `invalid` where the kind does not take it. */
export const makeDispatched = async (
  tx: Tx,
  ctx: VerbContext,
  { channel, message }: { readonly channel: ChannelRow; readonly message: Dispatch },
): Promise<MadeTicket> => {
  const rule = channel.mapping.incoming;
  if (!rule) throw new Refused('unmapped', 'This channel takes no tickets');
  const mapped = ticketOfDispatch(rule, message);
  if (isUnmapped(mapped)) {
    throw new Refused('unmapped', `There is no rule for the ${mapped.unmapped} ${mapped.value}`);
  }
  const input = makeTicketSchema.safeParse({ ...mapped, hallId: channel.hallId });
  if (!input.success) throw new Refused('invalid', input.error.issues[0]?.message ?? 'The ticket is not valid');
  const made: MakeTicket = input.data;
  const origin = { system: `exchange:${channel.id}`, key: message.ticket.number };
  const name = message.requester?.name;
  try {
    const row = await makeTicket(tx, ctx, {
      ...{ ...made, source: 'exchange', origin },
      ...(name === undefined ? {} : { requesterName: name }),
    });
    return { ticketId: row.id, number: row.number };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refused('invalid', `${error.message}: ${JSON.stringify(error.context).slice(0, 400)}`);
  }
};

const isRefusal = (error: unknown): error is HubError =>
  isHubError(error) &&
  ['conflict', 'not_found', 'invalid_input', 'forbidden', 'precondition_failed'].includes(error.code);

/**
 * What the platform did is done to the ticket here, by the first rule that the ticket allows; none: a comment; and where it takes no
 * comment either, the message is only kept. Returns what it came to.
 */
export const applyToTicket = async (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly ticketId: string; readonly message: ExchangeMessage; readonly acts: readonly LocalAct[] },
): Promise<string> => {
  const { state } = await openTicket(tx, ctx, { ticketId: of.ticketId });
  for (const command of commandsOf(of.acts, of.message, state)) {
    if (await tried(tx, () => actAsPlatform(tx, ctx, of.ticketId, command))) return command.do;
  }
  return 'kept';
};

/** All of it or nothing: what the ticket does not allow leaves no trace. */
const tried = async (tx: Tx, work: () => Promise<unknown>, name = 'exchange_act'): Promise<boolean> => {
  await tx.$client.query(`SAVEPOINT ${name}`);
  try {
    await work();
    await tx.$client.query(`RELEASE SAVEPOINT ${name}`);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await tx.$client.query(`ROLLBACK TO SAVEPOINT ${name}`);
    return false;
  }
};

const needsSigning = ({ do: what }: TicketCommand): boolean =>
  what === 'submit' || what === 'return' || what === 'askExtension';

/** Who finishes what nobody signed for has signed for it. */
const actAsPlatform = async (tx: Tx, ctx: VerbContext, ticketId: string, command: TicketCommand): Promise<void> => {
  if ('task' in command && needsSigning(command)) {
    const sign: TicketCommand = { do: 'sign', task: command.task };
    await tried(tx, () => actOnTicket(tx, ctx, { ticketId, command: sign }), 'exchange_sign');
  }
  await actOnTicket(tx, ctx, { ticketId, command });
};
