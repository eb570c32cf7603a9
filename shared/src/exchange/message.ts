import { z } from 'zod';
import { jsonObjectSchema } from '../wire/primitives.js';

/** Who a ticket belongs to: the owner gives it out and ends it, the other side handles it. `platform` is the one outside. */
export const exchangeSides = ['hub', 'platform'] as const;
export type ExchangeSide = (typeof exchangeSides)[number];

export const ownerActs = ['dispatch', 'remind', 'decide_extension', 'rework', 'close', 'cancel'] as const;
export const handlerActs = ['sign', 'return', 'ask_extension', 'finish'] as const;
/** Either side may say something. */
export const exchangeActs = [...ownerActs, ...handlerActs, 'opinion'] as const;
export type ExchangeAct = (typeof exchangeActs)[number];

const epochMs = z.number().int().min(0).max(8.64e15);
const token = (most: number) => z.string().regex(new RegExp(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,${most - 1}}$`));
export const exchangeNumberSchema = token(64);
const words = z.string().trim().min(1).max(4_000);
const minutes = z.number().int().min(1).max(5_256_000);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const exchangeFileSchema = z.object({
  /** As it was sent before (`POST files`). */
  sha256,
  name: z.string().trim().min(1).max(200),
});
/** A file that does not go along, or was not taken, and why. */
export const exchangeLeftSchema = z.object({
  sha256,
  name: z.string().trim().max(200).default(''),
  code: z.string().min(1).max(64),
});
export type ExchangeLeft = z.infer<typeof exchangeLeftSchema>;

const base = {
  v: z.literal(1),
  /** Made by the sender, once for each message, the same when it is sent again. */
  id: token(64),
  ticket: z.object({ owner: z.enum(exchangeSides), number: exchangeNumberSchema }),
  /** Counts the sender’s messages about this ticket from 1. */
  seq: z.number().int().min(1).max(1_000_000),
  /** The highest `seq` of the receiver’s messages about it that the sender accepted; 0: none. */
  seen: z.number().int().min(0).max(1_000_000),
  /** When it happened. */
  at: epochMs,
  /** Who did it, for people. */
  by: z.string().trim().max(100).optional(),
  /** At which step of the sender’s own, for people. */
  step: z.string().trim().max(100).optional(),
  files: z.array(exchangeFileSchema).max(20).default([]),
  /** What the receiver refused, or would, and so is not among `files`. */
  left: z.array(exchangeLeftSchema).max(20).optional(),
} as const;

export const exchangeMessageSchema = z.discriminatedUnion('act', [
  z.object({
    ...base,
    act: z.literal('dispatch'),
    words: words.optional(),
    title: z.string().trim().min(1).max(200),
    text: z.string().max(20_000).default(''),
    /** In the sender’s own codes, the root first. */
    category: z.array(z.string().min(1).max(64)).max(6).default([]),
    level: z.string().min(1).max(64).nullable().default(null),
    requester: z
      .object({ name: z.string().max(100).optional(), phone: z.string().max(32).optional() })
      .nullable()
      .default(null),
    place: z
      .object({
        text: z.string().trim().min(1).max(300),
        lon: z.number().min(-180).max(180).optional(),
        lat: z.number().min(-90).max(90).optional(),
      })
      .nullable()
      .default(null),
    /** When the requester is to have an answer, as the owner promised. */
    dueAt: epochMs.nullable().default(null),
    /** What else the two agreed on. */
    fields: jsonObjectSchema.default({}),
  }),
  z.object({ ...base, act: z.literal('sign'), words: words.optional() }),
  z.object({
    ...base,
    act: z.literal('return'),
    words,
    /** The reason as the two agreed on it. */
    code: z.string().trim().min(1).max(64).optional(),
  }),
  z.object({ ...base, act: z.literal('ask_extension'), words, minutes }),
  z.object({
    ...base,
    act: z.literal('decide_extension'),
    words: words.optional(),
    granted: z.boolean(),
    minutes: minutes.optional(),
  }),
  z.object({ ...base, act: z.literal('finish'), words, fields: jsonObjectSchema.default({}) }),
  z.object({ ...base, act: z.literal('rework'), words }),
  z.object({
    ...base,
    act: z.literal('close'),
    words: words.optional(),
    satisfaction: z.number().int().min(1).max(5).optional(),
  }),
  z.object({ ...base, act: z.literal('cancel'), words }),
  z.object({ ...base, act: z.literal('remind'), words: words.optional() }),
  z.object({ ...base, act: z.literal('opinion'), words }),
]);
export type ExchangeMessage = z.infer<typeof exchangeMessageSchema>;

/** What a message is before it has its place in the row: the sender’s desk makes it, the sending stamps it. */
type WithoutStamp<M> = M extends unknown ? Omit<M, 'v' | 'id' | 'ticket' | 'seq' | 'seen'> : never;
export type ExchangeContent = WithoutStamp<ExchangeMessage>;

/** A file goes first, by itself; messages name its hash. */
export const exchangeUploadSchema = z.object({
  v: z.literal(1),
  sha256,
  name: z.string().trim().min(1).max(200),
  content: z.base64().max(14_000_000),
});
export const maxExchangeFileBytes = 10 * 1024 * 1024;

/** Why a message changed nothing; `again`: send it again later as it is. */
export const exchangeRefusals = {
  /** Not signed, or not by this key. */
  signature: { status: 401, again: false },
  /** The timestamp is more than five minutes away; `serverTime` says by how much. */
  clock: { status: 401, again: true },
  /** This nonce was used before. */
  replay: { status: 401, again: true },
  invalid: { status: 400, again: false },
  no_such_ticket: { status: 404, again: false },
  /** The side that sends may not do that, ever. */
  not_yours: { status: 403, again: false },
  /** Not in this state: something of the owner’s is on its way. */
  not_now: { status: 409, again: true },
  /** `expected` is the seq that comes next. */
  out_of_order: { status: 409, again: true },
  /** The id or the seq stands for another message. */
  reused: { status: 409, again: false },
  /** A file that it names is not there. */
  no_such_file: { status: 409, again: true },
  /** No rule says what that category, kind or level is here. */
  unmapped: { status: 422, again: false },
  paused: { status: 503, again: true },
  busy: { status: 503, again: true },
  too_many: { status: 429, again: true },
  too_large: { status: 413, again: false },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly again: boolean }>>;
export type ExchangeRefusal = keyof typeof exchangeRefusals;

export const exchangeStates = ['dispatched', 'signed', 'finished', 'returned', 'closed', 'cancelled'] as const;
export type ExchangeStateName = (typeof exchangeStates)[number];

export const exchangeAnswerSchema = z.union([
  z.object({
    v: z.literal(1),
    /** repeated: it had been accepted before, and nothing changed. */
    result: z.enum(['accepted', 'repeated']),
    id: z.string().max(64),
    state: z.enum(exchangeStates),
    /** What the receiver calls the ticket. */
    number: exchangeNumberSchema.nullable(),
    /** Files that the message names and the receiver had refused: it was taken without them. */
    left: z.array(exchangeLeftSchema).max(20).optional(),
  }),
  z.object({
    v: z.literal(1),
    result: z.literal('refused'),
    /** Of a receipt: which message. */
    id: z.string().max(64).optional(),
    code: z.enum(Object.keys(exchangeRefusals) as [ExchangeRefusal, ...ExchangeRefusal[]]),
    detail: z.string().max(1_000),
    expected: z.number().int().optional(),
    state: z.enum(exchangeStates).optional(),
    serverTime: epochMs.optional(),
  }),
]);
export type ExchangeAnswer = z.infer<typeof exchangeAnswerSchema>;

/** One ticket as an end has it in its book. */
export const exchangeBookLineSchema = z.object({
  owner: z.enum(exchangeSides),
  number: exchangeNumberSchema,
  state: z.enum(exchangeStates),
  extension: z.boolean(),
  /** Messages accepted: the platform’s, and the hub’s. */
  fromPlatform: z.number().int().min(0),
  fromHub: z.number().int().min(0),
});
export type ExchangeBookLine = z.infer<typeof exchangeBookLineSchema>;

export const exchangeBookSchema = z.object({
  v: z.literal(1),
  items: z.array(exchangeBookLineSchema).max(500),
  /** For `after`; null at the end. */
  next: z.string().max(200).nullable(),
});
