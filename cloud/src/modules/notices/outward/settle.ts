import { and, eq, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { type DeliveryRow, noticeChannels, noticeDeliveries } from '../tables.js';
import { tellOwners } from './give-up.js';
import { holdAddress, isOfAddress, statusIn } from './held-address.js';
import type { OutwardDeps } from './outward-deps.js';
import { waitAfter } from './retry-times.js';
import type { Sent } from './sent.js';
import type { Due } from './take-due.js';

const disableAfterMs = 3 * 24 * 3_600_000;
/** A mail account or gateway that works says so this often, not with each message. */
const okEveryMs = 10_000;

export type Outcome = 'sent' | 'later' | 'failed' | 'gone';

/** Writes down what came of one try, and when the next is. `random`: 0..1. */
export const settle = (deps: OutwardDeps, due: Due, sent: Sent, random: () => number): Promise<Outcome> =>
  withTenant(deps.database, due.row, async (tx) => {
    const nowMs = deps.clock.now();
    const [row] = await tx.select().from(noticeDeliveries).where(eq(noticeDeliveries.id, due.row.id)).for('update');
    await noteHealth(tx, deps, { due, sent, nowMs });
    if (!row || row.lease !== due.lease || row.state !== 'waiting')
      return row ? noteLate(tx, row, sent, nowMs) : 'gone';
    const after = afterTry(row, sent, { nowMs, random });
    await tx
      .update(noticeDeliveries)
      .set({
        ...after,
        attempts: sql`${noticeDeliveries.attempts} + 1` as unknown as number,
        leasedTill: null,
        lease: null,
      })
      .where(eq(noticeDeliveries.id, row.id));
    // What is given up after a day of trying is the account's trouble, whatever was answered.
    if (sent.outcome === 'failed' && row.channel === 'email' && isOfAddress(statusIn(sent.detail)))
      await holdAddress(tx, row, new Date(nowMs));
    return after.state === 'waiting' ? 'later' : after.state === 'failed' ? 'failed' : 'sent';
  });

/** Whoever took it over meanwhile waits to send it again: that it went through is noted all the same. */
const noteLate = async (tx: Tx, row: DeliveryRow, sent: Sent, nowMs: number): Promise<Outcome> => {
  if (row.state !== 'waiting' || sent.outcome !== 'sent') return 'gone';
  await tx
    .update(noticeDeliveries)
    .set({ ...afterTry(row, sent, { nowMs, random: () => 0 }), leasedTill: null, lease: null })
    .where(eq(noticeDeliveries.id, row.id));
  return 'sent';
};

const afterTry = (
  row: DeliveryRow,
  sent: Sent,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): Partial<DeliveryRow> & Pick<DeliveryRow, 'state'> => {
  const now = new Date(nowMs);
  // What a code was for is over when it does not arrive, and what was sealed is needed no more.
  const done = { nextAt: null, doneAt: now, body: null };
  if (sent.outcome === 'sent') {
    const state = sent.isFinal ? 'delivered' : 'sent';
    return { ...done, state, sentAt: now, ref: sent.ref, code: null, detail: null };
  }
  const { code, detail } = sent;
  // Its body stays: a person may try it again.
  if (sent.outcome === 'failed') return { state: 'failed', nextAt: null, doneAt: now, code, detail };
  const wait = waitAfter({
    ...{ channel: row.channel, attempts: row.attempts + 1, nowMs, random, afterMs: sent.afterMs },
    firstAtMs: (row.sentAt ?? row.madeAt).getTime(),
  });
  if (wait === undefined) return { state: 'failed', nextAt: null, doneAt: now, code, detail };
  return { state: 'waiting', nextAt: new Date(nowMs + wait), code, detail };
};

/** How the channel itself is: mails that one addressee refuses say nothing of it. */
const noteHealth = async (
  tx: Tx,
  deps: OutwardDeps,
  { due, sent, nowMs }: { readonly due: Due; readonly sent: Sent; readonly nowMs: number },
): Promise<void> => {
  const now = new Date(nowMs);
  const { id, kind } = due.channel;
  if (sent.outcome === 'sent' || (sent.outcome === 'failed' && !sent.isGone)) {
    await tx.$client.query(
      `UPDATE notice_channels SET last_ok_at = $2, failing_since = NULL
       WHERE id = $1 AND (failing_since IS NOT NULL OR last_ok_at IS NULL OR last_ok_at < $3)`,
      [id, now, new Date(nowMs - okEveryMs)],
    );
    return;
  }
  const isOfChannel = kind === 'webhook' || (sent.outcome === 'later' && sent.isDown);
  if (!isOfChannel) return;
  const [channel] = await tx
    .update(noticeChannels)
    .set({
      failingSince: sql`coalesce(${noticeChannels.failingSince}, ${now})` as unknown as Date,
      ...{ lastErrorAt: now, lastCode: sent.code, lastDetail: sent.detail },
    })
    .where(and(eq(noticeChannels.id, id), eq(noticeChannels.enabled, true)))
    .returning();
  if (!channel || kind !== 'webhook') return;
  const isLong = nowMs - (channel.failingSince?.getTime() ?? nowMs) >= disableAfterMs;
  if (!isLong && !(sent.outcome === 'failed' && sent.isGone)) return;
  await tx
    .update(noticeChannels)
    .set({ enabled: false, gaveUpAt: now, version: sql`${noticeChannels.version} + 1` as unknown as number })
    .where(eq(noticeChannels.id, id));
  await tellOwners(tx, deps, channel);
};
