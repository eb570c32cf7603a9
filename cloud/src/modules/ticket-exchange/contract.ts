import { exchangeActs, exchangeMappingSchema, exchangeSides, exchangeStates } from '@hallhub/shared/exchange';
import { z } from '@hono/zod-openapi';
import { pageQuerySchema } from '../../http/pagination.js';
import { exchangePartners } from './tables.js';

const instant = z.iso.datetime();
const code = z.string().regex(/^[a-z][a-z0-9_-]{0,47}$/, 'small letters, digits, _ and -');
const baseUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => {
    // It is asked also where the text is no address at all.
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, 'an address without a password, a query or a fragment');

export const channelFaultSchema = z.object({ path: z.string(), message: z.string() });

export const exchangeChannelSchema = z
  .object({
    id: z.uuid(),
    code,
    name: z.string(),
    partner: z.enum(exchangePartners),
    /** Where theirs is; null: they only call us. */
    baseUrl: z.string().nullable(),
    /** Where ours is, below this server’s own address. */
    ourPath: z.string(),
    keyId: z.string(),
    oldKeyUntil: instant.nullable(),
    mapping: exchangeMappingSchema,
    /** What of the mapping does not fit the kinds and offices as they are now. */
    faults: z.array(channelFaultSchema),
    hallId: z.uuid().nullable(),
    paused: z.boolean(),
    lastInAt: instant.nullable(),
    lastOutAt: instant.nullable(),
    /** Their clock minus ours, in ms. */
    clockMs: z.int(),
    waiting: z.int(),
    oldestWaitingAt: instant.nullable(),
    /** Messages that a person has to look at. */
    failed: z.int(),
    refused: z.int(),
    tickets: z.int(),
    comparedAt: instant.nullable(),
    compared: z.enum(['equal', 'different', 'failed']).nullable(),
    version: z.int(),
    createdAt: instant,
  })
  .openapi('ExchangeChannel');
export type ExchangeChannel = z.infer<typeof exchangeChannelSchema>;

const name = z.string().trim().min(1).max(100);

export const createChannelSchema = z
  .object({
    ...{ code, name, partner: z.enum(exchangePartners), mapping: exchangeMappingSchema },
    baseUrl: baseUrl.nullable().default(null),
    /** The hall that tickets from there belong to. */
    hallId: z.uuid().nullable().default(null),
  })
  .openapi('CreateExchangeChannel');
export type CreateChannel = z.infer<typeof createChannelSchema>;

export const editChannelSchema = z
  .object({
    ...{ name: name.optional(), mapping: exchangeMappingSchema.optional(), baseUrl: baseUrl.nullable().optional() },
    ...{ hallId: z.uuid().nullable().optional(), paused: z.boolean().optional() },
  })
  .openapi('EditExchangeChannel');
export type EditChannel = z.infer<typeof editChannelSchema>;

export const channelSecretSchema = z.object({
  channel: exchangeChannelSchema,
  keyId: z.string(),
  secret: z.string().describe('Shown this once'),
});

export const channelTestSchema = z.object({
  ok: z.boolean(),
  status: z.int().nullable(),
  tookMs: z.int(),
  /** `unreachable`, `timeout`, `address`, `unsigned`, `not_json`, or what they refused. */
  problem: z.string().nullable(),
  detail: z.string().nullable(),
});

export const exchangeMessageRowSchema = z
  .object({
    id: z.uuid(),
    direction: z.enum(['in', 'out']),
    messageId: z.string(),
    act: z.string(),
    owner: z.enum(exchangeSides),
    number: z.string(),
    seq: z.int().nullable(),
    state: z.enum(['waiting', 'accepted', 'refused', 'failed', 'dropped']),
    /** in: what it did here. */
    effect: z.string().nullable(),
    code: z.string().nullable(),
    detail: z.string().nullable(),
    attempts: z.int(),
    nextAt: instant.nullable(),
    madeAt: instant,
    doneAt: instant.nullable(),
    ticket: z.object({ id: z.uuid(), number: z.string() }).nullable(),
    exchange: z.enum(exchangeStates).nullable(),
  })
  .openapi('ExchangeMessage');
export type ExchangeMessageRow = z.infer<typeof exchangeMessageRowSchema>;

export const exchangeMessageDetailSchema = exchangeMessageRowSchema.extend({
  /** As it goes over the wire, what is personal masked unless the reader may see it. */
  body: z.record(z.string(), z.json()),
  /** refused: the message went, or came, without it; `code` says why. */
  files: z.array(
    z.object({
      ...{ sha256: z.string(), name: z.string(), bytes: z.int().nullable() },
      state: z.enum(['waiting', 'accepted', 'refused']),
      ...{ code: z.string().nullable(), detail: z.string().nullable() },
    }),
  ),
  tries: z.array(
    z.object({
      at: instant,
      tookMs: z.int(),
      status: z.int().nullable(),
      code: z.string().nullable(),
      detail: z.string().nullable(),
      answer: z.json().nullable(),
      ip: z.string().nullable(),
    }),
  ),
});

export const messagesQuerySchema = pageQuerySchema.extend({
  direction: z.enum(['in', 'out']).optional(),
  state: z.enum(['waiting', 'accepted', 'refused', 'failed', 'dropped']).optional(),
  act: z.enum(exchangeActs).optional(),
  /** Of the ticket, theirs or ours. */
  number: z.string().max(64).optional(),
  ticketId: z.uuid().optional(),
});
export type MessagesQuery = z.output<typeof messagesQuerySchema>;

export const dropMessageSchema = z.object({ reason: z.string().trim().min(1).max(500) });

const bookLine = z.object({
  state: z.enum(exchangeStates),
  extension: z.boolean(),
  fromPlatform: z.int(),
  fromHub: z.int(),
});

export const comparisonSchema = z
  .object({
    id: z.uuid(),
    at: instant,
    tookMs: z.int(),
    state: z.enum(['equal', 'different', 'failed']),
    here: z.int(),
    there: z.int(),
    underWay: z.int(),
    different: z.int(),
    /** The first thousand. */
    differences: z.array(
      z.object({
        owner: z.enum(exchangeSides),
        number: z.string(),
        kind: z.enum(['missing_here', 'missing_there', 'differs']),
        here: bookLine.nullable(),
        there: bookLine.nullable(),
      }),
    ),
    detail: z.string().nullable(),
  })
  .openapi('ExchangeComparison');
