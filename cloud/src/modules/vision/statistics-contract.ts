import { heatColumns, heatRows, visionAlgorithms } from '@hallhub/shared/vision';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();
const day = z.iso.date();

const judged = {
  findings: z.int(),
  decided: z.int().describe('Without duplicates'),
  accepted: z.int(),
  false: z.int(),
};

export const statisticsQuerySchema = z.object({
  hallId: z.uuid().optional(),
  regionId: z.uuid().optional(),
  deviceId: z.uuid().optional(),
  algorithm: z.enum(visionAlgorithms).optional(),
  from: instant,
  to: instant,
});
export type StatisticsQuery = z.output<typeof statisticsQuerySchema>;

export const statisticsSchema = z
  .object({
    from: instant,
    to: instant,
    ...judged,
    duplicates: z.int(),
    open: z.int().describe('Findings that wait'),
    reviewRate: z.number().nullable().describe('(decided + duplicates) / findings'),
    precision: z.number().nullable().describe('accepted / decided'),
    decideMedianMs: z.number().nullable().describe('From a finding’s arrival to its decision'),
    byAlgorithm: z.array(z.object({ algorithm: z.string(), ...judged })),
    byCamera: z
      .array(z.object({ deviceId: z.uuid(), name: z.string(), hallName: z.string(), ...judged }))
      .describe('The first 50'),
    byHall: z.array(z.object({ hallId: z.uuid(), name: z.string(), ...judged })).describe('The first 50'),
    byRegion: z
      .array(z.object({ regionId: z.uuid(), name: z.string(), ...judged }))
      .describe('Of the halls, each in its own region; the first 50'),
    byDay: z.array(z.object({ day, ...judged })).describe('In each hall’s own zone'),
    byHour: z.array(z.int()).length(24).describe('Findings that began in each hour of the day'),
    refused: z.int().describe('Rows of vision that broke their contract'),
  })
  .openapi('VisionStatistics');
export type Statistics = z.infer<typeof statisticsSchema>;

export const flowSteps = ['minute', 'hour', 'day'] as const;
export const flowQuerySchema = statisticsQuerySchema.extend({
  ruleId: z.uuid().optional(),
  step: z.enum(flowSteps).default('hour').describe('`minute`: at most 2 days; `hour`: 62; `day`: 400'),
});
export type FlowQuery = z.output<typeof flowQuerySchema>;

const flowSums = {
  in: z.int().nullable(),
  out: z.int().nullable(),
  occupancyMean: z.number().nullable(),
  occupancyMost: z.int().nullable(),
  dwellMeanMs: z.number().nullable(),
};
export const flowAnswerSchema = z
  .object({
    step: z.enum(flowSteps),
    points: z.array(z.object({ at: instant, ...flowSums })),
    rules: z.array(
      z.object({
        ruleId: z.uuid(),
        deviceId: z.uuid(),
        deviceName: z.string(),
        name: z.string().nullable(),
        ...flowSums,
      }),
    ),
  })
  .openapi('PeopleFlow');
export type FlowAnswer = z.infer<typeof flowAnswerSchema>;

export const heatAnswerSchema = z
  .object({
    columns: z.literal(heatColumns),
    rows: z.literal(heatRows),
    hours: z.int(),
    seconds: z
      .array(z.int())
      .length(heatColumns * heatRows)
      .describe('Row by row from the top left'),
  })
  .openapi('HeatMap');
export type HeatAnswer = z.infer<typeof heatAnswerSchema>;

export const privacySchema = z
  .object({
    deviceId: z.uuid(),
    name: z.string(),
    hallName: z.string(),
    day,
    timeZone: z.string(),
    purpose: z.string(),
    recordHours: z.number().describe('Kept on the unit, in a ring'),
    keepDays: z.int().describe('Evidence is kept so long in the cloud'),
    analysed: z.int().nullable().describe('Pictures that were looked at on the unit; null: it did not say'),
    recordedFrom: instant.nullable().describe('The oldest that the ring on the unit holds now'),
    deletions: z
      .array(z.object({ at: instant, files: z.int(), seq: z.int().nullable() }))
      .describe('Rows of the audit trail that name files of this day as deleted; seq: its number in the chain'),
    findings: z.int(),
    faces: z
      .object({ blurred: z.int(), clear: z.int(), none: z.int(), notLookedFor: z.int() })
      .describe('Findings by what was done with faces'),
    facesClear: z.array(z.object({ rule: z.string(), because: z.string() })),
    files: z.object({
      left: z.int().describe('Pictures and clips that findings of the day name'),
      here: z.int(),
      hereBytes: z.int(),
      onTheWay: z.int(),
      never: z.int().describe('The unit gave them up, or they never came'),
      deleted: z.int().describe('Gone by retention: neither a row nor its bytes are there, looked up for this receipt'),
    }),
    looked: z
      .object({
        times: z.int(),
        people: z.array(z.object({ name: z.string(), times: z.int(), lastAt: instant })),
      })
      .describe('At its live pictures, at recordings, and at files of findings, on that day'),
    exported: z.object({
      times: z.int(),
      files: z.int(),
      people: z.array(z.object({ name: z.string(), files: z.int(), lastAt: instant })),
    }),
    namesShown: z.boolean().describe('Who looked is said to those who may read the audit trail'),
    madeAt: instant,
  })
  .openapi('PrivacyReceipt');
export type PrivacyReceipt = z.infer<typeof privacySchema>;
