import { labelSchema } from '@hallhub/shared';
import { commandStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();
const json = z.record(z.string(), z.unknown());

export const commandDtoSchema = z
  .object({
    id: z.uuid(),
    target: z.object({
      unitId: z.uuid(),
      unitName: z.string(),
      /** True for a command to the unit itself. */
      unit: z.boolean(),
      deviceId: z.uuid().nullable(),
      deviceName: z.string().nullable(),
    }),
    hallId: z.uuid(),
    name: z.string(),
    label: labelSchema.nullable(),
    input: json,
    state: z.enum(commandStates),
    provisional: z.boolean(),
    cancelAskedAt: instant.nullable(),
    output: json.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    issuedBy: z.object({ id: z.uuid().nullable(), name: z.string() }),
    issuedAt: instant,
    deadlineAt: instant,
    finishedAt: instant.nullable(),
    steps: z.array(
      z.object({
        state: z.enum(commandStates),
        provisional: z.boolean(),
        at: instant,
        receivedAt: instant,
        source: z.enum(['cloud', 'unit']),
        applied: z.boolean(),
      }),
    ),
  })
  .openapi('Command');
export type CommandDto = z.infer<typeof commandDtoSchema>;

export const issueCommandSchema = z.object({
  name: z.string().min(1).max(64),
  input: z.record(z.string().max(128), z.json()).default({}).openapi({ type: 'object', additionalProperties: true }),
  deadlineMs: z
    .int()
    .min(1_000)
    .max(7 * 86_400_000)
    .optional()
    .describe('How long it may take until it runs, from now; default: 30 s, or as long as the command itself may take'),
});
export type IssueCommand = z.infer<typeof issueCommandSchema>;
