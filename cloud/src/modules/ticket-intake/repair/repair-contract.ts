import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

const severity = z.enum(['info', 'notice', 'warning', 'critical']);
export const repairRuleSchema = z.object({
  /** Null: every hall without a rule of its own. */
  hallId: z.uuid().nullable(),
  fromSeverity: severity,
  kind: slugSchema,
  /** Level of the ticket by the alarm’s severity. */
  levels: z.partialRecord(severity, slugSchema),
  enabled: z.boolean(),
});
export type RepairRule = z.infer<typeof repairRuleSchema>;
export const repairRulesSchema = z.object({ items: z.array(repairRuleSchema).max(500) });
