import { labelSchema } from '@hallhub/shared';
import { clockViewSchema, lights, migrationObstacles, runMoves, slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { calendarDocumentSchema } from '../../calendars/contract.js';
import { draftDocumentSchema } from '../../ticket-kinds/contract.js';

const count = z.int();
const side = z.object({ dueAt: z.iso.datetime().nullable(), light: z.enum(lights) }).nullable();

/** What a change of a calendar or a kind would do to the clocks that run. */
export const clocksWhatIfSchema = z
  .object({
    at: z.iso.datetime().describe('As of when it was computed'),
    clocks: count.describe('That run by this calendar, or of this kind'),
    looked: count.describe('Of them: computed, or known to be the same by both'),
    isCut: z.boolean().describe('There was not the time to look at all; soonest due first'),
    tickets: count.describe('With a clock that moves, breaks or is saved'),
    moved: z.object({ earlier: count, later: count, never: count, again: count }),
    breaks: count.describe('Late now by the change, and not without it'),
    saved: count.describe('Late now without the change, and not with it'),
    refused: count.describe('Tickets that could not go on by the changed kind, or that could not be read'),
    reasons: z
      .array(
        z.object({
          code: z
            .enum([...migrationObstacles, 'unreadable', 'not_computed'])
            .describe('unreadable: the ticket as it is; not_computed: its clocks by the change'),
          about: z.string().nullable().describe('Id of the step, level or rule, key of the field'),
          label: labelSchema.nullable().describe('What that is called'),
          tickets: count,
          named: z
            .array(z.object({ id: z.uuid(), number: z.string() }))
            .describe('Five at most that the reader may see'),
        }),
      )
      .describe('Why they are refused, most frequent first; a ticket may have several'),
    items: z
      .array(
        z.object({
          ticket: z.object({ id: z.uuid(), number: z.string(), title: z.string() }),
          clock: slugSchema,
          run: z.int(),
          label: labelSchema,
          requesters: z.boolean(),
          before: side.describe('null: there is no such promise'),
          after: side,
          move: z.enum(runMoves),
          breaks: z.boolean(),
          saved: z.boolean(),
        }),
      )
      .describe('Of tickets that the reader may see, a hundred at most: what breaks first, then what is due soonest'),
  })
  .openapi('ClocksWhatIf');
export type ClocksWhatIf = z.infer<typeof clocksWhatIfSchema>;
export type WhatIfItem = ClocksWhatIf['items'][number];

export const calendarWhatIfSchema = z
  .strictObject({
    document: calendarDocumentSchema.optional(),
    holidaysOf: z.int().min(2000).max(2100).optional().describe('Instead: as it is, with the holidays of this year'),
  })
  .refine(
    ({ document, holidaysOf }) => (document === undefined) !== (holidaysOf === undefined),
    'Either a document or a year',
  );

export const kindWhatIfSchema = z
  .strictObject({
    document: draftDocumentSchema.optional().describe('Left out: the draft'),
    steps: z.record(slugSchema, slugSchema).default({}).describe('Steps that are called otherwise there'),
  })
  .openapi('TicketKindWhatIf');

/** What somebody might do to one ticket; instants RFC 3339. */
export const ticketIfSchema = z
  .strictObject({
    level: slugSchema.optional(),
    extendMinutes: z.int().min(1).max(5_256_000).optional(),
    suspendUntil: z.iso.datetime().optional(),
  })
  .refine((one) => Object.values(one).some((value) => value !== undefined), 'Say what would be done');
export type TicketIf = z.output<typeof ticketIfSchema>;

export const ticketWhatIfSchema = z
  .object({
    items: z.array(
      z.object({
        before: clockViewSchema.nullable(),
        after: clockViewSchema.nullable(),
        move: z.enum(runMoves),
      }),
    ),
  })
  .openapi('TicketWhatIf');
export type TicketWhatIf = z.infer<typeof ticketWhatIfSchema>;
