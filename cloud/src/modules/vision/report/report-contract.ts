import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { fileLanguages } from '../export/words.js';
import { rulePrecisionSchema } from '../review-contract.js';
import { statisticsSchema } from '../statistics-contract.js';
import { remarkSchema } from './remarks.js';

const instant = z.iso.datetime();
const day = z.iso.date();

export const reportKinds = ['day', 'month'] as const;
export type ReportKind = (typeof reportKinds)[number];

export const reportQuerySchema = z.object({
  period: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/)
    .describe('`2026-11`: the month; `2026-11-22`: the day'),
  hallId: z.uuid().optional(),
  regionId: z.uuid().optional(),
});
export type ReportQuery = z.output<typeof reportQuerySchema>;
export const reportFileQuerySchema = reportQuerySchema.extend({ language: z.enum(fileLanguages).default('zh') });

const cameraSchema = z.object({
  deviceId: z.uuid(),
  name: z.string(),
  hallName: z.string(),
  findings: z.int(),
  accepted: z.int(),
  decided: z.int(),
  uptime: z.number().nullable().describe('Reachable / known, by what its unit said; null: nothing was said'),
  downMs: z.int(),
  outages: z.int(),
});

const findingSchema = z.object({
  id: z.uuid(),
  itemId: z.uuid(),
  number: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  timeZone: z.string(),
  severity: z.enum(severities),
  algorithm: z.string(),
  ruleName: z.string(),
  deviceName: z.string(),
  hallName: z.string(),
  decision: z.string().nullable(),
  opinion: z.string().nullable(),
});
export type ReportedFinding = z.infer<typeof findingSchema>;

export const runReportSchema = z
  .object({
    kind: z.enum(reportKinds),
    period: z.string(),
    timeZone: z.string().describe('Whose days these are: the hall’s, or that of most halls'),
    organisation: z.string(),
    place: z.string().nullable().describe('Null: everything that the caller may see'),
    isOver: z.boolean().describe('False: the period still runs, and the figures are so far'),
    madeAt: instant,
    madeBy: z.string(),
    totals: statisticsSchema,
    before: z
      .object({ findings: z.int(), reviewRate: z.number().nullable(), precision: z.number().nullable() })
      .describe('The period before, as far into it as this one has come'),
    topHours: z.array(z.object({ hour: z.int(), findings: z.int() })).describe('The first 5'),
    cameras: z.array(cameraSchema).describe('Least reachable first; at most 500'),
    uptime: z.number().nullable(),
    rules: z.array(rulePrecisionSchema).describe('By what was decided of the period’s findings'),
    flow: z.object({
      in: z.int().nullable(),
      out: z.int().nullable(),
      days: z.array(z.object({ day, in: z.int(), out: z.int() })),
      busiest: z.object({ at: instant, in: z.int() }).nullable().describe('The hour with most people coming in'),
    }),
    remarks: z.array(remarkSchema).describe('What stands out, the worst first'),
    findings: z.array(findingSchema).describe('Those that were so, the gravest first; the first 100'),
    findingsAll: z.int(),
  })
  .openapi('VisionRunReport');
export type RunReport = z.infer<typeof runReportSchema>;
