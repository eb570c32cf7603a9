import { type ExchangeAnswer, exchangeReceiptsSchema } from '@hallhub/shared/exchange';
import { and, eq } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { parseJson } from '../channel/parse-json.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { Refused } from '../receive/refused.js';
import { settleMessage } from '../send/settle-message.js';
import { type DueMessage, dueIds, stampAll } from '../send/take-due.js';
import { type ChannelRow, exchangeMessages } from '../tables.js';

const mostMessages = 50;

/** For a platform that is never called: what it would be sent now, of each ticket the first; the same until it says what came of it. */
export const readOutbox = (
  { database, sealing, clock }: ExchangeDeps,
  channel: ChannelRow,
): Promise<{ readonly v: 1; readonly items: readonly unknown[] }> =>
  withTenant(database, channel, async (tx) => {
    const ids = await dueIds(tx, { channelId: channel.id, most: mostMessages, at: new Date(clock.now()) });
    const due = await stampAll(tx, sealing, { channel, ids, leasedTill: null });
    return { v: 1, items: due.map(({ body }) => JSON.parse(body)) };
  });

/** What it made of them, as it would have answered. Throws `Refused` (`invalid`). */
export const takeReceipts = async (
  deps: ExchangeDeps,
  channel: ChannelRow,
  body: string,
): Promise<{ readonly v: 1; readonly result: 'accepted'; readonly settled: number }> => {
  const read = exchangeReceiptsSchema.safeParse(parseJson(body));
  if (!read.success) throw new Refused('invalid', read.error.issues[0]?.message ?? 'Not receipts');
  let settled = 0;
  for (const answer of read.data.answers) {
    const due = await findDue(deps, channel, answer);
    if (!due) continue;
    const reply = { status: 200, tookMs: 0, json: answer, problem: null, detail: null };
    const { outcome } = await settleMessage(deps, due, reply);
    if (outcome !== 'gone') settled += 1;
  }
  return { v: 1, result: 'accepted', settled };
};

const findDue = (
  { database, sealing }: ExchangeDeps,
  channel: ChannelRow,
  { id }: ExchangeAnswer,
): Promise<DueMessage | undefined> =>
  withTenant(database, channel, async (tx) => {
    const [row] = await tx
      .select({ id: exchangeMessages.id, seq: exchangeMessages.seq })
      .from(exchangeMessages)
      .where(
        and(
          eq(exchangeMessages.channelId, channel.id),
          eq(exchangeMessages.direction, 'out'),
          eq(exchangeMessages.state, 'waiting'),
          eq(exchangeMessages.messageId, id ?? ''),
        ),
      );
    // What was never given out has no answer.
    if (!row || row.seq === null) return undefined;
    const [due] = await stampAll(tx, sealing, { channel, ids: [row.id], leasedTill: null });
    return due;
  });
