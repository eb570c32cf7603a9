import { labelSchema } from '@hallhub/shared';
import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();
export const incidentPeriods = ['week', 'month', 'quarter', 'year'] as const;

export const incidentQuerySchema = z.object({
  period: z.enum(incidentPeriods).default('month'),
  date: z.iso.date().optional().describe('Any day of the period; left out: today, as the zone counts'),
  hallId: z.uuid().optional(),
  level: slugSchema.optional(),
  kind: slugSchema.default('incident'),
});
export type IncidentQuery = z.output<typeof incidentQuerySchema>;

export const incidentRowSchema = z.object({
  ticketId: z.uuid(),
  number: z.string(),
  title: z.string(),
  hallName: z.string().nullable(),
  level: z.object({ id: z.string(), label: labelSchema }).nullable(),
  contract: labelSchema.nullable(),
  nature: labelSchema.nullable(),
  state: labelSchema,
  outcome: z.enum(['closed', 'cancelled', 'merged']).nullable(),
  madeAt: instant,
  answeredAt: instant.nullable(),
  arrivedAt: instant.nullable(),
  restoredAt: instant.nullable(),
  endedAt: instant.nullable(),
  answerMs: z.int().nullable(),
  arriveMs: z.int().nullable(),
  restoreMs: z.int().nullable(),
  scope: z.string().nullable(),
  people: z.number().nullable(),
  handling: z.string().nullable(),
  cause: z.string().nullable(),
  prevention: z.string().nullable(),
  clocks: z
    .array(
      z.object({
        clock: z.string(),
        label: labelSchema,
        promisedMs: z.int(),
        usedMs: z.int(),
        met: z.boolean().nullable().describe('Null: it runs and is in time'),
      }),
    )
    .describe('Of each clock the run that did worst'),
  breaches: z.int(),
});
export type IncidentRow = z.infer<typeof incidentRowSchema>;

const countsSchema = z.object({
  count: z.int(),
  open: z.int(),
  breached: z.int().describe('Incidents with a promise that was broken'),
  breaches: z.int(),
  people: z.number(),
  meanAnswerMs: z.int().nullable(),
  meanArriveMs: z.int().nullable(),
  meanRestoreMs: z.int().nullable(),
});
export type IncidentCounts = z.infer<typeof countsSchema>;

export const incidentReportSchema = z
  .object({
    kind: slugSchema,
    label: labelSchema,
    period: z.enum(incidentPeriods),
    zone: z.string(),
    from: instant,
    to: instant.describe('Not counted in'),
    firstDay: z.iso.date(),
    lastDay: z.iso.date(),
    levels: z.array(z.object({ id: z.string(), label: labelSchema })).describe('The least first'),
    total: countsSchema,
    before: countsSchema.describe('The period before'),
    byLevel: z.array(countsSchema.extend({ level: z.string().nullable() })),
    byClock: z.array(
      z.object({ clock: z.string(), label: labelSchema, runs: z.int(), settled: z.int(), breached: z.int() }),
    ),
    rows: z.array(incidentRowSchema).describe('Newest first, 2000 at most'),
    truncated: z.boolean(),
  })
  .openapi('IncidentReport');
export type IncidentReport = z.infer<typeof incidentReportSchema>;
