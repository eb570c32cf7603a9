import { labelSchema } from '@hallhub/shared';
import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { ruleKinds } from './tables.js';

const instant = z.iso.datetime();
const value = z.union([z.number(), z.string(), z.boolean()]);

export const alarmDtoSchema = z
  .object({
    id: z.uuid(),
    hallId: z.uuid(),
    hallName: z.string(),
    unitId: z.uuid(),
    unitName: z.string(),
    deviceId: z.uuid().nullable(),
    deviceName: z.string().nullable(),
    rule: z.object({
      source: z.enum(['hall', 'profile', 'default']).describe('Who wrote it: people, the device profile, HallHub'),
      id: z.uuid().nullable().describe('The rule of the hall'),
      kind: z.enum([...ruleKinds, 'event']),
      property: z.string().nullable(),
      op: z.enum(['gt', 'lt', 'eq']).nullable(),
      limit: value.nullable(),
      event: z.string().nullable(),
    }),
    state: z.enum(['open', 'acknowledged', 'cleared']),
    severity: z.enum(severities),
    message: labelSchema,
    value: value.nullable(),
    raisedAt: instant,
    lastAt: instant,
    acknowledgedAt: instant.nullable(),
    acknowledgedBy: z.string().nullable(),
    note: z.string().nullable(),
    clearedAt: instant.nullable(),
    count: z.int(),
    version: z.int(),
  })
  .openapi('Alarm');
export type AlarmDto = z.infer<typeof alarmDtoSchema>;

export const alarmStepSchema = z.object({
  step: z.enum(['raised', 'acknowledged', 'noted', 'cleared']),
  at: instant,
  by: z.string().nullable(),
  note: z.string().nullable(),
  value: value.nullable(),
});
export const alarmDetailSchema = alarmDtoSchema.extend({ steps: z.array(alarmStepSchema) }).openapi('AlarmDetail');
export type AlarmDetail = z.infer<typeof alarmDetailSchema>;

export const alarmRuleDtoSchema = z
  .object({
    id: z.uuid(),
    hallId: z.uuid(),
    deviceId: z.uuid().nullable(),
    profileId: z.string().nullable(),
    kind: z.enum(ruleKinds),
    property: z.string().nullable(),
    propertyLabel: labelSchema.nullable().describe('What the device’s profile calls it; null while none is known'),
    propertyUnit: z.string().nullable().describe('UCUM code'),
    op: z.enum(['gt', 'lt']).nullable(),
    limit: z.number().nullable(),
    clearLimit: z.number().nullable(),
    forMs: z.int(),
    severity: z.enum(severities),
    label: labelSchema,
    enabled: z.boolean(),
    version: z.int(),
  })
  .openapi('AlarmRule');
export type AlarmRuleDto = z.infer<typeof alarmRuleDtoSchema>;

const ruleFields = {
  property: z.string().min(1).max(64).nullable().default(null),
  op: z.enum(['gt', 'lt']).nullable().default(null),
  limit: z.number().nullable().default(null),
  clearLimit: z.number().nullable().default(null),
  forMs: z.int().min(0).max(86_400_000).default(0).describe('How long the condition has to hold.'),
  severity: z.enum(severities).default('warning'),
  label: labelSchema,
  enabled: z.boolean().default(true),
};

export const createAlarmRuleSchema = z.object({
  hallId: z.uuid(),
  deviceId: z.uuid().nullable().default(null),
  profileId: z.string().min(1).max(200).nullable().default(null),
  kind: z.enum(ruleKinds),
  ...ruleFields,
});
export type CreateAlarmRule = z.output<typeof createAlarmRuleSchema>;

export const updateAlarmRuleSchema = z.object({
  op: z.enum(['gt', 'lt']).optional(),
  limit: z.number().optional(),
  clearLimit: z.number().nullable().optional(),
  forMs: z.int().min(0).max(86_400_000).optional(),
  severity: z.enum(severities).optional(),
  label: labelSchema.optional(),
  enabled: z.boolean().optional(),
});
export type UpdateAlarmRule = z.output<typeof updateAlarmRuleSchema>;
