import { labelSchema } from '@hallhub/shared';
import { partyViewSchema, slugSchema, ticketRowSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

export const supervisionQuerySchema = z.object({
  status: z.enum(['running', 'ended']).default('running'),
  year: z.coerce.number().int().min(2000).max(2200).optional().describe('Set up in that year, as the zone counts'),
  hallId: z.uuid().optional(),
  officeId: z.uuid().optional().describe('Carried out by this office'),
  q: z.string().trim().min(1).max(200).optional(),
  kind: slugSchema.default('supervised_task'),
});
export type SupervisionQuery = z.output<typeof supervisionQuerySchema>;

const words = z.string().nullable();
export const supervisedTaskSchema = z.object({
  ticket: ticketRowSchema,
  basis: labelSchema.nullable(),
  requirement: words,
  dueOn: z.iso.date().nullable().describe('As it was set up; the clock is the ticket’s'),
  contact: words.describe('Who supervises it'),
  percent: z.number().min(0).max(100).nullable(),
  progress: words,
  obstacles: words,
  nextSteps: words,
  result: words,
  verdict: labelSchema.nullable(),
  reported: z
    .object({ at: z.iso.datetime(), by: z.string() })
    .nullable()
    .describe('When how it goes was last written, and by whom'),
  parties: z
    .array(
      partyViewSchema.extend({
        lead: z.boolean(),
        state: z.enum(['waiting', 'open', 'signed', 'done']).describe('open: not signed for yet'),
      }),
    )
    .describe('Whom the present step is for, whoever leads first'),
  children: z.object({ of: z.int(), done: z.int() }).describe('Sub-tasks, and how many are over'),
  instructed: z
    .object({ times: z.int(), at: z.iso.datetime(), by: z.string(), words: z.string() })
    .nullable()
    .describe('The latest of a leader’s instructions'),
  extended: z.int().describe('How often more time was granted'),
});
export type SupervisedTask = z.infer<typeof supervisedTaskSchema>;

export const supervisionLedgerSchema = z
  .object({
    kind: slugSchema,
    label: labelSchema,
    zone: z.string(),
    sums: z
      .object({
        running: z.int(),
        late: z.int(),
        ended: z.int(),
        judged: z.int().describe('Of those ended, so many had a promise: a clock that began'),
        onTime: z.int().describe('Of those judged, so many broke no promise'),
      })
      .describe('Of all that the year, the hall and the words leave, running or ended'),
    items: z
      .array(supervisedTaskSchema)
      .describe('Running ones the soonest due first, ended ones the newest first; 500 at most'),
    truncated: z.boolean(),
  })
  .openapi('SupervisionLedger');
export type SupervisionLedger = z.infer<typeof supervisionLedgerSchema>;
