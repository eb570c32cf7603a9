import { uuidv7 } from '@hallhub/shared';
import { and, eq, inArray } from 'drizzle-orm';
import { withSystem, withTenant } from '../../../db/index.js';
import { type DeliveryRow, type NoticeChannelRow, noticeChannels, noticeDeliveries } from '../tables.js';
import type { OutwardDeps } from './outward-deps.js';

/** Longer than the longest try: whoever took a delivery and was killed leaves it to others. */
export const leaseMs = 120_000;
/** A try that begins later than this before the lease’s end might outlast it. */
export const startWithinMs = 60_000;
const batchSize = 40;

export interface Due {
  readonly row: DeliveryRow;
  readonly channel: NoticeChannelRow;
  readonly lease: string;
  readonly leasedTillMs: number;
}

/** What may be sent now, taken for this process. `except`: channels that are left alone for a while. */
export const takeDue = ({ database, clock }: OutwardDeps, except: readonly string[]): Promise<Due[]> =>
  withSystem(database, async (tx) => {
    const now = clock.now();
    const { rows } = await tx.$client.query<{ id: string }>({
      name: 'notices-due',
      text: `SELECT d.id FROM notice_deliveries d JOIN notice_channels c ON c.id = d.channel_id
        WHERE d.state = 'waiting' AND d.next_at <= $1 AND (d.leased_till IS NULL OR d.leased_till <= $1)
          AND c.enabled AND c.archived_at IS NULL AND NOT (c.id = ANY($2))
        ORDER BY d.urgent DESC, d.next_at, d.id LIMIT ${batchSize} FOR UPDATE OF d SKIP LOCKED`,
      values: [new Date(now), except],
    });
    if (rows.length === 0) return [];
    const lease = uuidv7();
    const leasedTillMs = now + leaseMs;
    const ids = rows.map(({ id }) => id);
    const taken = await tx
      .update(noticeDeliveries)
      .set({ lease, leasedTill: new Date(leasedTillMs) })
      .where(inArray(noticeDeliveries.id, ids))
      .returning();
    const channels = await tx
      .select()
      .from(noticeChannels)
      .where(inArray(noticeChannels.id, [...new Set(taken.map(({ channelId }) => channelId))]));
    const byId = new Map(channels.map((channel) => [channel.id, channel]));
    const place = new Map(ids.map((id, i) => [id, i]));
    return taken
      .sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0))
      .flatMap((row) => {
        const channel = byId.get(row.channelId);
        return channel ? [{ row, channel, lease, leasedTillMs }] : [];
      });
  });

/** It was not sent after all: whoever looks next may take it at once. */
export const releaseDue = ({ database }: OutwardDeps, { row, lease }: Due): Promise<unknown> =>
  withTenant(database, row, (tx) =>
    tx
      .update(noticeDeliveries)
      .set({ leasedTill: null, lease: null })
      .where(and(eq(noticeDeliveries.id, row.id), eq(noticeDeliveries.lease, lease))),
  );
