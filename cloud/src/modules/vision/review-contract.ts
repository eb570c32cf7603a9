import { evidenceRoles, visionAlgorithms } from '@hallhub/shared/vision';
import { evidenceStates, severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageQuerySchema } from '../../verb-kit/pagination.js';
import { decisions } from './decisions.js';

const instant = z.iso.datetime();
export const decisionSchema = z.enum(decisions).describe('`false`: it was not so; `already_left`: it was, and is over');

const ruleOfItemSchema = z.object({
  ruleId: z.uuid(),
  name: z.string(),
  algorithm: z.string(),
  experimental: z.boolean(),
  findings: z.int(),
});

export const reviewItemSchema = z
  .object({
    id: z.uuid(),
    number: z.string().describe('Of its first finding'),
    hallId: z.uuid(),
    hallName: z.string(),
    timeZone: z.string(),
    deviceId: z.uuid(),
    deviceName: z.string(),
    state: z.enum(['open', 'decided']),
    severity: z.enum(severities),
    startedAt: instant,
    lastAt: instant,
    goesOn: z.boolean(),
    findings: z.int(),
    rules: z.array(ruleOfItemSchema),
    decision: decisionSchema.nullable(),
    opinion: z.string().nullable(),
    duplicateOf: z.uuid().nullable(),
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    undoUntil: instant.nullable().describe('Until when who decided may take it back'),
    version: z.int(),
  })
  .openapi('ReviewItem');
export type ReviewItem = z.infer<typeof reviewItemSchema>;

const boxSchema = z.array(z.number()).length(4).describe('x, y, width, height, as fractions of the picture');

export const findingDtoSchema = z
  .object({
    id: z.uuid(),
    number: z.string(),
    ruleId: z.uuid(),
    ruleName: z.string(),
    algorithm: z.string(),
    experimental: z.boolean(),
    viewId: z.uuid(),
    severity: z.enum(severities),
    startedAt: instant,
    endedAt: instant.nullable(),
    goesOn: z.boolean(),
    count: z.int().nullable(),
    detail: z.string().nullable(),
    confidence: z.number().nullable(),
    faces: z.string(),
    seen: z.array(z.object({ label: z.string(), confidence: z.number(), box: boxSchema })),
    picture: z.object({ width: z.int(), height: z.int() }).nullable(),
    models: z.array(z.object({ id: z.string(), sha256: z.string() })),
    evidence: z.array(
      z.object({
        id: z.uuid(),
        role: z.enum(evidenceRoles),
        bytes: z.int(),
        state: z.enum([...evidenceStates, 'unknown']).describe('`unknown`: nothing of it has come yet'),
        mediaType: z.string().nullable(),
      }),
    ),
    signed: z.boolean(),
    decision: decisionSchema.nullable(),
  })
  .openapi('Finding');
export type FindingDto = z.infer<typeof findingDtoSchema>;

export const reviewDetailSchema = reviewItemSchema
  .extend({ parts: z.array(findingDtoSchema).describe('Oldest first') })
  .openapi('ReviewDetail');
export type ReviewDetail = z.infer<typeof reviewDetailSchema>;

export const reviewFilterSchema = z.object({
  hallId: z.uuid().optional(),
  regionId: z.uuid().optional(),
  deviceId: z.uuid().optional(),
  ruleId: z.uuid().optional(),
  algorithm: z.enum(visionAlgorithms).optional(),
  severity: z.enum(severities).optional(),
  state: z.enum(['open', 'decided']).optional(),
  decision: decisionSchema.optional(),
  opinion: z.string().trim().min(1).max(100).optional().describe('Part of what was written'),
  number: z.string().trim().min(1).max(40).optional().describe('Of any finding in it; spaces and hyphens do not count'),
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('Part of a rule’s or camera’s name, of what was seen or of the opinion; or a number'),
  from: instant.optional(),
  to: instant.optional(),
});
export type ReviewFilter = z.output<typeof reviewFilterSchema>;

export const reviewQuerySchema = pageQuerySchema.extend({
  ...reviewFilterSchema.shape,
  order: z.enum(['newest', 'oldest']).default('newest'),
});

export const decideSchema = z
  .object({
    decision: decisionSchema,
    opinion: z.string().trim().max(1_000).optional(),
    duplicateOf: z.uuid().optional().describe('The item that has the same already; needed with `duplicate`'),
    findingIds: z.array(z.uuid()).min(1).max(64).optional().describe('Left out: all that have no decision yet'),
  })
  .openapi('Decide');
export type Decide = z.output<typeof decideSchema>;

/** More than a screen full is not decided by looking. */
export const mostAtOnce = 100;

const versionedItems = z
  .array(z.object({ id: z.uuid(), version: z.int().min(1) }))
  .min(1)
  .max(mostAtOnce)
  .describe(`At most ${mostAtOnce}, each as the caller saw it`);

export const decideManySchema = z
  .object({
    decision: decisionSchema
      .exclude(['duplicate'])
      .describe('A duplicate is one of something: those are decided one by one'),
    opinion: z.string().trim().max(1_000).optional(),
    items: versionedItems,
  })
  .openapi('DecideMany');
export type DecideMany = z.output<typeof decideManySchema>;

export const undoManySchema = z.object({ items: versionedItems }).openapi('UndoMany');
export type UndoMany = z.output<typeof undoManySchema>;

export const manyOutcomes = ['done', 'changed', 'conflict', 'forbidden', 'not_found'] as const;
export const manyResultSchema = z
  .object({
    done: z.int(),
    items: z.array(
      z.object({
        id: z.uuid(),
        number: z.string().nullable(),
        result: z
          .enum(manyOutcomes)
          .describe('`changed`: it is not as the caller saw it; `conflict`: decided already, or not to be taken back'),
        by: z.string().nullable().describe('Who decided it already'),
        version: z.int().nullable(),
      }),
    ),
  })
  .openapi('DecideManyResult');
export type ManyResult = z.infer<typeof manyResultSchema>;

export const lookSchema = z
  .object({
    others: z.array(z.object({ name: z.string(), since: instant })).describe('Who else has it open, first come first'),
    againMs: z.int().describe('Say so again within this time, or the look is over'),
  })
  .openapi('ReviewLook');
export type Look = z.infer<typeof lookSchema>;

export const thresholdSchema = z
  .object({
    minConfidence: z.number().min(0.05).max(0.99),
    was: z.number().min(0).max(1).describe('As the caller saw it: 412 where it is another by now'),
  })
  .openapi('RuleThreshold');

export const verificationSchema = z
  .object({
    findingId: z.uuid(),
    number: z.string(),
    result: z.enum(['intact', 'unsigned', 'incomplete', 'broken']).describe('The worst of what follows'),
    files: z.array(
      z.object({
        id: z.uuid(),
        role: z.string(),
        result: z.enum(['intact', 'changed', 'missing']),
        sha256: z.string(),
        sm3: z.string(),
      }),
    ),
    rows: z.array(
      z.object({
        phase: z.enum(['began', 'ended', 'once']),
        hash: z.enum(['intact', 'changed']),
        signature: z.enum(['valid', 'invalid', 'unsigned', 'unknown_certificate']),
        chain: z.enum(['first', 'linked', 'missing']).describe('`missing`: the finding before it is not here'),
        certificate: z
          .object({ serial: z.string(), from: instant, to: instant, revokedAt: instant.nullable() })
          .nullable(),
      }),
    ),
    checkedAt: instant,
  })
  .openapi('FindingVerification');
export type Verification = z.infer<typeof verificationSchema>;

export const rulePrecisionSchema = z
  .object({
    ruleId: z.uuid(),
    name: z.string(),
    algorithm: z.string(),
    experimental: z.boolean(),
    deviceId: z.uuid(),
    deviceName: z.string(),
    hallName: z.string(),
    findings: z.int(),
    decided: z.int().describe('Without duplicates: they are neither right nor wrong'),
    accepted: z.int(),
    belowStandard: z.int(),
    alreadyLeft: z.int(),
    duplicates: z.int(),
    false: z.int(),
    precision: z.number().nullable().describe('accepted / decided'),
    low: z.number().nullable().describe('Wilson interval, 95 %'),
    high: z.number().nullable(),
    minConfidence: z.number().nullable().describe('As it is set now; null: the rule is gone'),
    suggestion: z.union([
      z.object({
        minConfidence: z.number(),
        falseGone: z.int(),
        falseAll: z.int(),
        trueKept: z.int(),
        trueAll: z.int(),
      }),
      z.object({ none: z.enum(['too_few', 'no_confidence', 'too_few_false', 'not_separable']), needed: z.int() }),
    ]),
  })
  .openapi('RulePrecision');
export type RulePrecision = z.infer<typeof rulePrecisionSchema>;
