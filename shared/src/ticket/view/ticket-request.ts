import { z } from 'zod';
import { ticketCommandSchema } from '../engine/ticket-command.js';
import { fieldKeySchema, slugSchema } from '../kind/field-schema.js';

/** Where tickets come from. */
export const ticketSources = [
  'console',
  'web_form',
  'api',
  'hotline',
  'kiosk',
  'guide_screen',
  'evaluator',
  'alarm',
  'vision',
  'audio',
  'email',
  'import',
  'wechat',
  'alipay',
  'exchange',
  'ticket',
] as const;
export type TicketSource = (typeof ticketSources)[number];

/** `todo`: tasks that are mine or my offices’. `handled`: I did something, it goes on. `done`: I did something, it is over. `office`: all of an office. */
export const ticketViews = ['todo', 'handled', 'initiated', 'done', 'office', 'all'] as const;
export type TicketViewName = (typeof ticketViews)[number];

/** A ticket to be made. */
export const makeTicketSchema = z.strictObject({
  kind: slugSchema,
  fields: z.record(fieldKeySchema, z.unknown()),
  level: slugSchema.nullable().default(null),
  hallId: z.uuid().nullable().default(null),
  deviceId: z.uuid().nullable().default(null),
  /** Split off from, or supervised by. */
  parentId: z.uuid().nullable().default(null),
});
export type MakeTicket = z.infer<typeof makeTicketSchema>;

/** By somebody at the console, who may have the citizen on the telephone. */
export const makeByHandSchema = makeTicketSchema.extend({ source: z.enum(['console', 'hotline']).optional() });
export type MakeByHand = z.infer<typeof makeByHandSchema>;

/** One act on each of several tickets; each succeeds or fails by itself. */
export const batchActSchema = z.strictObject({
  acts: z
    .array(z.strictObject({ ticketId: z.uuid(), seq: z.int().min(1), command: ticketCommandSchema }))
    .min(1)
    .max(100),
});
export const batchActResultSchema = z.object({
  results: z.array(
    z.object({
      ticketId: z.uuid(),
      ok: z.boolean(),
      seq: z.int().nullable(),
      /** A `Refusal`, or `conflict`, `not_found`, `forbidden`. */
      code: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ),
});

/** Children of a ticket, split off by a step's `split` action; each runs by itself, and the parent is not solved before them. */
export const splitTicketSchema = z.strictObject({
  /** Of those that name none themselves. */
  kind: slugSchema.optional(),
  /** The actor's task whose step allows it; left out: the one that does. */
  task: z.uuid().optional(),
  opinion: z.string().trim().max(2_000).optional(),
  tickets: z
    .array(makeTicketSchema.extend({ kind: slugSchema.optional() }))
    .min(1)
    .max(20),
});
export type SplitTicket = z.infer<typeof splitTicketSchema>;
