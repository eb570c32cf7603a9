import { isHubError, uuidPattern } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { and, eq, isNull } from 'drizzle-orm';
import type { Hono } from 'hono';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { HttpEnv } from '../../../http/env.js';
import { RateLimit } from '../../../http/rate-limit.js';
import { readBody } from '../../../http/read-body.js';
import { systemActor } from '../../access/actor.js';
import { audit } from '../../audit/audit.js';
import { addressHash } from '../contact/sealed-phone.js';
import { type NoticeChannelRow, noticeChannels, noticeDeliveries } from '../tables.js';
import { signingSecrets } from './channel-secret.js';
import { maskPhone } from './mask-address.js';
import type { OutwardDeps } from './outward-deps.js';
import type { OutwardMetrics } from './outward-metrics.js';
import { internationalNumber } from './send-sms.js';
import { faultOfSigned } from './signed-message.js';

const maxBytes = 256 * 1024;

/** What providers post: docs/protocol.md 10.3. */
export const receiptsSchema = z.object({
  v: z.literal(1),
  receipts: z
    .array(
      z.object({
        id: z.uuid(),
        state: z.enum(['delivered', 'failed']),
        /** Of failed: `unreachable`, `blocked`, `no_such_number`, or the provider’s own. */
        code: z
          .string()
          .regex(/^[a-z0-9_.-]{1,64}$/i)
          .optional(),
      }),
    )
    .max(500)
    .default([]),
  /** Numbers whose owners want nothing more. */
  optOuts: z
    .array(z.object({ to: z.string().regex(/^\+?\d{5,15}$/) }))
    .max(500)
    .default([]),
});
type Receipts = z.infer<typeof receiptsSchema>;

type Taken = 'delivered' | 'failed' | 'repeated' | 'strange';

/** The first word counts, but that it arrived outweighs that it did not: networks say so late. */
const takeReceipt = async (
  tx: Tx,
  channel: NoticeChannelRow,
  { receipt, at }: { readonly receipt: Receipts['receipts'][number]; readonly at: Date },
): Promise<Taken> => {
  const [row] = await tx
    .select()
    .from(noticeDeliveries)
    .where(and(eq(noticeDeliveries.id, receipt.id), eq(noticeDeliveries.channelId, channel.id)))
    .for('update');
  if (!row) return 'strange';
  const isNews =
    receipt.state === 'delivered'
      ? row.state !== 'delivered'
      : row.state === 'sent' || row.state === 'unknown' || row.state === 'waiting';
  const receipts = row.receipts + 1;
  await tx
    .update(noticeDeliveries)
    .set(
      isNews
        ? {
            ...{ state: receipt.state, receipts, doneAt: at, nextAt: null, leasedTill: null, lease: null, body: null },
            // A receipt may come before the answer to what it is about.
            ...{ sentAt: row.sentAt ?? at, detail: null },
            code: receipt.state === 'failed' ? `receipt_${receipt.code ?? 'failed'}` : null,
          }
        : { receipts },
    )
    .where(eq(noticeDeliveries.id, row.id));
  return isNews ? receipt.state : 'repeated';
};

/** `POST /sms/v1/{channelId}/receipts`, signed as Standard Webhooks are, with the channel’s secret. */
export const mountReceipts = (app: Hono<HttpEnv>, deps: OutwardDeps, metrics: OutwardMetrics): void => {
  const calls = new RateLimit(deps.clock, { burst: 600, perMinute: 3_000 });
  const strangers = new RateLimit(deps.clock, { burst: 60, perMinute: 60 });
  app.post('/sms/v1/:channelId/receipts', async (c) => {
    c.set('routePattern', '/sms/v1/{channelId}/receipts');
    const refuse = (status: 400 | 401 | 413 | 429, code: string, detail: string) =>
      c.json({ result: 'refused', code, detail }, status);
    try {
      const channel = await findSms(deps, c.req.param('channelId'));
      if (channel) calls.take(channel.id);
      else strangers.take(c.get('ip') ?? '-');
      const body = await readBody(c.req.raw, maxBytes);
      const nowMs = deps.clock.now();
      const secrets = channel ? signingSecrets(deps.sealing, channel, nowMs) : [];
      const fault = faultOfSigned(secrets, { headers: c.req.raw.headers, body, nowMs });
      if (!channel || fault) return refuse(401, fault ?? 'signature', 'Not signed with this channel’s secret');
      const read = receiptsSchema.safeParse(parsed(body));
      if (!read.success) return refuse(400, 'invalid', read.error.issues[0]?.message ?? 'not receipts');
      return c.json({ result: 'accepted', ...(await takeAll(deps, metrics, { channel, ...read.data })) });
    } catch (error) {
      if (isHubError(error, 'too_large')) return refuse(413, 'too_large', error.message);
      if (isHubError(error, 'rate_limited')) return refuse(429, 'too_many', error.message);
      throw error;
    }
  });
};

const takeAll = async (
  deps: OutwardDeps,
  metrics: OutwardMetrics,
  { channel, receipts, optOuts }: Receipts & { readonly channel: NoticeChannelRow },
): Promise<Record<Taken, number>> => {
  const at = new Date(deps.clock.now());
  const counts = { delivered: 0, failed: 0, repeated: 0, strange: 0 };
  await withTenant(deps.database, channel, async (tx) => {
    // In one order: two posts about the same never wait for each other.
    for (const receipt of [...receipts].sort((a, b) => a.id.localeCompare(b.id))) {
      counts[await takeReceipt(tx, channel, { receipt, at })] += 1;
    }
    for (const { to } of optOuts) {
      const hash = addressHash(deps.sealing, channel.tenantId, internationalNumber(to));
      const { rowCount } = await tx.$client.query(
        'INSERT INTO notice_optouts (tenant_id, hash, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [channel.tenantId, hash, at],
      );
      if (rowCount === 0) continue;
      await audit(
        tx,
        { actor: systemActor(channel.tenantId, '短信退订'), request: null },
        {
          action: 'contact.unsubscribed',
          target: { kind: 'noticechannel', id: channel.id, name: channel.name },
          after: { to: maskPhone(to) },
        },
      );
    }
  });
  for (const state of ['delivered', 'failed', 'repeated', 'strange'] as const) {
    for (let i = 0; i < counts[state]; i++) metrics.receipt(state);
  }
  return counts;
};

const findSms = async ({ database }: OutwardDeps, id: string): Promise<NoticeChannelRow | undefined> => {
  if (!uuidPattern.test(id)) return undefined;
  const [row] = await withSystem(
    database,
    (tx) =>
      tx
        .select()
        .from(noticeChannels)
        .where(and(eq(noticeChannels.id, id), eq(noticeChannels.kind, 'sms'), isNull(noticeChannels.archivedAt))),
    { readOnly: true },
  );
  return row;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
