import { HubError, uuidv7 } from '@hallhub/shared';
import { withTenant } from '../../../../db/index.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import type { DeliveryRow } from '../../tables.js';
import { type describeChannel, findChannel } from '../describe-channel.js';
import { isEmailAddress } from '../mask-address.js';
import type { OutwardDeps } from '../outward-deps.js';
import { sendEmail } from '../send-email.js';
import { sendSms } from '../send-sms.js';
import { sendWebhook } from '../send-webhook.js';
import type { Message, Sent } from '../sent.js';
import { requireChannels } from './channels.js';

const text = { zh: 'HallHub 测试消息：此渠道可以使用。', en: 'HallHub test message: this channel works.' };

/** Sends one message now, past the outbox, and says what came of it. Errors: `invalid_input` where `to` is no address. */
export const testNoticeChannel = async (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly to: string | undefined; readonly deps: OutwardDeps },
) => {
  requireChannels(ctx);
  const { deps, to = '' } = input;
  const channel = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await findChannel(tx, input.channelId);
    const isGood = found.kind === 'webhook' || (found.kind === 'email' ? isEmailAddress(to) : /^\+?\d{5,15}$/.test(to));
    if (!isGood) {
      const message = found.kind === 'email' ? 'An e-mail address is needed' : 'A number is needed';
      throw new HubError('invalid_input', message, { context: { errors: [{ path: 'body.to', message }] } });
    }
    await audit(tx, ctx, {
      action: 'noticechannel.tested',
      target: { kind: 'noticechannel', id: found.id, name: found.name },
    });
    return found;
  });
  const id = uuidv7();
  const message: Message = {
    ...{ id, to, language: 'zh', subject: 'HallHub 测试 / test', text: `${text.zh}\n${text.en}` },
    ...{ link: null, unsubscribe: null, inReplyTo: null, template: 'hallhub.test', params: {} },
  };
  const startMs = ctx.clock.monotonicMs();
  const sent = await send(deps, { channel, message });
  const tookMs = Math.round(ctx.clock.monotonicMs() - startMs);
  if (sent.outcome === 'sent') {
    await withTenant(ctx.db, ctx.actor, (tx) =>
      tx.$client.query('UPDATE notice_channels SET last_ok_at = $2, failing_since = NULL WHERE id = $1', [
        channel.id,
        new Date(ctx.clock.now()),
      ]),
    );
    return { ok: true, code: null, detail: null, tookMs };
  }
  // The card says it too, so that whoever looks later need not try again.
  if (sent.outcome === 'later' && sent.isDown) {
    await withTenant(ctx.db, ctx.actor, (tx) =>
      tx.$client.query(
        `UPDATE notice_channels SET failing_since = coalesce(failing_since, $2), last_error_at = $2, last_code = $3, last_detail = $4
         WHERE id = $1`,
        [channel.id, new Date(ctx.clock.now()), sent.code, sent.detail],
      ),
    );
  }
  return { ok: false, code: sent.code, detail: sent.detail, tookMs };
};

type Channel = Parameters<typeof describeChannel>[1];

const send = (
  deps: OutwardDeps,
  { channel, message }: { readonly channel: Channel; readonly message: Message },
): Promise<Sent> => {
  if (channel.kind === 'email') return sendEmail(deps, channel, message);
  if (channel.kind === 'sms') return sendSms(deps, channel, { ...message, text: text.zh });
  const row: Partial<DeliveryRow> = { madeAt: new Date(deps.clock.now()), ticketId: null, ticketKind: null };
  const shown = { ...row, rule: 'test', topic: 'news', text, params: {} } as DeliveryRow;
  return sendWebhook(deps, channel, { row: shown, message: { id: message.id, text: text.zh, link: null } });
};
