import { labelSchema } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { pageQuerySchema } from '../../../http/pagination.js';
import { channelKinds, deliveryStates, noticeTopics } from '../tables.js';
import { emailConfigSchema, smsConfigSchema, webhookConfigSchema } from './channel-config.js';

const instant = z.iso.datetime();
const name = z.string().trim().min(1).max(80);
const password = z.string().min(1).max(500);

export const createNoticeChannelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('email'),
    name,
    config: emailConfigSchema,
    password: password.nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('sms'), name, config: smsConfigSchema }),
  z.strictObject({ kind: z.literal('webhook'), name, config: webhookConfigSchema }),
]);
export type CreateNoticeChannel = z.infer<typeof createNoticeChannelSchema>;

/** `config` is read by the channel’s kind; `password` left out: as it was. */
export const editNoticeChannelSchema = z.strictObject({
  name: name.optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  password: password.nullable().optional(),
  enabled: z.boolean().optional(),
});
export type EditNoticeChannel = z.infer<typeof editNoticeChannelSchema>;

const countsSchema = z.object({
  ...{ sent: z.int(), delivered: z.int(), failed: z.int(), unknown: z.int(), skipped: z.int(), waiting: z.int() },
  /** Of failed and skipped, by code. */
  reasons: z.array(z.object({ code: z.string(), count: z.int() })),
});
export type DeliveryCounts = z.infer<typeof countsSchema>;

export const noticeChannelSchema = z
  .object({
    ...{ id: z.uuid(), kind: z.enum(channelKinds), name: z.string(), config: z.record(z.string(), z.json()) },
    ...{ hasPassword: z.boolean(), oldSecretUntil: instant.nullable(), enabled: z.boolean() },
    state: z.enum(['working', 'untried', 'failing', 'off', 'gave_up']),
    ...{ failingSince: instant.nullable(), lastOkAt: instant.nullable(), lastErrorAt: instant.nullable() },
    ...{ lastCode: z.string().nullable(), lastDetail: z.string().nullable(), gaveUpAt: instant.nullable() },
    receiptsPath: z.string().nullable().describe('sms: where the provider’s receipts go, below the public address'),
    ...{ day: countsSchema, week: countsSchema, waiting: z.int(), oldestWaitingAt: instant.nullable() },
    held: z.int().describe('email: addresses to which nothing goes since a mail came back'),
    ...{ version: z.int(), createdAt: instant },
  })
  .openapi('NoticeChannel');
export type NoticeChannel = z.infer<typeof noticeChannelSchema>;

export const channelSecretSchema = z
  .object({ channel: noticeChannelSchema, secret: z.string().nullable().describe('Shown this once; null for e-mail') })
  .openapi('NoticeChannelSecret');

export const testChannelSchema = z.strictObject({
  to: z.string().trim().min(1).max(254).optional().describe('An address or number; not for webhooks'),
});

export const testResultSchema = z.object({
  ...{ ok: z.boolean(), code: z.string().nullable(), detail: z.string().nullable(), tookMs: z.int() },
});

export const deliverySchema = z
  .object({
    ...{ id: z.uuid(), channelId: z.uuid(), channel: z.enum(channelKinds), rule: z.string() },
    ...{ topic: z.enum(noticeTopics), urgent: z.boolean(), state: z.enum(deliveryStates) },
    addressee: z.enum(['person', 'requester', 'endpoint', 'address']),
    to: z.object({ name: z.string().nullable(), shown: z.string().nullable() }),
    ticket: z.object({ id: z.uuid(), number: z.string() }).nullable(),
    ...{ text: labelSchema, code: z.string().nullable(), detail: z.string().nullable(), attempts: z.int() },
    ...{ nextAt: instant.nullable(), madeAt: instant, sentAt: instant.nullable(), doneAt: instant.nullable() },
    ...{ digestId: z.uuid().nullable(), receipts: z.int() },
    heldBy: z.uuid().nullable().describe('The notice that came back, since which nothing goes to that address'),
  })
  .openapi('NoticeDelivery');
export type DeliveryDto = z.infer<typeof deliverySchema>;

export const deliveriesQuerySchema = pageQuerySchema.extend({
  channelId: z.uuid().optional(),
  state: z.enum(deliveryStates).optional(),
  ticketId: z.uuid().optional(),
  code: z.string().max(64).optional(),
  held: z.stringbool().optional().describe('true: those since which nothing goes to their address'),
});
export type DeliveriesQuery = z.infer<typeof deliveriesQuerySchema>;

export const ticketNoticeSchema = z
  .object({
    ...{ id: z.string(), channel: z.enum(['in_app', ...channelKinds]), rule: z.string(), text: labelSchema },
    addressee: z.enum(['person', 'requester', 'endpoint', 'address']),
    ...{ name: z.string().nullable(), shown: z.string().nullable() },
    state: z.enum(['unread', 'read', ...deliveryStates]),
    ...{
      code: z.string().nullable(),
      madeAt: instant,
      at: instant.nullable().describe('Sent, delivered, failed or read'),
    },
  })
  .openapi('TicketNoticeLine');
export type TicketNoticeLine = z.infer<typeof ticketNoticeSchema>;

export const ticketNoticesSchema = z.object({
  items: z.array(ticketNoticeSchema),
  /** Channels that the organisation has set up: of the others nothing can go out. */
  channels: z.array(z.enum(channelKinds)),
});

const prefsSchema = z.strictObject({
  on: z.boolean(),
  topics: z.array(z.enum(['given', 'urged', 'late', 'news'])).max(4),
  workHours: z.boolean(),
});
export const contactPrefsSchema = z.strictObject({ email: prefsSchema, sms: prefsSchema });
export const contactSchema = z
  .object({
    email: z.string().nullable(),
    phone: z.object({ shown: z.string(), verifiedAt: instant }).nullable(),
    pending: z.object({ shown: z.string(), until: instant }).nullable(),
    prefs: contactPrefsSchema,
    channels: z.array(z.enum(['email', 'sms'])),
    held: z.object({ code: z.string().nullable(), at: instant }).nullable().describe('Mail to `email` came back'),
  })
  .openapi('Contact');
export type Contact = z.infer<typeof contactSchema>;

export const phoneSchema = z.strictObject({
  phone: z
    .string()
    .trim()
    .regex(/^(\+86)?1[3-9]\d{9}$|^\+(?!86)\d{7,15}$/, 'a mobile number'),
});
export const codeSchema = z.strictObject({ code: z.string().regex(/^\d{6}$/, 'six digits') });
