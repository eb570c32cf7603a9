import { HubError } from '@hallhub/shared';
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { ExchangeChannel } from '../contract.js';
import { type ChannelRow, exchangeChannels } from '../tables.js';
import { lintMapping } from './lint-mapping.js';

interface Figures {
  channel_id: string;
  waiting: number;
  oldest: Date | null;
  failed: number;
  refused: number;
  tickets: number;
  compared_at: Date | null;
  compared: ExchangeChannel['compared'];
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Throws `not_found`. */
export const findChannel = async (tx: Tx, channelId: string, lock = false): Promise<ChannelRow> => {
  const found = tx
    .select()
    .from(exchangeChannels)
    .where(and(eq(exchangeChannels.id, channelId), isNull(exchangeChannels.archivedAt)));
  const [row] = await (lock ? found.for('update') : found);
  if (!row) throw new HubError('not_found', 'There is no such channel');
  return row;
};

export const readChannels = (tx: Tx): Promise<ChannelRow[]> =>
  tx.select().from(exchangeChannels).where(isNull(exchangeChannels.archivedAt)).orderBy(asc(exchangeChannels.code));

/** Channels as people see them, with how they stand. Secrets stay behind. */
export const describeChannels = async (
  tx: Tx,
  rows: readonly ChannelRow[],
  nowMs: number,
): Promise<ExchangeChannel[]> => {
  const ids = rows.map(({ id }) => id);
  const figures = await tx.$client.query<Figures>(
    `SELECT c.id AS channel_id, m.waiting, m.oldest, m.failed, m.refused, k.tickets, x.at AS compared_at, x.state AS compared
     FROM unnest($1::uuid[]) AS c(id)
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'waiting')::int AS waiting, min(made_at) FILTER (WHERE state = 'waiting') AS oldest,
       count(*) FILTER (WHERE state = 'failed')::int AS failed, count(*) FILTER (WHERE state = 'refused')::int AS refused
       FROM exchange_messages WHERE channel_id = c.id AND state IN ('waiting', 'failed', 'refused')) m
     CROSS JOIN LATERAL (SELECT count(*)::int AS tickets FROM exchange_tickets WHERE channel_id = c.id) k
     LEFT JOIN LATERAL (SELECT at, state FROM exchange_comparisons WHERE channel_id = c.id ORDER BY at DESC LIMIT 1) x ON true`,
    [ids],
  );
  const byId = new Map(figures.rows.map((row) => [row.channel_id, row]));
  const shown: ExchangeChannel[] = [];
  for (const row of rows) {
    const of = byId.get(row.id);
    const isOldGood = (row.oldUntil?.getTime() ?? 0) > nowMs;
    shown.push({
      ...{ id: row.id, code: row.code, name: row.name, partner: row.partner, baseUrl: row.baseUrl },
      ...{ ourPath: `/exchange/v1/${row.id}`, keyId: row.keyId, oldKeyUntil: isOldGood ? iso(row.oldUntil) : null },
      ...{ mapping: row.mapping, faults: await lintMapping(tx, row.tenantId, row.mapping), hallId: row.hallId },
      ...{ paused: row.pausedAt !== null, lastInAt: iso(row.lastInAt), lastOutAt: iso(row.lastOutAt) },
      ...{ clockMs: row.clockMs, waiting: of?.waiting ?? 0, oldestWaitingAt: iso(of?.oldest ?? null) },
      ...{ failed: of?.failed ?? 0, refused: of?.refused ?? 0, tickets: of?.tickets ?? 0 },
      ...{ comparedAt: iso(of?.compared_at ?? null), compared: of?.compared ?? null },
      ...{ version: row.version, createdAt: row.createdAt.toISOString() },
    });
  }
  return shown;
};

export const describeChannel = async (tx: Tx, row: ChannelRow, nowMs: number): Promise<ExchangeChannel> => {
  const [shown] = await describeChannels(tx, [row], nowMs);
  if (!shown) throw new HubError('bug', 'a channel without its description');
  return shown;
};
