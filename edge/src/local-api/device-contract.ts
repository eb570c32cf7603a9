import {
  commandStateSchema,
  deviceIdentitySchema,
  deviceProtocols,
  deviceStates,
  epochMsSchema,
  evidenceSchema,
  idSchema,
  jsonObjectSchema,
  presenceReasons,
  presenceStates,
  profileRefSchema,
  valueSchema,
  wireErrorSchema,
} from '@hallhub/shared/wire';
import { z } from 'zod';

export const deviceSummarySchema = z.object({
  deviceId: idSchema,
  revision: z.number().int(),
  state: z.enum(deviceStates),
  reason: z.string().optional(),
  identity: deviceIdentitySchema,
  deviceClass: z.string(),
  name: z.string().optional(),
  counterId: z.string().optional(),
  protocol: z.enum(deviceProtocols),
  adapterId: z.string(),
  address: z.string(),
  profile: profileRefSchema.optional(),
  presence: z.enum(presenceStates),
  presenceReason: z.enum(presenceReasons).optional(),
  presenceSince: epochMsSchema.optional(),
  lastHeardAt: epochMsSchema.optional(),
});

export const lastValueSchema = z.object({
  value: valueSchema,
  at: epochMsSchema,
  quality: z.enum(['good', 'uncertain', 'bad']),
});

export const asideEntrySchema = z.object({
  at: epochMsSchema,
  deviceId: z.string().optional(),
  source: z.string(),
  reason: z.string(),
  /** UTF-8 text where it is that, else base64 with `binary: true`; cut at 4 KiB. */
  payload: z.string(),
  binary: z.boolean(),
});

export const commandStatusSchema = z.object({
  commandId: idSchema,
  deviceId: z.string().optional(),
  name: z.string(),
  state: commandStateSchema,
  at: epochMsSchema,
  output: jsonObjectSchema.optional(),
  error: wireErrorSchema.optional(),
});

export const deviceDetailSchema = deviceSummarySchema.extend({
  values: z.record(z.string(), lastValueSchema),
  evidence: z.array(evidenceSchema),
  /** The thing model of its profile (properties, events, commands), as in the profile. */
  thing: jsonObjectSchema.optional(),
  commands: z.array(commandStatusSchema),
  aside: z.array(asideEntrySchema),
  /** Serial known under another claim: somebody has to look. */
  conflict: z.string().optional(),
});

export const watchItemSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('reading'),
    at: epochMsSchema,
    deviceId: idSchema,
    values: z.record(z.string(), valueSchema),
    quality: z.record(z.string(), z.enum(['uncertain', 'bad'])).optional(),
    /** False: within the dead band, kept here and not sent up. */
    reported: z.boolean(),
  }),
  z.object({
    kind: z.literal('event'),
    at: epochMsSchema,
    deviceId: idSchema,
    event: z.string(),
    severity: z.string(),
    data: jsonObjectSchema,
  }),
  z.object({
    kind: z.literal('presence'),
    at: epochMsSchema,
    deviceId: idSchema,
    state: z.enum(presenceStates),
    reason: z.enum(presenceReasons),
    detail: z.string().optional(),
  }),
  z.object({ kind: z.literal('device'), at: epochMsSchema, device: deviceSummarySchema }),
  z.object({ kind: z.literal('command'), at: epochMsSchema, command: commandStatusSchema }),
  z.object({ kind: z.literal('aside'), at: epochMsSchema, entry: asideEntrySchema }),
]);
export type WatchItem = z.infer<typeof watchItemSchema>;

export const foundItemSchema = z.object({
  adapterId: z.string(),
  protocol: z.enum(deviceProtocols),
  address: z.string(),
  identity: deviceIdentitySchema,
  certainty: z.enum(['certain', 'likely', 'unknown']),
  /** Best-matching profile, `vendor/model`. */
  profileId: z.string().optional(),
  detail: z.string().optional(),
  /** Set when the unit knows it already. */
  deviceId: z.string().optional(),
  state: z.enum(deviceStates).optional(),
});
