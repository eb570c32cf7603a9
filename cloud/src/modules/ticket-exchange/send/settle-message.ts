import { uuidv7 } from '@hallhub/shared';
import { type ExchangeAnswer, type ExchangeMessage, exchangeRefusals } from '@hallhub/shared/exchange';
import { and, eq, gte, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { sealBody } from '../channel/message-seal.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { refuseFile } from '../files/link-files.js';
import { acceptOne, lockLink } from '../link-book.js';
import { exchangeAttempts, exchangeMessages, exchangeTickets, type MessageRow } from '../tables.js';
import { type PeerReply, readAnswer } from './call-peer.js';
import type { DueMessage } from './take-due.js';

/** From the first try to the last: 3 s, doubling to 10 minutes. */
const firstWaitMs = 3_000;
const longestWaitMs = 10 * 60_000;
/** What was refused for its state this long needs a person. */
const refusedForMs = 24 * 3_600_000;

export const waitAfter = (attempts: number, random: () => number): number =>
  Math.round(Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempts, 20)) * (1 - 0.2 * random()));

export interface Settled {
  readonly outcome: 'accepted' | 'later' | 'failed' | 'gone';
  /** Nobody could be reached, or nobody who has the key: the channel is left alone for a while. */
  readonly isDown: boolean;
}

/** Writes down what came of one sending, and what is next. `random`: 0..1. */
export const settleMessage = (
  deps: ExchangeDeps,
  due: DueMessage,
  reply: PeerReply,
  random: () => number = Math.random,
): Promise<Settled> =>
  withTenant(deps.database, due.channel, async (tx) => {
    const at = new Date(deps.clock.now());
    const link = await lockLink(tx, due.link.id);
    const [message] = await tx.select().from(exchangeMessages).where(eq(exchangeMessages.id, due.id));
    const answer = readAnswer(reply);
    await noteAttempt(tx, { due, reply, answer, at });
    const isDown = reply.problem !== null;
    // Meanwhile its end was heard of in another way, or another process has it.
    if (message?.state !== 'waiting' || message.seq !== due.seq) return { outcome: 'gone', isDown };
    if (answer && answer.result !== 'refused') {
      await tx.$client.query(noteSaid, [due.channel.id, at]);
      const after = await acceptOne(tx, link, message, at);
      for (const { sha256, code } of answer.left ?? []) {
        await refuseFile(tx, { messageId: due.id, sha256, code, detail: 'Refused when it was sent' });
      }
      if (answer.number !== null && answer.number !== after.peerNumber) {
        await tx.update(exchangeTickets).set({ peerNumber: answer.number }).where(eq(exchangeTickets.id, link.id));
      }
      return { outcome: 'accepted', isDown };
    }
    const code = answer?.code ?? reply.problem ?? 'invalid_answer';
    const detail = answer?.detail ?? reply.detail;
    if (answer?.code === 'clock' && answer.serverTime !== undefined) {
      const clockMs = Math.round(answer.serverTime - at.getTime());
      await tx.$client.query('UPDATE exchange_channels SET clock_ms = $2 WHERE id = $1', [due.channel.id, clockMs]);
    }
    if (isForPeople(answer, message, at)) {
      await change(tx, due.id, { state: 'failed', nextAt: null, code, detail });
      return { outcome: 'failed', isDown };
    }
    if (answer?.code === 'out_of_order') await sendAgainFrom(tx, due, answer.expected ?? due.seq, at);
    if (answer?.code === 'no_such_file') await forgetFiles(tx, due);
    const isAtOnce = answer?.code === 'clock' && message.attempts === 0;
    const nextAt = new Date(at.getTime() + (isAtOnce ? 0 : waitAfter(message.attempts, random)));
    // It may be said anew in knowledge of what was on its way: nobody accepted it.
    const stamp = answer?.code === 'not_now' && link.owner === 'platform' ? unstamped(deps, due) : {};
    await change(tx, due.id, { nextAt, code, detail, ...stamp });
    return { outcome: 'later', isDown };
  });

/** Now and then: the channel’s row is one for all its messages. */
const noteSaid = `UPDATE exchange_channels SET last_out_at = $2 WHERE id = $1
  AND (last_out_at IS NULL OR last_out_at < $2::timestamptz - interval '10 seconds')`;

const change = (tx: Tx, id: string, what: Partial<MessageRow>) =>
  tx
    .update(exchangeMessages)
    .set({ ...what, leasedTill: null, attempts: sql`${exchangeMessages.attempts} + 1` as unknown as number })
    .where(eq(exchangeMessages.id, id));

const unstamped = ({ sealing }: ExchangeDeps, due: DueMessage): Partial<MessageRow> => {
  const { v: _v, id: _id, ticket: _ticket, seq: _seq, seen: _seen, ...content } = JSON.parse(due.body);
  return { seq: null, bodyHash: null, body: sealBody(sealing, due.id, JSON.stringify(content)) };
};

const isForPeople = (answer: ExchangeAnswer | undefined, message: MessageRow, at: Date): boolean => {
  if (answer?.result !== 'refused') return false;
  if (!exchangeRefusals[answer.code].again) return true;
  return answer.code === 'not_now' && at.getTime() - message.madeAt.getTime() > refusedForMs;
};

/** The other end has lost what it had accepted (it was restored): it gets it again, in order. */
const sendAgainFrom = async (tx: Tx, due: DueMessage, expected: number, at: Date): Promise<void> => {
  if (expected >= due.seq) return;
  await tx
    .update(exchangeMessages)
    .set({ state: 'waiting', nextAt: at, doneAt: null })
    .where(
      and(
        eq(exchangeMessages.linkId, due.link.id),
        eq(exchangeMessages.direction, 'out'),
        eq(exchangeMessages.state, 'accepted'),
        gte(exchangeMessages.seq, expected),
      ),
    );
};

/** It has them no more, or never had: they go again before the message does. */
const forgetFiles = (tx: Tx, due: DueMessage) => {
  const { files } = JSON.parse(due.body) as Pick<ExchangeMessage, 'files'>;
  return tx.$client.query(
    `DELETE FROM exchange_files WHERE channel_id = $1 AND direction = 'out' AND sha256 = ANY($2)`,
    [due.channel.id, files.map(({ sha256 }) => sha256)],
  );
};

const noteAttempt = (
  tx: Tx,
  of: { due: DueMessage; reply: PeerReply; answer: ExchangeAnswer | undefined; at: Date },
) => {
  const { due, reply, answer, at } = of;
  const code = reply.problem ?? (answer?.result === 'refused' ? answer.code : (answer?.result ?? 'invalid_answer'));
  return tx.insert(exchangeAttempts).values({
    ...{ id: uuidv7(), tenantId: due.channel.tenantId, channelId: due.channel.id, message: due.id, direction: 'out' },
    ...{ at, tookMs: reply.tookMs, status: reply.status, code, answer: answer ?? null },
    detail: reply.detail ?? (answer?.result === 'refused' ? answer.detail : null),
  });
};
