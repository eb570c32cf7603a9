import { createHash } from 'node:crypto';
import type { ExchangeContent } from '@hallhub/shared/exchange';
import { eq, inArray } from 'drizzle-orm';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import { openBody, sealBody } from '../channel/message-seal.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { type ChannelRow, exchangeChannels, exchangeMessages, exchangeTickets, type LinkRow } from '../tables.js';

/** Longer than the longest call: whoever took a message and was killed leaves it to others. */
export const leaseMs = 60_000;
const batchSize = 32;

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

/**
 * What may be sent now, taken for this process: of each ticket the first that is open, so that its order holds. `except`: channels
 * that are left alone for a while.
 */
export const takeDue = ({ database, clock, sealing }: ExchangeDeps, except: readonly string[]): Promise<DueMessage[]> =>
  withSystem(database, async (tx) => {
    const now = clock.now();
    const { rows } = await tx.$client.query<{ id: string; link_id: string }>({
      name: 'exchange-due',
      text: `SELECT m.id, m.link_id FROM exchange_messages m
        JOIN exchange_channels c ON c.id = m.channel_id JOIN exchange_tickets k ON k.id = m.link_id
        WHERE m.state = 'waiting' AND m.direction = 'out' AND m.next_at <= $1 AND (m.leased_till IS NULL OR m.leased_till <= $1)
          AND c.paused_at IS NULL AND c.archived_at IS NULL AND c.base_url IS NOT NULL AND NOT (c.id = ANY($2))
          AND NOT EXISTS (SELECT 1 FROM exchange_messages e
            WHERE e.link_id = m.link_id AND e.direction = 'out' AND e.state IN ('waiting', 'failed') AND e.pos < m.pos)
        ORDER BY m.next_at, m.id LIMIT ${batchSize} FOR UPDATE OF k, m SKIP LOCKED`,
      values: [new Date(now), except],
    });
    if (rows.length === 0) return [];
    const leasedTill = new Date(now + leaseMs);
    await tx
      .update(exchangeMessages)
      .set({ leasedTill })
      .where(
        inArray(
          exchangeMessages.id,
          rows.map(({ id }) => id),
        ),
      );
    const due: DueMessage[] = [];
    for (const { id, link_id } of rows) due.push(await dueOf(tx, sealing, id, link_id));
    return due;
  });

/** It was not sent after all: whoever looks next may take it at once. */
export const releaseDue = ({ database }: ExchangeDeps, { id, channel }: DueMessage): Promise<unknown> =>
  withTenant(database, channel, (tx) =>
    tx.update(exchangeMessages).set({ leasedTill: null }).where(eq(exchangeMessages.id, id)),
  );

const dueOf = async (tx: Tx, sealing: ExchangeDeps['sealing'], id: string, linkId: string): Promise<DueMessage> => {
  const [[message], [link]] = [
    await tx.select().from(exchangeMessages).where(eq(exchangeMessages.id, id)),
    await tx.select().from(exchangeTickets).where(eq(exchangeTickets.id, linkId)),
  ];
  if (!message || !link) throw new RangeError('what was just locked is gone');
  const [channel] = await tx.select().from(exchangeChannels).where(eq(exchangeChannels.id, link.channelId));
  if (!channel) throw new RangeError('a message without its channel');
  const kept = openBody(sealing, id, message.body);
  const content = JSON.parse(kept) as ExchangeContent;
  const base = { id, messageId: message.messageId, attempts: message.attempts, channel, link, content };
  if (message.seq !== null) return { ...base, seq: message.seq, body: kept };
  // Stamped once, when it first leaves: what was dropped before it takes no number.
  const seq = link.seqOut + 1;
  const { owner, number } = link;
  const body = JSON.stringify({
    ...content,
    v: 1,
    id: message.messageId,
    ticket: { owner, number },
    seq,
    seen: link.seqIn,
  });
  const bodyHash = createHash('sha256').update(body).digest();
  await tx
    .update(exchangeMessages)
    .set({ seq, body: sealBody(sealing, id, body), bodyHash })
    .where(eq(exchangeMessages.id, id));
  return { ...base, seq, body };
};
