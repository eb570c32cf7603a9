import { HubError } from '@hallhub/shared';
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { type DeliveryState, type NoticeChannelRow, noticeChannels } from '../tables.js';
import type { DeliveryCounts, NoticeChannel } from './outward-contract.js';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const dayMs = 86_400_000;

/** Throws `not_found`. */
export const findChannel = async (tx: Tx, channelId: string, lock = false): Promise<NoticeChannelRow> => {
  const found = tx
    .select()
    .from(noticeChannels)
    .where(and(eq(noticeChannels.id, channelId), isNull(noticeChannels.archivedAt)));
  const [row] = await (lock ? found.for('update') : found);
  if (!row) throw new HubError('not_found', 'There is no such channel');
  return row;
};

export const readChannels = (tx: Tx): Promise<NoticeChannelRow[]> =>
  tx.select().from(noticeChannels).where(isNull(noticeChannels.archivedAt)).orderBy(asc(noticeChannels.createdAt));

interface Figure {
  channel_id: string;
  is_day: boolean;
  state: DeliveryState;
  code: string | null;
  count: number;
}

/** Codes of what is not sent; a code of what still waits says only why it waits. */
const countsOf = (rows: readonly Figure[]): DeliveryCounts => {
  const of = (...states: readonly DeliveryState[]) =>
    rows.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0);
  const reasons = new Map<string, number>();
  for (const { state, code, count } of rows) {
    if (code !== null && (state === 'failed' || state === 'skipped'))
      reasons.set(code, (reasons.get(code) ?? 0) + count);
  }
  return {
    ...{ sent: of('sent', 'delivered', 'unknown'), delivered: of('delivered'), failed: of('failed') },
    ...{ unknown: of('unknown'), skipped: of('skipped'), waiting: of('waiting') },
    reasons: [...reasons].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
  };
};

const stateOf = (row: NoticeChannelRow): NoticeChannel['state'] => {
  if (row.gaveUpAt && !row.enabled) return 'gave_up';
  if (!row.enabled) return 'off';
  if (row.failingSince) return 'failing';
  return row.lastOkAt ? 'working' : 'untried';
};

/** Channels as people see them, with how they stand. Secrets stay behind. */
export const describeChannels = async (
  tx: Tx,
  rows: readonly NoticeChannelRow[],
  nowMs: number,
): Promise<NoticeChannel[]> => {
  const ids = rows.map(({ id }) => id);
  const figures = await tx.$client.query<Figure>(
    `SELECT channel_id, made_at >= $2 AS is_day, state, code, count(*)::int AS count FROM notice_deliveries
     WHERE channel_id = ANY($1) AND made_at >= $3 GROUP BY 1, 2, 3, 4`,
    [ids, new Date(nowMs - dayMs), new Date(nowMs - 7 * dayMs)],
  );
  const waiting = await tx.$client.query<{ channel_id: string; waiting: number; oldest: Date }>(
    `SELECT channel_id, count(*)::int AS waiting, min(made_at) AS oldest FROM notice_deliveries
     WHERE channel_id = ANY($1) AND state = 'waiting' GROUP BY 1`,
    [ids],
  );
  const held = await tx.$client.query<{ channel_id: string; held: number }>(
    `SELECT d.channel_id, count(*)::int AS held FROM notice_bounces b
     JOIN notice_deliveries d ON d.tenant_id = b.tenant_id AND d.id = b.delivery_id WHERE d.channel_id = ANY($1) GROUP BY 1`,
    [ids],
  );
  return rows.map((row) => {
    const mine = figures.rows.filter(({ channel_id }) => channel_id === row.id);
    const open = waiting.rows.find(({ channel_id }) => channel_id === row.id);
    const isOldGood = (row.oldUntil?.getTime() ?? 0) > nowMs;
    return {
      ...{ id: row.id, kind: row.kind, name: row.name, config: row.config as NoticeChannel['config'] },
      ...{ hasPassword: row.kind === 'email' && row.secret !== null, enabled: row.enabled, state: stateOf(row) },
      ...{ oldSecretUntil: isOldGood ? iso(row.oldUntil) : null, failingSince: iso(row.failingSince) },
      ...{ lastOkAt: iso(row.lastOkAt), lastErrorAt: iso(row.lastErrorAt), lastCode: row.lastCode },
      ...{ lastDetail: row.lastDetail, gaveUpAt: row.enabled ? null : iso(row.gaveUpAt) },
      receiptsPath: row.kind === 'sms' ? `/sms/v1/${row.id}/receipts` : null,
      ...{ day: countsOf(mine.filter(({ is_day }) => is_day)), week: countsOf(mine) },
      ...{ waiting: open?.waiting ?? 0, oldestWaitingAt: iso(open?.oldest ?? null) },
      held: held.rows.find(({ channel_id }) => channel_id === row.id)?.held ?? 0,
      ...{ version: row.version, createdAt: row.createdAt.toISOString() },
    };
  });
};

export const describeChannel = async (tx: Tx, row: NoticeChannelRow, nowMs: number): Promise<NoticeChannel> => {
  const [shown] = await describeChannels(tx, [row], nowMs);
  if (!shown) throw new HubError('bug', 'a channel without its description');
  return shown;
};
