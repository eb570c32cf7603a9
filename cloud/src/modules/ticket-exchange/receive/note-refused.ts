import { uuidv7 } from '@hallhub/shared';
import { type ExchangeRefusal, exchangeMessageSchema } from '@hallhub/shared/exchange';
import { and, eq, ne } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { sealBody } from '../channel/message-seal.js';
import { parseJson } from '../channel/parse-json.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { type ChannelRow, exchangeAttempts, exchangeMessages } from '../tables.js';
import type { Taking } from './take-message.js';

/** Refusals that end by themselves are only counted as attempts: the platform sends again. */
const passing: ReadonlySet<ExchangeRefusal> = new Set(['out_of_order', 'busy', 'too_many', 'paused']);

/** What was refused stays in the log with its body, so that somebody can mend the mapping and replay it. */
export const noteRefused = (
  deps: ExchangeDeps,
  taking: Taking,
  refusal: { readonly code: ExchangeRefusal; readonly detail: string },
): Promise<string | null> =>
  withTenant(deps.database, taking.channel, async (tx) => {
    if (passing.has(refusal.code)) return null;
    const { channel, message, body, hash } = taking;
    const at = new Date(deps.clock.now());
    const mine = and(
      eq(exchangeMessages.channelId, channel.id),
      eq(exchangeMessages.direction, 'in'),
      eq(exchangeMessages.messageId, message.id),
    );
    const [known] = await tx
      .select({ id: exchangeMessages.id, state: exchangeMessages.state })
      .from(exchangeMessages)
      .where(mine);
    if (known?.state === 'accepted') return known.id;
    const id = known?.id ?? uuidv7();
    const row = {
      ...{ id, tenantId: channel.tenantId, channelId: channel.id, direction: 'in' as const, messageId: message.id },
      ...{ owner: message.ticket.owner, number: message.ticket.number, act: message.act, seq: message.seq },
      ...{ body: sealBody(deps.sealing, id, body), bodyHash: hash, state: 'refused' as const },
      ...{ code: refusal.code, detail: refusal.detail.slice(0, 1_000), doneAt: at },
    };
    // Sent twice at once, one may have been taken meanwhile: that stays.
    await (known
      ? tx
          .update(exchangeMessages)
          .set(row)
          .where(and(eq(exchangeMessages.id, known.id), ne(exchangeMessages.state, 'accepted')))
      : tx
          .insert(exchangeMessages)
          .values({ ...row, madeAt: at })
          .onConflictDoNothing());
    return id;
  });

/** The call itself: who called, what they were told, how long it took. */
export const noteCall = (
  deps: ExchangeDeps,
  channel: ChannelRow,
  call: {
    readonly messageId: string | null;
    readonly status: number;
    readonly code: string;
    readonly detail: string | null;
    readonly tookMs: number;
    readonly answer: unknown;
    readonly ip: string | null;
  },
): Promise<unknown> =>
  withTenant(deps.database, channel, async (tx) => {
    const [message] =
      call.messageId === null
        ? []
        : await tx
            .select({ id: exchangeMessages.id })
            .from(exchangeMessages)
            .where(
              and(
                eq(exchangeMessages.channelId, channel.id),
                eq(exchangeMessages.direction, 'in'),
                eq(exchangeMessages.messageId, call.messageId),
              ),
            );
    await tx.insert(exchangeAttempts).values({
      ...{ id: uuidv7(), tenantId: channel.tenantId, channelId: channel.id, message: message?.id ?? null },
      ...{ direction: 'in', at: new Date(deps.clock.now()), tookMs: call.tookMs, status: call.status },
      ...{ code: call.code, detail: call.detail?.slice(0, 500) ?? null, answer: call.answer, ip: call.ip },
    });
  });

/** For a message that lies in the log as it came. */
export const parseKept = (body: string) => exchangeMessageSchema.safeParse(parseJson(body));
