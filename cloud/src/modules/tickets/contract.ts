import { lights, phases, slugSchema, ticketRowSchema, ticketSources, ticketViews } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { pageQuerySchema } from '../../verb-kit/pagination.js';

/** A grouping of statistics and one of its keys. */
const factSchema = z
  .string()
  .max(400)
  .regex(/^((office|person|region):[0-9a-f-]{36}|category:.+|satisfaction:[1-5]|choice\.[a-z][A-Za-z0-9]{0,47}:.+)$/);

/** What a list is narrowed by; the same for exports and saved filters. */
export const ticketFilterSchema = z.object({
  view: z.enum(ticketViews).default('todo'),
  /** Words of its number and of the fields that are searched; all must be there. */
  q: z.string().trim().min(1).max(200).optional(),
  kind: slugSchema.optional(),
  state: slugSchema.optional(),
  phase: z.enum(phases).optional(),
  level: slugSchema.optional(),
  light: z.enum(lights).optional(),
  source: z.enum(ticketSources).optional(),
  hallId: z.uuid().optional(),
  /** Which has a task of it now; for the view `office`, had one ever. */
  officeId: z.uuid().optional(),
  /** Who has to do it now. */
  holderId: z.uuid().optional(),
  /** Made in this time. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  supervised: z.stringbool().optional(),
  /** As statistics group it: `office:<id>` who solved it, `category:matters:a/b`, `satisfaction:2`, `choice.responsibility:first`. */
  fact: factSchema.optional(),
  /** Of whoever asked by this ticket, itself among them. */
  requesterOf: z.uuid().optional(),
  sort: z.enum(['due', 'made', '-made']).optional(),
});
export type TicketFilter = z.output<typeof ticketFilterSchema>;

export const ticketQuerySchema = pageQuerySchema.extend(ticketFilterSchema.shape);
export type TicketQuery = z.output<typeof ticketQuerySchema>;

export const ticketCountsSchema = z.object({
  todo: z.int(),
  todoRed: z.int(),
  todoYellow: z.int(),
  handled: z.int(),
  initiated: z.int(),
  done: z.int(),
});
export type TicketCounts = z.infer<typeof ticketCountsSchema>;

export const savedFilterSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  filter: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
});
export type SavedFilter = z.infer<typeof savedFilterSchema>;
export const saveFilterSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  filter: z.record(z.string().max(40), z.union([z.string().max(200), z.boolean(), z.number()])),
});

export const splitResultSchema = z.object({ items: z.array(ticketRowSchema) });

/** Tickets about one event, oldest first; figures are of those that the reader may see. */
export const ticketEventGroupSchema = z.object({
  items: z.array(ticketRowSchema),
  open: z.int(),
  closed: z.int(),
  /** How many different people asked, as far as their numbers are known. */
  requesters: z.int(),
  /** Tickets of people who had asked already. */
  repeats: z.int(),
  firstAt: z.iso.datetime().nullable(),
  lastAt: z.iso.datetime().nullable(),
  /** There are more tickets than are looked at. */
  truncated: z.boolean(),
});
export type TicketEventGroup = z.infer<typeof ticketEventGroupSchema>;
