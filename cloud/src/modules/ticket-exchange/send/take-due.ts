import { createHash } from 'node:crypto';
import type { ExchangeContent } from '@hallhub/shared/exchange';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import { openBody, sealBody } from '../channel/message-seal.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import {
  type ChannelRow,
  exchangeChannels,
  exchangeMessages,
  exchangeTickets,
  type LinkRow,
  type MessageRow,
} from '../tables.js';

/** Longer than the longest call: whoever took a message and was killed leaves it to others. */
export const leaseMs = 60_000;

export interface DueMessage {
  readonly id: string;
  readonly messageId: string;
  readonly seq: number;
  readonly attempts: number;
  readonly channel: ChannelRow;
  readonly link: LinkRow;
  /** As it goes over the wire; the same bytes each time. */
  readonly body: string;
  readonly content: ExchangeContent;
}

/** Channels that have something to send now, and may. */
export const dueChannels = ({ database, clock }: ExchangeDeps): Promise<readonly string[]> =>
  withSystem(
    database,
    async (tx) => {
      const { rows } = await tx.$client.query<{ id: string }>({
        name: 'exchange-due-channels',
        text: `SELECT c.id FROM exchange_channels c
          WHERE c.paused_at IS NULL AND c.archived_at IS NULL AND c.base_url IS NOT NULL AND EXISTS (SELECT 1 FROM exchange_messages m
            WHERE m.channel_id = c.id AND m.state = 'waiting' AND m.direction = 'out' AND m.next_at <= $1)`,
        values: [new Date(clock.now())],
      });
      return rows.map(({ id }) => id);
    },
    { readOnly: true },
  );

/** What of a channel may be said now: of each ticket the first that is open, so that its order holds. */
const dueOfChannel = `SELECT m.id FROM exchange_messages m JOIN exchange_tickets k ON k.id = m.link_id
  WHERE m.channel_id = $1 AND m.state = 'waiting' AND m.direction = 'out' AND m.next_at <= $2
    AND (m.leased_till IS NULL OR m.leased_till <= $2)
    AND NOT EXISTS (SELECT 1 FROM exchange_messages e
      WHERE e.link_id = m.link_id AND e.direction = 'out' AND e.state IN ('waiting', 'failed') AND e.pos < m.pos)
  ORDER BY m.next_at, m.id LIMIT $3 FOR UPDATE OF k, m SKIP LOCKED`;

/** Up to `most` messages of a channel that may be sent now, taken for this process. */
export const takeDue = (
  { database, clock, sealing }: ExchangeDeps,
  { channelId, most }: { readonly channelId: string; readonly most: number },
): Promise<readonly DueMessage[]> =>
  withSystem(database, async (tx) => {
    const now = clock.now();
    const [channel] = await tx
      .select()
      .from(exchangeChannels)
      .where(and(eq(exchangeChannels.id, channelId), isNull(exchangeChannels.archivedAt)));
    if (!channel || channel.pausedAt || channel.baseUrl === null) return [];
    return stampAll(tx, sealing, {
      ...{ channel, leasedTill: new Date(now + leaseMs) },
      ids: await dueIds(tx, { channelId, most, at: new Date(now) }),
    });
  });

export const dueIds = async (
  tx: Tx,
  { channelId, most, at }: { readonly channelId: string; readonly most: number; readonly at: Date },
): Promise<readonly string[]> => {
  const { rows } = await tx.$client.query<{ id: string }>({
    ...{ name: 'exchange-due', text: dueOfChannel, values: [channelId, at, most] },
  });
  return rows.map(({ id }) => id);
};

/** Messages with their place in the row; who has none yet gets it here, once. */
export const stampAll = async (
  tx: Tx,
  sealing: ExchangeDeps['sealing'],
  of: { readonly channel: ChannelRow; readonly ids: readonly string[]; readonly leasedTill: Date | null },
): Promise<readonly DueMessage[]> => {
  if (of.ids.length === 0) return [];
  const { leasedTill } = of;
  const messages = await tx
    .update(exchangeMessages)
    .set({ leasedTill })
    .where(inArray(exchangeMessages.id, [...of.ids]))
    .returning();
  const linkIds = messages.flatMap(({ linkId }) => linkId ?? []);
  const links = await tx.select().from(exchangeTickets).where(inArray(exchangeTickets.id, linkIds));
  const linkOf = new Map(links.map((link) => [link.id, link]));
  const due = new Map<string, DueMessage>();
  for (const message of messages) {
    const link = linkOf.get(message.linkId ?? '');
    if (!link) throw new RangeError('what was just locked is gone');
    due.set(message.id, await dueOf(tx, sealing, { channel: of.channel, message, link }));
  }
  return of.ids.flatMap((id) => due.get(id) ?? []);
};

/** It was not sent after all: whoever looks next may take it at once. */
export const releaseDue = ({ database }: ExchangeDeps, { id, channel }: DueMessage): Promise<unknown> =>
  withTenant(database, channel, (tx) =>
    tx.update(exchangeMessages).set({ leasedTill: null }).where(eq(exchangeMessages.id, id)),
  );

/** It takes longer than was thought: nobody else takes it until then. */
export const keepLease = (
  { database, clock }: ExchangeDeps,
  { id, channel }: DueMessage,
  forMs: number,
): Promise<unknown> =>
  withTenant(database, channel, (tx) =>
    tx
      .update(exchangeMessages)
      .set({ leasedTill: new Date(clock.now() + forMs) })
      .where(eq(exchangeMessages.id, id)),
  );

const dueOf = async (
  tx: Tx,
  sealing: ExchangeDeps['sealing'],
  { channel, message, link }: { channel: ChannelRow; message: MessageRow; link: LinkRow },
): Promise<DueMessage> => {
  const { id, messageId, attempts } = message;
  const kept = openBody(sealing, id, message.body);
  const content = JSON.parse(kept) as ExchangeContent;
  const base = { id, messageId, attempts, channel, link, content };
  if (message.seq !== null) return { ...base, seq: message.seq, body: kept };
  // Stamped once, when it first leaves: what was dropped before it takes no number.
  const seq = link.seqOut + 1;
  const { owner, number } = link;
  const body = JSON.stringify({ ...content, v: 1, id: messageId, ticket: { owner, number }, seq, seen: link.seqIn });
  await tx
    .update(exchangeMessages)
    .set({ seq, body: sealBody(sealing, id, body), bodyHash: hashOf(body) })
    .where(eq(exchangeMessages.id, id));
  return { ...base, seq, body };
};

export const hashOf = (body: string): Buffer => createHash('sha256').update(body).digest();
