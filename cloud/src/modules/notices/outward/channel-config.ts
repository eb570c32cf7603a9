import { z } from '@hono/zod-openapi';
import { isEmailAddress } from './mask-address.js';

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'hh:mm');
const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'one line without control characters');
const plainUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'an address without a password or a fragment');

/** implicit: TLS from the first byte (465); starttls: must be offered (587); none: a server on the same machine or network. */
export const mailTls = ['implicit', 'starttls', 'none'] as const;

export const emailConfigSchema = z.strictObject({
  host: line(253),
  port: z.int().min(1).max(65_535),
  tls: z.enum(mailTls),
  /** PEM of the authority that signed the server’s certificate, where that is none of the known ones. */
  ca: z.string().max(20_000).includes('-----BEGIN CERTIFICATE-----').nullable().default(null),
  user: line(254).nullable().default(null),
  from: z.string().refine(isEmailAddress, 'an e-mail address'),
  fromName: line(80).default('HallHub'),
  /** So many mails a person an hour; the rest come in one summary. */
  perPersonHourly: z.int().min(1).max(100).default(6),
});
export type EmailConfig = z.infer<typeof emailConfigSchema>;

export const smsConfigSchema = z.strictObject({
  url: plainUrl,
  /** In the hall’s zone; nothing but what is urgent goes out meanwhile. The same twice: no quiet hours. */
  quiet: z.strictObject({ from: timeOfDay, to: timeOfDay }).default({ from: '22:00', to: '08:00' }),
  /** The provider’s own code of a template by ours, `citizen_request.received`. */
  templates: z.record(z.string().max(100), line(100)).default({}),
});
export type SmsConfig = z.infer<typeof smsConfigSchema>;

export const webhookConfigSchema = z.strictObject({
  url: plainUrl,
  /** Only of these kinds of tickets; null: all. */
  kinds: z.array(z.string().max(48)).max(100).nullable().default(null),
});
export type WebhookConfig = z.infer<typeof webhookConfigSchema>;
