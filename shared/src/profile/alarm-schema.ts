import { z } from 'zod';
import { labelSchema } from '../label.js';
import { severitySchema } from '../thing/thing-model.js';
import { thingIdSchema } from '../thing/value-shape.js';
import { literalSchema } from './transform-schema.js';

const alarmShape = {
  id: thingIdSchema,
  label: labelSchema,
  severity: severitySchema,
  advice: labelSchema.optional().describe('What the person who gets the alarm should do.'),
} as const;

/** Raised when a property passes a limit or takes a value; cleared when it is back by the hysteresis. */
export const thresholdAlarmSchema = z
  .strictObject({
    ...alarmShape,
    kind: z.literal('threshold'),
    property: thingIdSchema,
    above: z.number().optional(),
    below: z.number().optional(),
    equals: literalSchema.optional(),
    hysteresis: z.number().nonnegative().default(0).describe('How far back the value has to come, in its unit.'),
    forMs: z.int().min(0).max(86_400_000).default(0).describe('The condition has to last this long.'),
    clearForMs: z.int().min(0).max(86_400_000).default(0),
  })
  .superRefine((alarm, ctx) => {
    const given = [alarm.above, alarm.below, alarm.equals].filter((one) => one !== undefined).length;
    if (given !== 1)
      ctx.addIssue({ code: 'custom', message: 'a threshold has one of above, below, equals', path: ['id'] });
  });

export const offlineAlarmSchema = z.strictObject({
  ...alarmShape,
  kind: z.literal('offline'),
  afterMs: z.int().min(1_000).max(604_800_000).default(60_000),
});

export const eventAlarmSchema = z.strictObject({
  ...alarmShape,
  kind: z.literal('event'),
  event: thingIdSchema,
  clearBy: thingIdSchema.optional().describe('The event that clears it; without one a person does.'),
});

export const alarmRuleSchema = z.discriminatedUnion('kind', [
  thresholdAlarmSchema,
  offlineAlarmSchema,
  eventAlarmSchema,
]);
export type AlarmRule = z.infer<typeof alarmRuleSchema>;
export type ThresholdAlarm = z.infer<typeof thresholdAlarmSchema>;
export type OfflineAlarm = z.infer<typeof offlineAlarmSchema>;
export type EventAlarm = z.infer<typeof eventAlarmSchema>;
