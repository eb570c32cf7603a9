import { labelSchema } from '@hallhub/shared';
import { fieldKeySchema, slugSchema, ticketRowSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { sensitiveClasses } from './text/sensitive.js';

const confidence = z.number().min(0).max(1);
const because = z
  .array(z.object({ word: z.string(), share: z.number() }))
  .describe('Words of the text that speak for it, the strongest first');
const learned = { confidence, because, learnedFrom: z.int().describe('Closed tickets that it was learned from') };

export const suggestBodySchema = z.strictObject({
  kind: slugSchema,
  fields: z.record(fieldKeySchema, z.unknown()),
  hallId: z.uuid().nullable().default(null),
  deviceId: z.uuid().nullable().default(null),
  ticketId: z.uuid().nullable().default(null).describe('The ticket that it is about; itself is no duplicate'),
});

const briefTicket = ticketRowSchema.pick({
  ...{ id: true, number: true, title: true, kind: true, state: true, light: true, madeAt: true, endedAt: true },
});

export const likenessReasonSchema = z.discriminatedUnion('because', [
  z.object({ because: z.enum(['requester', 'device', 'hall', 'category']) }),
  z.object({ because: z.literal('place'), metres: z.int() }),
  z.object({ because: z.literal('words'), share: z.number() }),
  z.object({ because: z.literal('time'), hours: z.int() }),
]);

export const suggestionsSchema = z
  .object({
    fields: z.array(
      z.object({
        field: fieldKeySchema,
        suggestions: z.array(z.object({ value: z.unknown(), label: labelSchema, ...learned })),
      }),
    ),
    levels: z.array(z.object({ level: slugSchema, label: labelSchema, ...learned })),
    appointed: z
      .array(z.object({ officeId: z.uuid(), name: z.string(), field: fieldKeySchema, category: labelSchema }))
      .describe('Offices that look after the categories filled in'),
    offices: z.array(z.object({ officeId: z.uuid(), name: z.string(), ...learned })),
    alike: z.array(
      z.object({
        as: z
          .enum(['duplicate', 'event', 'related'])
          .describe('The same matter said again; said by others of the same place and time; worth a look'),
        score: z.number(),
        because: z.array(likenessReasonSchema),
        ticket: briefTicket,
      }),
    ),
    answers: z.array(
      z.object({
        ticket: briefTicket,
        likeness: z.number(),
        answer: z.array(z.object({ field: fieldKeySchema, label: labelSchema, text: z.string() })),
      }),
    ),
    sensitive: z.array(
      z.object({
        field: fieldKeySchema,
        word: z.string(),
        level: z.enum(['note', 'urgent']),
        class: z.enum(sensitiveClasses),
        from: z.int(),
        to: z.int(),
      }),
    ),
    against: z.array(z.object({ name: z.string(), times: z.int() })).describe('Organisations that the text names'),
    scope: z.array(
      z.object({
        of: z.enum(['households', 'people', 'buildings', 'area']),
        count: z.int().nullable(),
        words: z.string(),
      }),
    ),
  })
  .openapi('TicketSuggestions');
export type Suggestions = z.infer<typeof suggestionsSchema>;

export const placeSuggestionSchema = z.object({
  text: z.string(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  used: z.int().describe('Tickets that named it'),
});
export type PlaceSuggestion = z.infer<typeof placeSuggestionSchema>;

export const sensitiveWordSchema = z.object({
  word: z.string().trim().min(1).max(40),
  level: z.enum(['note', 'urgent']),
  class: z.enum(sensitiveClasses).default('other').describe('What it is about'),
});
export const testSensitiveSchema = z.strictObject({
  text: z.string().max(20_000),
  words: z.array(sensitiveWordSchema).max(5_000).optional().describe('Left out: the list as it is saved'),
});
export type TestSensitive = z.infer<typeof testSensitiveSchema>;
export const sensitiveHitSchema = sensitiveWordSchema.extend({ from: z.int(), to: z.int() });
export const assistStateSchema = z
  .object({
    purposes: z.array(
      z.object({
        purpose: z.string(),
        labels: z.int(),
        tickets: z.int(),
        vocabulary: z.int(),
        learnedAt: z.iso.datetime(),
      }),
    ),
    waiting: z.int().describe('Closed tickets that nothing was learned from yet'),
  })
  .openapi('TicketAssistState');
export type AssistState = z.infer<typeof assistStateSchema>;
