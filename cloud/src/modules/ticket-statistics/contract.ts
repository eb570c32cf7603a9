import { slugSchema, ticketSources } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

/** What tickets may be told apart by. `choice` goes with the field of `choice`. */
const statisticsBy = [
  ...['kind', 'source', 'level', 'hall', 'region', 'office', 'person', 'category', 'hour', 'day', 'week', 'month'],
  ...['choice', 'satisfaction'],
] as const;

const share = z
  .object({ n: z.int(), of: z.int() })
  .describe('So many of so many; a share of none is none, and is not shown as 0 %');

export const countsSchema = z.object({
  made: z.int(),
  ended: z.int(),
  closed: z.int(),
  running: z.int(),
  returned: z.int().describe('Sent back at least once'),
  reopened: z.int().describe('At least once: after the close, or done again although it was solved'),
  extended: z.int(),
  supervised: z.int(),
  onTime: share.describe(
    'No promise broken, of those that ended or are late already; one whose clocks never began is neither',
  ),
  firstTime: share.describe('Closed without being sent back or reopened, of those closed'),
  closedLoop: share.describe('Solved, fed back and confirmed, of those closed'),
  satisfied: share.describe('3 or more of 5, of those that said'),
  satisfactionMean: z.number().nullable(),
  signedMeanS: z.number().nullable().describe('Seconds until somebody took it up'),
  solvedMeanS: z.number().nullable(),
  endedMeanS: z.number().nullable(),
});
export type Counts = z.infer<typeof countsSchema>;

const date = z.iso.date();
export const ticketStatisticsQuerySchema = z.object({
  from: date.describe('Tickets made from this day, in each hall’s own zone'),
  to: date.describe('The last day'),
  by: z.enum(statisticsBy).default('day'),
  choice: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]{0,47}$/)
    .optional()
    .describe('Key of the choice field, for by=choice'),
  kind: slugSchema.optional(),
  source: z.enum(ticketSources).optional(),
  level: slugSchema.optional(),
  hallId: z.uuid().optional(),
  regionId: z.uuid().optional(),
  officeId: z.uuid().optional(),
  personId: z.uuid().optional(),
  category: z.string().max(300).optional().describe('`tree:a/b`; what lies below it counts'),
});
export type TicketStatisticsQuery = z.output<typeof ticketStatisticsQuerySchema>;

export const ticketStatisticsSchema = z
  .object({
    from: date,
    to: date,
    total: countsSchema,
    before: countsSchema.describe('The span of as many days before it'),
    yearBefore: countsSchema.describe('The same days a year before'),
    groups: z
      .array(
        countsSchema.extend({
          key: z.string().nullable().describe('As filters take it; null: not filled in'),
          label: z.object({ zh: z.string(), en: z.string().optional() }).nullable(),
          before: z.int().describe('Made in the span before'),
        }),
      )
      .describe('The first 500, days and hours in their order, others the most frequent first'),
  })
  .openapi('TicketStatistics');
export type TicketStatistics = z.infer<typeof ticketStatisticsSchema>;
