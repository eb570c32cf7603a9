import { labelSchema } from '@hallhub/shared';
import { fieldKeySchema, slugSchema } from '@hallhub/shared/ticket';
import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();

export const ruleMatchSchema = z.strictObject({
  fromSeverity: z.enum(severities).optional().describe('Findings and events of this severity and worse'),
  algorithms: z.array(z.string().min(1).max(40)).max(40).optional().describe('Left out or empty: all'),
  ruleIds: z.array(z.uuid()).max(100).optional().describe('Of the cameras’ rules; left out or empty: all'),
  deviceIds: z.array(z.uuid()).max(100).optional().describe('Left out or empty: all'),
  when: z.enum(['confirmed', 'seen']).default('confirmed').describe('Findings: once a reviewer says so, or at once'),
  worst: z
    .int()
    .min(1)
    .max(3)
    .optional()
    .describe('Answers as bad as this and worse: 1 very dissatisfied, 2 dissatisfied'),
});
export type RuleMatch = z.output<typeof ruleMatchSchema>;

export const writeIntakeRuleSchema = z
  .object({
    name: z.string().trim().min(1).max(60),
    source: z.string().min(1).max(40),
    hallId: z.uuid().nullable().default(null),
    enabled: z.boolean().default(false),
    kind: slugSchema,
    level: slugSchema.nullable().default(null),
    match: ruleMatchSchema.prefault({}),
    preset: z
      .record(fieldKeySchema, z.json())
      .refine((all) => Object.keys(all).length <= 20, '20 fields at most')
      .default({}),
    count: z.int().min(1).max(100).default(1).describe('So many within `withinMinutes` at one device open a ticket'),
    withinMinutes: z.int().min(1).max(1440).default(30),
    mergeMinutes: z.int().min(0).max(1440).default(10).describe('What comes so soon after the last joins its ticket'),
    mostPerHour: z.int().min(1).max(1000).default(10),
  })
  .openapi('WriteIntakeRule');
export type WriteIntakeRule = z.output<typeof writeIntakeRuleSchema>;

export const ruleHints = [
  'source_unknown',
  'kind_missing',
  'level_unknown',
  'preset_unknown',
  'preset_invalid',
  'preset_late',
  'first_step_asks',
  'source_silent',
  'every_answer',
  'at_once',
  'no_place',
] as const;
export const ruleHintSchema = z.object({
  hint: z.enum(ruleHints),
  grave: z.boolean().describe('No ticket can be made by it'),
  fields: z.array(z.object({ key: z.string(), label: labelSchema })).optional(),
});
export type RuleHint = z.infer<typeof ruleHintSchema>;

export const intakeRuleSchema = z
  .object({
    ...writeIntakeRuleSchema.shape,
    hallId: z.uuid().nullable(),
    enabled: z.boolean(),
    level: z.string().nullable(),
    match: ruleMatchSchema,
    preset: z.record(z.string(), z.unknown()),
    ...{ count: z.int(), withinMinutes: z.int(), mergeMinutes: z.int(), mostPerHour: z.int() },
    id: z.uuid(),
    kindLabel: labelSchema.nullable(),
    hallName: z.string().nullable(),
    hints: z.array(ruleHintSchema),
    lately: z
      .object({ opened: z.int(), joined: z.int(), counted: z.int(), held: z.int(), failed: z.int() })
      .describe('Of the last 24 hours'),
    lastAt: instant.nullable(),
    updatedBy: z.string().nullable(),
    updatedAt: instant,
    version: z.int(),
  })
  .openapi('IntakeRule');
export type IntakeRule = z.infer<typeof intakeRuleSchema>;

export const intakeSourceSchema = z.object({
  id: z.string(),
  label: labelSchema,
  feed: z.enum(['finding', 'event']),
  asksAnswers: z.boolean(),
  algorithms: z.array(z.string()).describe('That were seen within thirty days'),
  lastAt: instant.nullable().describe('When something of it last came, within thirty days'),
});

export const intakeOutcomeNames = ['opened', 'joined', 'counted', 'held', 'failed'] as const;
export const intakeLogLineSchema = z.object({
  ruleId: z.uuid(),
  ruleName: z.string().nullable().describe('Null: the rule is gone'),
  source: z.string(),
  outcome: z.enum(intakeOutcomeNames),
  text: z.string(),
  reason: z.string().nullable(),
  at: instant,
  notedAt: instant,
  hallName: z.string(),
  device: z.object({ id: z.uuid(), name: z.string() }),
  ticket: z.object({ id: z.uuid(), number: z.string() }).nullable(),
});
export type IntakeLogLine = z.infer<typeof intakeLogLineSchema>;

export const caseOfItemSchema = z
  .object({
    ticketId: z.uuid(),
    number: z.string(),
    title: z.string(),
    state: labelSchema,
    outcome: z.enum(['closed', 'cancelled', 'merged']).nullable(),
    at: instant,
    by: z.string().nullable().describe('Null: a rule'),
    findingIds: z.array(z.uuid()),
    mayOpen: z.boolean(),
    result: z
      .object({
        outcome: z.string(),
        at: instant,
        isTrue: z.boolean().nullable(),
        result: z.string().nullable(),
        checkedBy: labelSchema.nullable(),
        checkWords: z.string().nullable(),
      })
      .nullable()
      .describe('What the case told the findings when it was over'),
  })
  .openapi('CaseOfItem');
export type CaseOfItem = z.infer<typeof caseOfItemSchema>;

export const ticketFindingSchema = z
  .object({
    id: z.uuid(),
    itemId: z.uuid(),
    number: z.string(),
    algorithm: z.string(),
    rule: z.string(),
    camera: z.object({ id: z.uuid(), name: z.string() }),
    startedAt: instant,
  })
  .openapi('TicketFinding');
export type TicketFinding = z.infer<typeof ticketFindingSchema>;

export const makeCaseSchema = z.object({
  kind: slugSchema.default('video_case'),
  title: z.string().trim().min(1).max(100).optional(),
  level: slugSchema.nullable().default(null),
  findingIds: z.array(z.uuid()).min(1).max(64).optional().describe('Left out: all of the item'),
});
export type MakeCase = z.output<typeof makeCaseSchema>;
