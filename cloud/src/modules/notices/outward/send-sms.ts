import { z } from '@hono/zod-openapi';
import type { NoticeChannelRow } from '../tables.js';
import { smsConfigSchema } from './channel-config.js';
import type { OutwardDeps } from './outward-deps.js';
import { postSigned } from './post-signed.js';
import { type Message, type Sent, shortDetail } from './sent.js';

/** Why a provider takes a message not; those of `again` are tried again. docs/protocol.md 10.3. */
export const smsRefusals = {
  invalid_number: { again: false },
  blocked: { again: false },
  content: { again: false },
  template: { again: false },
  quota: { again: true },
  busy: { again: true },
} as const;
export type SmsRefusal = keyof typeof smsRefusals;

const answerSchema = z.union([
  z.object({ result: z.literal('accepted'), ref: z.string().max(200).optional() }),
  z.object({
    ...{ result: z.literal('refused'), code: z.enum(Object.keys(smsRefusals) as [SmsRefusal, ...SmsRefusal[]]) },
    detail: z.string().max(2_000).optional(),
  }),
]);

/** +86 where no country is said: what gateways want. */
export const internationalNumber = (phone: string): string => {
  const digits = phone.replace(/[^\d+]/g, '');
  return digits.startsWith('+') ? digits : `+86${digits.replace(/^0(?=\d{10,11}$)/, '')}`;
};

export const sendSms = async (deps: OutwardDeps, channel: NoticeChannelRow, message: Message): Promise<Sent> => {
  const { url, templates } = smsConfigSchema.parse(channel.config);
  const body = JSON.stringify({
    ...{ v: 1, id: message.id, to: internationalNumber(message.to), language: message.language },
    ...{ template: templates[message.template] ?? message.template, text: message.text },
    params: { ...message.params, ...(message.link ? { link: message.link } : {}) },
  });
  const posted = await postSigned(deps, channel, { url, id: message.id, body });
  if ('outcome' in posted) return posted;
  const { status, text, retryAfterMs } = posted;
  const after = retryAfterMs === null ? {} : { afterMs: retryAfterMs };
  const read = answerSchema.safeParse(parsed(text));
  if (!read.success) {
    const isDown = status >= 500 || status === 429 || status === 401 || status === 403;
    const code = status === 401 || status === 403 ? 'auth' : 'invalid_answer';
    return { outcome: 'later', code, detail: shortDetail(`Answered ${status}`), isDown, ...after };
  }
  if (read.data.result === 'accepted') return { outcome: 'sent', ref: read.data.ref ?? null };
  const { code, detail = '' } = read.data;
  // The provider’s words may repeat the number.
  const said = shortDetail(detail.replace(/\+?\d{7,}/g, '***'));
  if (smsRefusals[code].again) return { outcome: 'later', code, detail: said, isDown: code === 'busy', ...after };
  return { outcome: 'failed', code, detail: said };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
