import { z } from 'zod';
import { jsonObjectSchema } from '../wire/primitives.js';
import {
  exchangeActs,
  exchangeAnswerSchema,
  exchangeFileSchema,
  exchangeNumberSchema,
  exchangeSides,
  exchangeStates,
} from './message.js';

/** As the platform’s people see their work: whose turn it is. */
export const exchangeLists = ['todo', 'handled', 'done', 'closed', 'all'] as const;
export type ExchangeList = (typeof exchangeLists)[number];

const epochMs = z.number().int().min(0).max(8.64e15);
const cursor = z.string().max(200).nullable();

export const exchangePulledTicketSchema = z.object({
  owner: z.enum(exchangeSides),
  number: exchangeNumberSchema,
  /** What the hub calls it. */
  hubNumber: z.string().max(64),
  state: z.enum(exchangeStates),
  extension: z.boolean(),
  openedAt: epochMs,
  changedAt: epochMs,
  title: z.string().max(200),
  category: z.array(z.string().max(64)).max(6),
  level: z.string().max(64).nullable(),
  dueAt: epochMs.nullable(),
  place: jsonObjectSchema.nullable(),
  files: z.number().int().min(0),
});
export type ExchangePulledTicket = z.infer<typeof exchangePulledTicketSchema>;

export const exchangeTicketsSchema = z.object({
  v: z.literal(1),
  items: z.array(exchangePulledTicketSchema).max(100),
  next: cursor,
});

export const exchangeWholeTicketSchema = exchangePulledTicketSchema.extend({
  v: z.literal(1),
  text: z.string().max(20_000),
  requester: z.object({ name: z.string().optional(), phone: z.string().optional() }).nullable(),
  fields: jsonObjectSchema,
  /** What was said of it, the first first: opinions of every step among them. */
  acts: z
    .array(
      z.object({
        from: z.enum(exchangeSides),
        act: z.enum(exchangeActs),
        at: epochMs,
        by: z.string().nullable(),
        step: z.string().nullable(),
        words: z.string().nullable(),
        code: z.string().nullable(),
        files: z.array(exchangeFileSchema),
      }),
    )
    .max(500),
  attachments: z.array(
    exchangeFileSchema.extend({
      from: z.enum(exchangeSides),
      /** refused: it is not with the other end, and `code` says why. */
      state: z.enum(['waiting', 'accepted', 'refused']),
      code: z.string().nullable(),
    }),
  ),
});

export const exchangePulledFileSchema = z.object({
  v: z.literal(1),
  ...exchangeFileSchema.shape,
  mediaType: z.string(),
  bytes: z.number().int().min(0),
  content: z.base64(),
});

const lonLat = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);

/** Areas of offices, GeoJSON (RFC 7946), WGS-84. */
export const exchangeBoundariesSchema = z.object({
  v: z.literal(1),
  type: z.literal('FeatureCollection'),
  features: z
    .array(
      z.object({
        type: z.literal('Feature'),
        id: z.string(),
        /** Null: all of the hall or the region that `properties` names, or everywhere. */
        geometry: z
          .object({ type: z.literal('Polygon'), coordinates: z.array(z.array(lonLat).min(4)).min(1) })
          .nullable(),
        properties: z.object({
          office: z.object({ code: z.string(), name: z.string() }),
          name: z.string().nullable(),
          purpose: z.string().nullable(),
          hall: z.string().nullable(),
          region: z.string().nullable(),
        }),
      }),
    )
    .max(200),
  next: cursor,
});

/** What a platform that is never called made of the messages that it fetched. */
export const exchangeReceiptsSchema = z.object({ v: z.literal(1), answers: z.array(exchangeAnswerSchema).max(100) });
