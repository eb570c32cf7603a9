import { type HubError, isHubError } from '@hallhub/shared';
import {
  commandOf,
  commandsOf,
  type ExchangeMessage,
  isUnmapped,
  type LocalAct,
  type Offices,
  ticketOfDispatch,
} from '@hallhub/shared/exchange';
import { type MakeTicket, makeTicketSchema, type TicketCommand } from '@hallhub/shared/ticket';
import { behindSavepoint, type Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { type OpenTicket, openTicket } from '../../tickets/store/change-ticket.js';
import { attach, besideOf, filesField, sendAhead, withoutFileIds } from '../files/bring-files.js';
import type { LinkFile } from '../files/link-files.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';

type Dispatch = Extract<ExchangeMessage, { act: 'dispatch' }>;

export interface MadeTicket {
  readonly ticketId: string;
  readonly number: string;
}

/**
 * A ticket of the platform’s begins here, with its files: in the field that the mapping names, as far as it takes them, else beside. `origin`
 * makes it once. Throws `Refused`: `unmapped`, or `invalid` where the kind does not take it.
 */
export const makeDispatched = async (
  tx: Tx,
  ctx: VerbContext,
  of: {
    readonly channel: ChannelRow;
    readonly message: Dispatch;
    readonly files: readonly LinkFile[];
    readonly origin: string;
  },
): Promise<MadeTicket> => {
  const { channel, message, files } = of;
  const rule = channel.mapping.incoming;
  if (!rule) throw new Refused('unmapped', 'This channel takes no tickets');
  const mapped = ticketOfDispatch(rule, message);
  if (isUnmapped(mapped)) {
    throw new Refused('unmapped', `There is no rule for the ${mapped.unmapped} ${mapped.value}`);
  }
  const kind = (await readKind(tx, channel.tenantId, mapped.kind))?.kind ?? { fields: [] };
  const fields = withoutFileIds(kind, mapped.fields);
  const input = makeTicketSchema.safeParse({ ...mapped, fields, hallId: channel.hallId });
  if (!input.success) throw new Refused('invalid', input.error.issues[0]?.message ?? 'The ticket is not valid');
  const made: MakeTicket = input.data;
  const name = message.requester?.name;
  const field = filesField(kind, rule.fields.files);
  const inField = field ? files.slice(0, field.most) : [];
  try {
    const ids = field ? await sendAhead(tx, ctx, { files: inField, field: field.key }) : [];
    const row = await makeTicket(tx, ctx, {
      ...{ ...made, source: 'exchange', origin: { system: `exchange:${channel.id}`, key: of.origin } },
      ...(field && ids.length > 0 ? { fields: { ...made.fields, [field.key]: [...ids] } } : {}),
      ...(name === undefined ? {} : { requesterName: name }),
    });
    await attach(tx, ctx, { ticketId: row.id, field: besideOf(field), files: files.slice(inField.length) });
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
 * comment either, the message is only kept. Its files are the ticket’s, whatever it takes. Returns what it came to.
 */
export const applyToTicket = async (
  tx: Tx,
  ctx: VerbContext,
  of: {
    readonly ticketId: string;
    readonly message: ExchangeMessage;
    readonly acts: readonly LocalAct[];
    readonly files: readonly LinkFile[];
    /** That the mapping names for files. */
    readonly field: string | undefined;
  },
): Promise<string> => {
  const open = await openTicket(tx, ctx, { ticketId: of.ticketId });
  await attach(tx, ctx, { ...of, field: besideOf(filesField(open.world.kind, of.field)) });
  const offices = await officesOf(tx, ctx, of.acts);
  for (const command of commandsOf(of.acts, of.message, open.state, offices)) {
    if (await tried(tx, () => actAsPlatform(tx, ctx, open, command))) return command.do;
  }
  return 'kept';
};

/** One act after the other, as long as the ticket allows it. Returns how many were done. */
export const actInTurn = async (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly ticketId: string; readonly message: ExchangeMessage; readonly acts: readonly LocalAct[] },
): Promise<number> => {
  const offices = await officesOf(tx, ctx, of.acts);
  for (const [done, act] of of.acts.entries()) {
    const open = await openTicket(tx, ctx, { ticketId: of.ticketId });
    const command = commandOf(act, of.message, open.state, offices);
    if (!command || !(await tried(tx, () => actAsPlatform(tx, ctx, open, command)))) return done;
  }
  return of.acts.length;
};

/** What came back and is not for here ends here; a ticket that cannot be ended stays, and people see to it. */
export const endAsReturned = (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly ticketId: string; readonly opinion: string },
): Promise<boolean> =>
  tried(tx, () => actOnTicket(tx, ctx, { ticketId: of.ticketId, command: { do: 'cancel', opinion: of.opinion } }));

const officesOf = async (tx: Tx, { actor }: VerbContext, acts: readonly LocalAct[]): Promise<Offices> => {
  const codes = acts.flatMap((act) => ('office' in act && act.office !== undefined ? [act.office] : []));
  if (codes.length === 0) return () => undefined;
  const { rows } = await tx.$client.query<{ id: string; code: string }>(
    'SELECT id, code FROM offices WHERE tenant_id = $1 AND code = ANY($2) AND archived_at IS NULL',
    [actor.tenantId, codes],
  );
  const ids = new Map(rows.map(({ id, code }) => [code, id]));
  return (code) => ids.get(code);
};

/** All of it or nothing: what the ticket does not allow leaves no trace. */
const tried = async (tx: Tx, work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await behindSavepoint(tx, work);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
};

const needsSigning = ({ do: what }: TicketCommand): boolean =>
  what === 'submit' || what === 'return' || what === 'askExtension';

/** Who finishes what nobody signed for has signed for it. */
const actAsPlatform = async (
  tx: Tx,
  ctx: VerbContext,
  { ticket, world }: OpenTicket,
  command: TicketCommand,
): Promise<void> => {
  const { id: ticketId } = ticket;
  if ('task' in command && needsSigning(command)) {
    const sign: TicketCommand = { do: 'sign', task: command.task };
    await tried(tx, () => actOnTicket(tx, ctx, { ticketId, command: sign }));
  }
  const own = 'fields' in command ? { ...command, fields: withoutFileIds(world.kind, command.fields) } : command;
  await actOnTicket(tx, ctx, { ticketId, command: own });
};
