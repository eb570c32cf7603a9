import type { DeliveryRow, NoticeChannelRow } from '../tables.js';
import { webhookConfigSchema } from './channel-config.js';
import type { OutwardDeps } from './outward-deps.js';
import { postSigned } from './post-signed.js';
import { type Message, type Sent, shortDetail } from './sent.js';

/** What receivers get: docs/protocol.md 10.2. The same bytes each time but for the signature’s time. */
const payloadOf = (row: DeliveryRow, { text, link }: Pick<Message, 'text' | 'link'>) => ({
  type: 'ticket.notice',
  timestamp: row.madeAt.toISOString(),
  data: {
    ...{ ticketId: row.ticketId, kind: row.ticketKind, number: row.params.number ?? null, notice: row.rule },
    ...{ topic: row.topic, text: { ...row.text, zh: text }, link },
  },
});

export const sendWebhook = async (
  deps: OutwardDeps,
  channel: NoticeChannelRow,
  { row, message }: { readonly row: DeliveryRow; readonly message: Pick<Message, 'id' | 'text' | 'link'> },
): Promise<Sent> => {
  const { url } = webhookConfigSchema.parse(channel.config);
  const posted = await postSigned(deps, channel, {
    ...{ url, id: `msg_${message.id}`, body: JSON.stringify(payloadOf(row, message)) },
  });
  if ('outcome' in posted) return posted;
  const { status, retryAfterMs } = posted;
  if (status >= 200 && status < 300) return { outcome: 'sent', ref: null, isFinal: true };
  const detail = shortDetail(`Answered ${status}`);
  if (status === 410) return { outcome: 'failed', code: 'gone', detail, isGone: true };
  const isDown = status === 502 || status === 503 || status === 504 || status === 429;
  const code = status >= 300 && status < 400 ? 'redirect' : status === 429 ? 'too_many' : 'refused';
  return { outcome: 'later', code, detail, isDown, ...(retryAfterMs === null ? {} : { afterMs: retryAfterMs }) };
};
