import { createHash } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { findChannel } from '../channel/describe-channel.js';
import { openBody } from '../channel/message-seal.js';
import type { ExchangeMessageRow, MessagesQuery } from '../contract.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { filesOfMessage, freeFiles } from '../files/link-files.js';
import { lockLink, openMessages, writeLink } from '../link-book.js';
import { noteRefused, parseKept } from '../receive/note-refused.js';
import { Refused } from '../receive/refused.js';
import { takeMessage } from '../receive/take-message.js';
import { exchangeAttempts, exchangeMessages, exchangeTickets, type LinkRow, type MessageRow } from '../tables.js';
import { maskBody } from './mask-body.js';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const requireRight = ({ actor }: VerbContext): void => actor.require('ticketexchange.write', 'tenant');

interface Shown {
  readonly message: MessageRow;
  readonly ticketId: string | null;
  readonly ticketNumber: string | null;
  readonly exchange: ExchangeMessageRow['exchange'];
}

const select = (tx: Tx) =>
  tx
    .select({
      message: exchangeMessages,
      ticketId: exchangeTickets.ticketId,
      ticketNumber: sql<string | null>`(SELECT number FROM tickets WHERE tickets.id = ${exchangeTickets.ticketId})`,
      exchange: exchangeTickets.state,
    })
    .from(exchangeMessages)
    .leftJoin(exchangeTickets, eq(exchangeTickets.id, exchangeMessages.linkId));

const toRow = ({ message, ticketId, ticketNumber, exchange }: Shown): ExchangeMessageRow => ({
  ...{ id: message.id, direction: message.direction, messageId: message.messageId, act: message.act },
  ...{ owner: message.owner, number: message.number, seq: message.seq, state: message.state, effect: message.effect },
  ...{ code: message.code, detail: message.detail, attempts: message.attempts, nextAt: iso(message.nextAt) },
  ...{ madeAt: message.madeAt.toISOString(), doneAt: iso(message.doneAt), exchange },
  ticket: ticketId === null || ticketNumber === null ? null : { id: ticketId, number: ticketNumber },
});

/** The log, newest first. */
export const listMessages = (
  ctx: VerbContext,
  input: MessagesQuery & { readonly channelId: string },
): Promise<Page<ExchangeMessageRow>> => {
  requireRight(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const channel = await findChannel(tx, input.channelId);
      const after = decodeCursor(input.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const wanted: (SQL | undefined)[] = [
        eq(exchangeMessages.channelId, channel.id),
        input.direction && eq(exchangeMessages.direction, input.direction),
        input.state && eq(exchangeMessages.state, input.state),
        input.act && eq(exchangeMessages.act, input.act),
        input.number === undefined ? undefined : eq(exchangeMessages.number, input.number),
        input.ticketId === undefined ? undefined : eq(exchangeTickets.ticketId, input.ticketId),
        after
          ? sql`(${exchangeMessages.madeAt}, ${exchangeMessages.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
          : undefined,
      ];
      const rows = await select(tx)
        .where(and(...wanted))
        .orderBy(desc(exchangeMessages.madeAt), desc(exchangeMessages.id))
        .limit(input.limit + 1);
      return toPage(rows, input.limit, {
        item: toRow,
        key: ({ message }) => [message.madeAt.toISOString(), message.id],
      });
    },
    { readOnly: true },
  );
};

interface Named {
  readonly channelId: string;
  readonly messageId: string;
}

const findMessage = async (tx: Tx, { channelId, messageId }: Named): Promise<Shown> => {
  const channel = await findChannel(tx, channelId);
  const [found] = await select(tx).where(
    and(eq(exchangeMessages.id, messageId), eq(exchangeMessages.channelId, channel.id)),
  );
  if (!found) throw new HubError('not_found', 'There is no such message');
  return found;
};

/** The same, while nobody writes down what came of it: its ticket's place in the exchange is locked first, as whoever does so locks it. */
const lockMessage = async (
  tx: Tx,
  input: Named,
): Promise<{ readonly message: MessageRow; readonly link?: LinkRow }> => {
  const { message } = await findMessage(tx, input);
  if (message.linkId === null) return { message };
  const link = await lockLink(tx, message.linkId);
  return { message: (await findMessage(tx, input)).message, link };
};

/** One message with every try. Who may not see personal data gets what is personal masked. */
export const readMessage = (ctx: VerbContext, input: Named & { readonly sealing: ExchangeDeps['sealing'] }) => {
  requireRight(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const shown = await findMessage(tx, input);
      const { mapping } = await findChannel(tx, input.channelId);
      const tries = await tx
        .select()
        .from(exchangeAttempts)
        .where(eq(exchangeAttempts.message, shown.message.id))
        .orderBy(asc(exchangeAttempts.at))
        .limit(200);
      const body = JSON.parse(openBody(input.sealing, shown.message.id, shown.message.body));
      return {
        ...toRow(shown),
        files: await filesOfMessage(tx, shown.message.id),
        body: ctx.actor.can('ticket.personal', 'tenant') ? body : await maskBody(tx, body, { ...shown, mapping }),
        tries: tries.map(({ at, tookMs, status, code, detail, answer, ip }) => ({
          ...{ at: at.toISOString(), tookMs, status, code, detail, answer: answer as never, ip },
        })),
      };
    },
    { readOnly: true },
  );
};

/**
 * Tries a message again by hand: what failed to go out is sent now, what was refused is taken as if it had just come. Errors:
 * `not_found`; `conflict` where there is nothing to try, or it is refused again (`context.refusal`).
 */
export const replayMessage = async (
  ctx: VerbContext,
  input: Named & { readonly deps: ExchangeDeps; readonly wake: (channelId: string) => void },
): Promise<ExchangeMessageRow> => {
  requireRight(ctx);
  const { message } = await withTenant(ctx.db, ctx.actor, (tx) => findMessage(tx, input));
  if (message.direction === 'out') await sendAgain(ctx, input);
  else await takeAgain(ctx, input.deps, message);
  if (message.direction === 'out') input.wake(input.channelId);
  return withTenant(ctx.db, ctx.actor, async (tx) => toRow(await findMessage(tx, input)), { readOnly: true });
};

const sendAgain = (ctx: VerbContext, input: Named): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { message } = await lockMessage(tx, input);
    if (message.state === 'dropped')
      throw new HubError('conflict', 'It was given up or overtaken: nothing is sent again');
    // The books have gone on since. A platform that has lost it says so, and gets it again by itself.
    if (message.state === 'accepted') throw new HubError('conflict', 'It was accepted: nothing is sent again');
    const nextAt = new Date(ctx.clock.now());
    await tx
      .update(exchangeMessages)
      .set({ state: 'waiting', nextAt, leasedTill: null, doneAt: null, code: null, detail: null })
      .where(eq(exchangeMessages.id, message.id));
    await auditReplay(tx, ctx, message);
  });

const takeAgain = async (ctx: VerbContext, deps: ExchangeDeps, message: MessageRow): Promise<void> => {
  if (message.state !== 'refused') throw new HubError('conflict', 'It was taken: there is nothing to do again');
  const body = openBody(deps.sealing, message.id, message.body);
  const read = parseKept(body);
  if (!read.success) throw new HubError('conflict', 'It is no message any more', { context: { refusal: 'invalid' } });
  const channel = await withTenant(ctx.db, ctx.actor, (tx) => findChannel(tx, message.channelId));
  const taking = { channel, message: read.data, body, hash: createHash('sha256').update(body).digest() };
  try {
    await takeMessage(deps, taking);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await noteRefused(deps, taking, error);
    const { code, detail } = error;
    throw new HubError('conflict', `It is refused again: ${detail}`, { context: { refusal: code } });
  }
  await withTenant(ctx.db, ctx.actor, (tx) => auditReplay(tx, ctx, message));
};

const auditReplay = (tx: Tx, ctx: VerbContext, message: MessageRow) =>
  audit(tx, ctx, {
    action: 'exchangemessage.replayed',
    target: { kind: 'exchangemessage', id: message.id, name: message.number },
    before: { state: message.state, code: message.code },
    after: { act: message.act, direction: message.direction },
  });

/**
 * Gives a message up that will never be accepted, so that what waits behind it goes on. Of a ticket of ours the exchange ends with it:
 * the platform does not know of it, or no longer as we do. Errors: `not_found`, `conflict` where it is not open.
 */
export const dropMessage = (
  ctx: VerbContext,
  input: Named & { readonly reason: string },
): Promise<ExchangeMessageRow> => {
  requireRight(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const { message, link } = await lockMessage(tx, input);
    if (message.direction !== 'out' || (message.state !== 'waiting' && message.state !== 'failed') || !link) {
      throw new HubError('conflict', 'Only what has not been accepted can be given up');
    }
    const at = new Date(ctx.clock.now());
    const open = link.owner === 'hub' ? await openMessages(tx, link.id) : [message];
    for (const { id } of open) {
      await tx
        .update(exchangeMessages)
        .set({ state: 'dropped', nextAt: null, leasedTill: null, doneAt: at, code: 'given_up', detail: input.reason })
        .where(eq(exchangeMessages.id, id));
      await freeFiles(tx, id);
    }
    if (link.owner === 'hub') await writeLink(tx, link, { state: 'cancelled', extension: false }, at);
    await audit(tx, ctx, {
      action: 'exchangemessage.given_up',
      target: { kind: 'exchangemessage', id: message.id, name: message.number },
      before: { state: message.state, code: message.code },
      after: { reason: input.reason, messages: open.length },
    });
    return toRow(await findMessage(tx, input));
  });
};
