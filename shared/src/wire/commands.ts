import { z } from 'zod';
import { epochMsSchema, idSchema, jsonObjectSchema, nameSchema } from './primitives.js';

export const commandStates = [
  'queued',
  'sent',
  'received',
  'running',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const;
export const commandStateSchema = z.enum(commandStates);
export type CommandState = z.infer<typeof commandStateSchema>;

export const isFinalCommandState = (state: CommandState): boolean =>
  ['succeeded', 'failed', 'expired', 'cancelled', 'unknown'].includes(state);

const rank: Record<CommandState, number> = {
  queued: 0,
  sent: 1,
  received: 2,
  running: 3,
  succeeded: 4,
  failed: 4,
  expired: 4,
  cancelled: 4,
  unknown: 4,
};

/** docs/protocol.md 2: a later state never goes back; final states stay, but for a provisional `unknown`. */
export const mayFollow = (from: { state: CommandState; provisional?: boolean }, to: CommandState): boolean => {
  if (from.state === 'unknown' && from.provisional) return isFinalCommandState(to);
  return !isFinalCommandState(from.state) && rank[to] > rank[from.state];
};

export const commandTargetSchema = z.union([
  z.strictObject({ deviceId: idSchema }),
  z.strictObject({ unit: z.literal(true) }),
]);

/** docs/protocol.md 2: what goes down on `down/command`. */
export const commandMessageSchema = z.object({
  v: z.literal(1),
  type: z.literal('command'),
  id: idSchema,
  target: commandTargetSchema,
  name: nameSchema,
  input: jsonObjectSchema,
  /** Milliseconds until the deadline, counted from receipt. */
  remainingMs: z
    .number()
    .int()
    .min(0)
    .max(7 * 86_400_000),
  issuedAt: epochMsSchema,
});
export type CommandMessage = z.infer<typeof commandMessageSchema>;

export const cancelMessageSchema = z.object({ v: z.literal(1), type: z.literal('cancel'), id: idSchema });

export const downCommandSchema = z.discriminatedUnion('type', [commandMessageSchema, cancelMessageSchema]);
export type DownCommand = z.infer<typeof downCommandSchema>;

/** Commands to the unit itself, by name. */
export const unitCommandInputs = {
  'device.approve': z.strictObject({
    deviceId: idSchema,
    name: z.string().min(1).max(200).optional(),
    counterId: idSchema.nullish(),
    profileId: z.string().max(200).optional(),
  }),
  'device.refuse': z.strictObject({ deviceId: idSchema, reason: z.string().max(500).optional() }),
  'device.update': z.strictObject({
    deviceId: idSchema,
    name: z.string().min(1).max(200).optional(),
    counterId: idSchema.nullish(),
  }),
  'device.retire': z.strictObject({ deviceId: idSchema }),
  'join.policy': z.strictObject({ policy: z.enum(['closed', 'approve', 'window']), untilMs: epochMsSchema.optional() }),
  'registry.resync': z.strictObject({}),
} as const;
export type UnitCommandName = keyof typeof unitCommandInputs;
