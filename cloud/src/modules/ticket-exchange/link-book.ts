import { HubError } from '@hallhub/shared';
import {
  type ExchangeAct,
  type ExchangeSide,
  type ExchangeState,
  isExchangeRefused,
  nextExchangeState,
} from '@hallhub/shared/exchange';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { acceptFiles, freeFiles } from './files/link-files.js';
import { exchangeMessages, exchangeTickets, type LinkRow, type MessageRow } from './tables.js';

/** One at a time for a ticket of a channel, also before it has a row. */
export const lockNumber = async (tx: Tx, channelId: string, owner: ExchangeSide, number: string): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4702))', [
    `${channelId}:${owner}:${number}`,
  ]);
};

export const lockLink = async (tx: Tx, linkId: string): Promise<LinkRow> => {
  const [row] = await tx.select().from(exchangeTickets).where(eq(exchangeTickets.id, linkId)).for('update');
  if (!row) throw new HubError('not_found', 'There is no such ticket in the exchange');
  return row;
};

export const stateOf = ({ state, extension }: LinkRow): ExchangeState => ({ state, extension });

/** What this end said and the other has not accepted, in order. */
export const openMessages = (tx: Tx, linkId: string): Promise<MessageRow[]> =>
  tx
    .select()
    .from(exchangeMessages)
    .where(
      and(
        eq(exchangeMessages.linkId, linkId),
        eq(exchangeMessages.direction, 'out'),
        inArray(exchangeMessages.state, ['waiting', 'failed']),
      ),
    )
    .orderBy(asc(exchangeMessages.pos));

/** The handler’s book moves when the owner accepts; until then this is what it will be. Owners are there already. */
export const foreseen = (link: LinkRow, open: readonly Pick<MessageRow, 'act'>[]): ExchangeState => {
  if (link.owner === 'hub') return stateOf(link);
  return open.reduce((state, { act }) => {
    const next = nextExchangeState(state, act as ExchangeAct);
    return isExchangeRefused(next) ? state : next;
  }, stateOf(link));
};

/** The other end has our messages up to that seq: what was thought to be under way is accepted. */
export const acceptUpTo = async (tx: Tx, link: LinkRow, seq: number, at: Date): Promise<LinkRow> => {
  const open = await openMessages(tx, link.id);
  let now = link;
  for (const message of open) {
    if (message.seq === null || message.seq > seq) break;
    now = await acceptOne(tx, now, message, at);
  }
  return now;
};

/** One message of ours was accepted: the book goes on, where it had waited for that. */
export const acceptOne = async (tx: Tx, link: LinkRow, message: MessageRow, at: Date): Promise<LinkRow> => {
  await tx
    .update(exchangeMessages)
    .set({ state: 'accepted', doneAt: at, nextAt: null, leasedTill: null, code: null, detail: null })
    .where(eq(exchangeMessages.id, message.id));
  await acceptFiles(tx, message.id);
  const next = link.owner === 'platform' ? nextExchangeState(stateOf(link), message.act as ExchangeAct) : stateOf(link);
  const state = isExchangeRefused(next) ? stateOf(link) : next;
  return writeLink(tx, link, { ...state, seqOut: Math.max(link.seqOut, message.seq ?? 0) }, at);
};

export const writeLink = async (tx: Tx, link: LinkRow, change: Partial<LinkRow>, at: Date): Promise<LinkRow> => {
  await tx
    .update(exchangeTickets)
    .set({ ...change, updatedAt: at })
    .where(eq(exchangeTickets.id, link.id));
  return { ...link, ...change, updatedAt: at };
};

/** What the owner’s word has overtaken: it can no longer be said, and never was accepted. */
export const dropOvertaken = async (tx: Tx, link: LinkRow, at: Date): Promise<void> => {
  if (link.owner === 'hub') return;
  let state: ExchangeState = stateOf(link);
  for (const message of await openMessages(tx, link.id)) {
    const next = nextExchangeState(state, message.act as ExchangeAct);
    if (!isExchangeRefused(next)) {
      state = next;
      // A seq that nobody accepted is given again to whatever now comes first.
      if (message.seq !== null && message.seq !== link.seqOut + 1) await unstamp(tx, message.id);
      continue;
    }
    await tx
      .update(exchangeMessages)
      .set({ state: 'dropped', doneAt: at, nextAt: null, leasedTill: null, code: 'overtaken', detail: null })
      .where(eq(exchangeMessages.id, message.id));
    await freeFiles(tx, message.id);
  }
};

const unstamp = (tx: Tx, id: string) =>
  tx.update(exchangeMessages).set({ seq: null }).where(eq(exchangeMessages.id, id));

/** The place of the next message about a ticket; its link must be locked. */
export const nextPos = async (tx: Tx, linkId: string): Promise<number> => {
  const [row] = await tx
    .select({ last: sql<number>`coalesce(max(${exchangeMessages.pos}), 0)` })
    .from(exchangeMessages)
    .where(and(eq(exchangeMessages.linkId, linkId), eq(exchangeMessages.direction, 'out')));
  return (row?.last ?? 0) + 1;
};
