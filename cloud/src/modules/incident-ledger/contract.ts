import { labelSchema } from '@hallhub/shared';
import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();
export const incidentPeriods = ['day', 'week', 'month', 'quarter', 'year'] as const;

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

const callsSchema = z.object({ offered: z.int(), answered: z.int() });
export const supportLineDaySchema = callsSchema.extend({
  ...{ day: z.iso.date(), note: z.string().nullable(), at: instant },
  by: z.string().describe('Who wrote it, as people call them; of a program the name of its key'),
});
export type SupportLineDay = z.infer<typeof supportLineDaySchema>;
const supportLineSchema = callsSchema.extend({
  aim: z.number().describe('Share of calls that is to be answered'),
  before: callsSchema.describe('Of the period before'),
  days: z.array(supportLineDaySchema),
});
export type SupportLine = z.infer<typeof supportLineSchema>;

const calls = z.int().min(0).max(10_000_000);
export const writeSupportLineSchema = z
  .strictObject({
    day: z.iso.date(),
    offered: calls.describe('Calls that came'),
    answered: calls.describe('Of them so many were answered by a person'),
    note: z.string().trim().max(200).optional(),
  })
  .refine(({ offered, answered }) => answered <= offered, {
    ...{ path: ['answered'], message: 'More were answered than came' },
  });
export type WriteSupportLine = z.output<typeof writeSupportLineSchema>;

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
    faults: z
      .object({ alarms: z.int(), sources: z.int().describe('Devices and units that raised them') })
      .describe('Alarms raised in the period, as far as one may read them; the rows are in the export'),
    supportLine: supportLineSchema.nullable().describe('Of the organisation; null where a hall is asked for'),
    rows: z.array(incidentRowSchema).describe('Newest first, 2000 at most'),
    truncated: z.boolean(),
  })
  .openapi('IncidentReport');
export type IncidentReport = z.infer<typeof incidentReportSchema>;
