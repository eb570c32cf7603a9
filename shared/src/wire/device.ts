import { z } from 'zod';
import { epochMsSchema, idSchema, jsonObjectSchema, nameSchema, wireErrorSchema } from './primitives.js';
import { deviceIdentitySchema, valueSchema } from './rows.js';

/** docs/protocol.md 3: between a device made for HallHub and its unit. */
export const joinRequestSchema = deviceIdentitySchema.extend({
  v: z.literal(1),
  claim: z.string().regex(/^[A-Za-z0-9_-]{22,128}$/, 'base64url of at least 16 bytes'),
});
export type JoinRequest = z.infer<typeof joinRequestSchema>;

export const joinReplySchema = z.discriminatedUnion('status', [
  z.object({
    v: z.literal(1),
    status: z.literal('accepted'),
    deviceId: idSchema,
    credential: z.object({ userName: z.string(), password: z.string() }),
  }),
  z.object({
    v: z.literal(1),
    status: z.literal('pending'),
    deviceId: idSchema,
    retryAfterMs: z.number().int().min(0),
  }),
  z.object({
    v: z.literal(1),
    status: z.literal('refused'),
    reason: z.enum(['closed', 'refused', 'claim_mismatch', 'delivered', 'malformed', 'too_many']),
    retryAfterMs: z.number().int().min(0),
  }),
]);
export type JoinReply = z.infer<typeof joinReplySchema>;

export const deviceTelemetrySchema = z.object({
  at: epochMsSchema.optional(),
  values: z.record(nameSchema, valueSchema),
});
export const deviceEventSchema = z.object({
  id: idSchema.optional(),
  at: epochMsSchema.optional(),
  event: nameSchema,
  data: jsonObjectSchema.default({}),
});
export const deviceStateSchema = z.object({ online: z.boolean(), firmware: z.string().max(100).optional() });
export const deviceCommandSchema = z.object({
  id: idSchema,
  command: nameSchema,
  input: jsonObjectSchema,
  remainingMs: z.number().int().min(0),
});
export const deviceReplySchema = z.discriminatedUnion('ok', [
  z.object({ id: idSchema, ok: z.literal(true), output: jsonObjectSchema.optional() }),
  z.object({ id: idSchema, ok: z.literal(false), error: wireErrorSchema }),
]);

export const maxDevicePayloadBytes = 262_144;
