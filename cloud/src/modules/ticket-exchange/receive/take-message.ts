import { uuidv7 } from '@hallhub/shared';
import {
  type ExchangeAct,
  type ExchangeAnswer,
  type ExchangeMessage,
  heardExchangeState,
  isDeciding,
  isExchangeRefused,
  mayAct,
} from '@hallhub/shared/exchange';
import { and, eq } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openBody, sealBody } from '../channel/message-seal.js';
import { applyToTicket, makeDispatched } from '../desk/apply-message.js';
import { channelActor } from '../desk/echo.js';
import { onArrival } from '../desk/on-arrival.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { type Brought, filesOf } from '../files/bring-files.js';
import { filesOfLink, noteFiles } from '../files/link-files.js';
import { acceptUpTo, dropOvertaken, lockLink, lockNumber, stateOf, writeLink } from '../link-book.js';
import { type ChannelRow, exchangeMessages, exchangeTickets, type LinkRow, type MessageRow } from '../tables.js';
import { Refused } from './refused.js';

export interface Taking {
  readonly channel: ChannelRow;
  readonly message: ExchangeMessage;
  /** As it came, and its SHA-256. */
  readonly body: string;
  readonly hash: Buffer;
}

/**
 * Takes one message of the platform’s, whole or not at all, once however often it comes. Throws `Refused`, and then nothing has
 * changed but the log, which `noteRefused` writes.
 */
export const takeMessage = (deps: ExchangeDeps, taking: Taking): Promise<ExchangeAnswer> =>
  withTenant(deps.database, taking.channel, (tx) => take(tx, deps, taking));

const take = async (tx: Tx, deps: ExchangeDeps, taking: Taking): Promise<ExchangeAnswer> => {
  const { channel, message } = taking;
  const { owner, number } = message.ticket;
  const at = new Date(deps.clock.now());
  await lockNumber(tx, channel.id, owner, number);
  const [found] = await tx
    .select()
    .from(exchangeTickets)
    .where(
      and(
        eq(exchangeTickets.channelId, channel.id),
        eq(exchangeTickets.owner, owner),
        eq(exchangeTickets.number, number),
      ),
    );
  // Whoever acts on a ticket holds its row before its link: so does this.
  if (found) await tx.$client.query('SELECT 1 FROM tickets WHERE id = $1 FOR UPDATE', [found.ticketId]);
  const link = found && (await lockLink(tx, found.id));
  const known = await knownMessage(tx, taking);
  if (known?.state === 'accepted') {
    if (!known.bodyHash?.equals(taking.hash)) throw new Refused('reused', 'This id stands for another message');
    if (!link) throw new Refused('no_such_ticket', 'The ticket is not known');
    return answerOf(link, message, 'repeated', await ourNumber(tx, link));
  }
  if (!mayAct(owner, 'platform', message.act))
    throw new Refused('not_yours', `Only the other side does ${message.act}`);
  const brought = await filesOf(tx, { channel, message, at });
  const ctx: VerbContext = {
    ...{ db: deps.database, clock: deps.clock, live: deps.live, request: null },
    actor: channelActor(channel.tenantId, channel),
  };
  const of = { deps, taking, brought, at };
  const done = link ? await goOn(tx, ctx, { ...of, link }) : await begin(tx, ctx, of);
  const messageId = await keepMessage(tx, deps, { taking, known, link: done.link, effect: done.effect, at });
  await noteFiles(tx, { ...brought, link: done.link, messageId, direction: 'in', at });
  const answer = answerOf(done.link, message, 'accepted', await ourNumber(tx, done.link));
  const named = new Set(message.files.map(({ sha256 }) => sha256));
  const left = brought.left.flatMap(({ sha256, name, code }) => (named.has(sha256) ? [{ sha256, name, code }] : []));
  return left.length === 0 ? answer : { ...answer, left };
};

const knownMessage = async (tx: Tx, { channel, message }: Taking): Promise<MessageRow | undefined> => {
  const [row] = await tx
    .select()
    .from(exchangeMessages)
    .where(
      and(
        eq(exchangeMessages.channelId, channel.id),
        eq(exchangeMessages.direction, 'in'),
        eq(exchangeMessages.messageId, message.id),
      ),
    );
  return row;
};

interface Done {
  readonly link: LinkRow;
  readonly effect: string;
}

interface Heard {
  readonly deps: ExchangeDeps;
  readonly taking: Taking;
  readonly brought: Brought;
  readonly at: Date;
}

/** The first that is heard of a ticket of theirs. */
const begin = async (tx: Tx, ctx: VerbContext, of: Heard): Promise<Done> => {
  const { taking, at, brought } = of;
  const { channel, message } = taking;
  if (message.act !== 'dispatch') throw new Refused('no_such_ticket', 'The ticket is not known');
  if (message.seq !== 1) throw new Refused('out_of_order', 'The first message has seq 1', { expected: 1 });
  const made = await makeDispatched(tx, ctx, {
    ...{ channel, message, files: brought.files, origin: message.ticket.number },
  });
  const link: LinkRow = {
    ...{ id: uuidv7(), tenantId: channel.tenantId, channelId: channel.id, ticketId: made.ticketId },
    ...{ owner: message.ticket.owner, number: message.ticket.number, peerNumber: null },
    ...{ state: 'dispatched', extension: false, seqIn: 1, seqOut: 0, lastWord: 1, openedAt: at, updatedAt: at },
  };
  await tx.insert(exchangeTickets).values(link);
  return onArrival(tx, ctx, { sealing: of.deps.sealing, channel, message, link, at });
};

const goOn = async (tx: Tx, ctx: VerbContext, of: Heard & { link: LinkRow }): Promise<Done> => {
  const { taking, brought, at } = of;
  const { channel, message } = taking;
  const expected = of.link.seqIn + 1;
  if (message.seq < expected) throw new Refused('reused', `The seq ${message.seq} stands for another message`);
  if (message.seq > expected) throw new Refused('out_of_order', `The next is ${expected}`, { expected });
  const link = await acceptUpTo(tx, of.link, message.seen, at);
  const next = nextState(link, message);
  const isWord = link.owner === 'platform' && isDeciding(message.act);
  // Before the ticket: its hook sees the exchange as it now stands.
  const after = await writeLink(
    tx,
    link,
    { ...next, seqIn: message.seq, ...(isWord ? { lastWord: message.seq } : {}) },
    at,
  );
  await dropOvertaken(tx, after, at);
  const again = await dispatchedAgain(tx, ctx, { ...of, link });
  if (again) return again;
  const rules = link.owner === 'platform' ? channel.mapping.incoming : channel.mapping.outgoing;
  const acts = rules?.on[message.act] ?? [];
  const whole = await withMinutes(tx, of.deps.sealing, { message, linkId: link.id });
  const effect = await applyToTicket(tx, ctx, {
    ...{ ticketId: link.ticketId, message: whole, acts },
    ...{ files: brought.files, field: rules?.fields.files },
  });
  return { link: await lockLink(tx, link.id), effect };
};

/** A longer time that is granted without saying how long is what was asked. */
const withMinutes = async (
  tx: Tx,
  sealing: ExchangeDeps['sealing'],
  { message, linkId }: { readonly message: ExchangeMessage; readonly linkId: string },
): Promise<ExchangeMessage> => {
  if (message.act !== 'decide_extension' || !message.granted || message.minutes !== undefined) return message;
  const { rows } = await tx.$client.query<{ id: string; body: Buffer }>(
    `SELECT id, body FROM exchange_messages WHERE link_id = $1 AND direction = 'out' AND act = 'ask_extension' AND state = 'accepted'
     ORDER BY pos DESC LIMIT 1`,
    [linkId],
  );
  const [asked] = rows;
  if (!asked) return message;
  const { minutes } = JSON.parse(openBody(sealing, asked.id, asked.body)) as { minutes?: number };
  return minutes === undefined ? message : { ...message, minutes };
};

/** They send again what was given back, and the ticket here has ended meanwhile: it is another one from here on. */
const dispatchedAgain = async (
  tx: Tx,
  ctx: VerbContext,
  { taking, link, brought, at }: Heard & { link: LinkRow },
): Promise<Done | undefined> => {
  const { channel, message } = taking;
  if (message.act !== 'dispatch') return undefined;
  const { rows } = await tx.$client.query<{ status: string }>('SELECT status FROM tickets WHERE id = $1', [
    link.ticketId,
  ]);
  if (rows[0]?.status !== 'ended') return undefined;
  const origin = `${message.ticket.number}#${message.seq}`;
  const earlier = await filesOfLink(tx, link.id);
  const fresh = brought.files.filter(({ sha256 }) => !earlier.some((one) => one.sha256 === sha256));
  const { ticketId } = await makeDispatched(tx, ctx, { channel, message, files: [...earlier, ...fresh], origin });
  await writeLink(tx, link, { ticketId }, at);
  return { link: await lockLink(tx, link.id), effect: 'made_again' };
};

const nextState = (link: LinkRow, message: ExchangeMessage) => {
  const { state } = link;
  const isStale = link.owner === 'hub' && message.act !== 'opinion' && message.seen < link.lastWord;
  if (isStale) throw new Refused('not_now', 'Something that was decided meanwhile is on its way', { state });
  const more = message.act === 'decide_extension' ? { granted: message.granted } : {};
  const next = heardExchangeState(stateOf(link), message.act as ExchangeAct, more);
  if (isExchangeRefused(next)) throw new Refused('not_now', `Not while the ticket is ${state}`, { state });
  return next;
};

const keepMessage = async (
  tx: Tx,
  { sealing }: ExchangeDeps,
  of: { taking: Taking; known: MessageRow | undefined; link: LinkRow; effect: string; at: Date },
): Promise<string> => {
  const { taking, known, link, effect, at } = of;
  const { channel, message, body, hash } = taking;
  const id = known?.id ?? uuidv7();
  const row = {
    ...{ id, tenantId: channel.tenantId, channelId: channel.id, linkId: link.id, direction: 'in' as const },
    ...{ messageId: message.id, owner: link.owner, number: link.number, act: message.act, seq: message.seq },
    ...{ body: sealBody(sealing, id, body), bodyHash: hash, state: 'accepted' as const, effect },
    ...{ code: null, detail: null, madeAt: known?.madeAt ?? at, doneAt: at },
  };
  await (known
    ? tx.update(exchangeMessages).set(row).where(eq(exchangeMessages.id, known.id))
    : tx.insert(exchangeMessages).values(row));
  await tx.$client.query(noteHeard, [channel.id, at]);
  return id;
};

/** Now and then: the channel’s row is one for all its messages, and whoever writes it holds all others up. */
const noteHeard = `UPDATE exchange_channels SET last_in_at = $2 WHERE id = $1
  AND (last_in_at IS NULL OR last_in_at < $2::timestamptz - interval '10 seconds')`;

const ourNumber = async (tx: Tx, link: LinkRow): Promise<string> => {
  const { rows } = await tx.$client.query<{ number: string }>('SELECT number FROM tickets WHERE id = $1', [
    link.ticketId,
  ]);
  return rows[0]?.number ?? link.number;
};

const answerOf = (
  link: LinkRow,
  { id }: ExchangeMessage,
  result: 'accepted' | 'repeated',
  number: string,
): Accepted => ({ v: 1, result, id, state: link.state, number });

type Accepted = Exclude<ExchangeAnswer, { result: 'refused' }>;
