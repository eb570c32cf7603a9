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
    batchId: z.uuid().nullable(),
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

export const skipReasons = ['not_found', 'forbidden', 'not_active', 'unsupported', 'invalid_input'] as const;
export type SkipReason = (typeof skipReasons)[number];

export const maxBatchTargets = 1_000;

export const issueBatchSchema = issueCommandSchema.extend({
  targets: z.union([
    z.strictObject({ deviceIds: z.array(z.uuid()).min(1).max(maxBatchTargets) }),
    z.strictObject({
      filter: z
        .strictObject({
          hallId: z.uuid().optional(),
          unitId: z.uuid().optional(),
          profileId: z.string().min(1).max(200).optional(),
          deviceClass: z.string().min(1).max(64).optional(),
        })
        .refine((filter) => Object.keys(filter).length > 0, 'Name a hall, a unit, a model or a class'),
    }),
  ]),
});
export type IssueBatch = z.infer<typeof issueBatchSchema>;

const count = z.int().min(0);
export const commandBatchDtoSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    label: labelSchema.nullable(),
    input: json,
    issuedBy: z.object({ id: z.uuid().nullable(), name: z.string() }),
    issuedAt: instant,
    deadlineAt: instant,
    cancelledAt: instant.nullable(),
    total: count.describe('Devices that got a command, and are in reach'),
    finished: count,
    states: z.partialRecord(z.enum(commandStates), count),
    skipped: z.array(z.object({ deviceId: z.uuid(), deviceName: z.string().nullable(), reason: z.enum(skipReasons) })),
  })
  .openapi('CommandBatch');
export type CommandBatchDto = z.infer<typeof commandBatchDtoSchema>;
