import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { repairOutcomes, severities } from '../tables.js';

const severity = z.enum(severities);
const instant = z.iso.datetime();

export const repairRuleSchema = z.object({
  /** Null: every hall without a rule of its own. */
  hallId: z.uuid().nullable(),
  fromSeverity: severity,
  kind: slugSchema,
  /** Level of the ticket by the alarm’s severity. */
  levels: z.partialRecord(severity, slugSchema),
  enabled: z.boolean(),
  afterSeconds: z.int().min(0).max(86_400).default(0).describe('How long the alarm stands before it opens a repair'),
  quietSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe('How long all its alarms must stay away before the repair is verified and closed'),
  reopenHours: z
    .int()
    .min(0)
    .max(720)
    .default(24)
    .describe('The same alarm within this time of the close reopens the repair; later it is a new one'),
  mostPerHour: z.int().min(1).max(1000).default(30).describe('New repairs; what is more waits, if it still stands'),
});
export type RepairRule = z.output<typeof repairRuleSchema>;
export const repairRulesSchema = z.object({ items: z.array(repairRuleSchema).max(500) });

export const repairLogLineSchema = z.object({
  alarmId: z.uuid(),
  what: z.enum(repairOutcomes).describe('`held`: too many in this hour; it waits'),
  at: instant,
  raisedAt: instant,
  clearedAt: instant.nullable(),
  message: z.object({ zh: z.string(), en: z.string().optional() }),
  severity,
  hallName: z.string(),
  device: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  ticket: z.object({ id: z.uuid(), number: z.string() }).nullable(),
});
export const repairLogSchema = z.object({
  items: z.array(repairLogLineSchema),
  heldNow: z.int().describe('Alarms that stand and wait for the next hour'),
});
export type RepairLog = z.infer<typeof repairLogSchema>;

export const deviceRepairSchema = z.object({
  ticketId: z.uuid(),
  number: z.string(),
  title: z.string(),
  state: z.object({ zh: z.string(), en: z.string().optional() }),
  outcome: z.enum(['closed', 'cancelled', 'merged']).nullable(),
  madeAt: instant,
  repairedAt: instant.nullable(),
  endedAt: instant.nullable(),
  tookMs: z.int().nullable().describe('From the report until it was repaired'),
  alarms: z.int(),
  reopened: z.int(),
  replaceAdvised: z.boolean(),
  cause: z.object({ zh: z.string(), en: z.string().optional() }).nullable(),
  method: z.object({ zh: z.string(), en: z.string().optional() }).nullable(),
  diagnosis: z.string().nullable(),
  result: z.string().nullable(),
  parts: z.string().nullable(),
  partsCost: z.int().nullable().describe('Fen'),
});
export const deviceRepairsSchema = z
  .object({
    items: z.array(deviceRepairSchema).describe('Newest first, 200 at most'),
    total: z.int().describe('Those that the reader may see; the figures are of them'),
    elsewhere: z.int().describe('Of halls in which the reader may see none'),
    repaired: z.int(),
    meanTimeToRepairMs: z.int().nullable().describe('Of all that were repaired: report until repaired'),
    partsCost: z.int().describe('Fen, of all'),
    failures: z
      .int()
      .describe(
        'Of the device, wherever it stood, within the last 30 days; each reopening counted too; cancelled and merged ones are none',
      ),
    replaceAdvised: z.boolean().describe('Three failures within 30 days'),
  })
  .openapi('DeviceRepairs');
export type DeviceRepairs = z.infer<typeof deviceRepairsSchema>;

export const devicesToReplaceSchema = z
  .object({
    items: z
      .array(
        z.object({
          ...{ deviceId: z.uuid(), name: z.string(), hallId: z.uuid(), hallName: z.string() },
          failures: z.int().describe('Within the last 30 days, each reopening counted too'),
          lastAt: instant,
        }),
      )
      .describe('The worst first, 100 at most'),
  })
  .openapi('DevicesToReplace');
export type DevicesToReplace = z.infer<typeof devicesToReplaceSchema>;
