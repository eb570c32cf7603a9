import { z } from 'zod';
import { gapReasons } from './batch.js';
import { commandStateSchema } from './commands.js';
import { evidenceMediaTypeSchema, maxEvidenceBytes } from './evidence.js';
import {
  chainSchema,
  epochMsSchema,
  epochSchema,
  idSchema,
  jsonObjectSchema,
  laneSchema,
  nameSchema,
  seqSchema,
  wireErrorSchema,
} from './primitives.js';

/** docs/protocol.md 1.4. Every row has `kind` and `at`. */
const base = { at: epochMsSchema };

export const valueSchema = z.union([z.number(), z.string().max(4096), z.boolean(), z.null()]);
export type Value = z.infer<typeof valueSchema>;

export const sampleRowSchema = z.object({
  ...base,
  kind: z.literal('sample'),
  deviceId: idSchema,
  values: z.record(nameSchema, valueSchema),
  quality: z.record(nameSchema, z.enum(['uncertain', 'bad'])).optional(),
});

export const deviceStates = ['quarantined', 'active', 'refused', 'retired'] as const;
export const deviceProtocols = ['mqtt', 'modbus', 'serial', 'onvif'] as const;

export const deviceIdentitySchema = z.object({
  vendor: z.string().min(1).max(100),
  model: z.string().min(1).max(100),
  serial: z.string().min(1).max(100),
  firmware: z.string().max(100).optional(),
  hardware: z.string().max(100).optional(),
});
export type DeviceIdentity = z.infer<typeof deviceIdentitySchema>;

export const profileRefSchema = z.object({
  /** `vendor/model` */
  id: z.string().min(1).max(200),
  version: z.string().max(32),
  hash: chainSchema,
});
export type ProfileRef = z.infer<typeof profileRefSchema>;

export const deviceRowSchema = z.object({
  ...base,
  kind: z.literal('device'),
  deviceId: idSchema,
  /** Grows by one with every change; the cloud keeps the highest. */
  revision: z.number().int().min(1),
  state: z.enum(deviceStates),
  identity: deviceIdentitySchema,
  deviceClass: z.string().max(64),
  name: z.string().max(200).optional(),
  counterId: idSchema.nullish(),
  protocol: z.enum(deviceProtocols),
  address: z.string().max(300),
  profile: profileRefSchema.optional(),
  reason: z.string().max(500).optional(),
});

export const profileRowSchema = z.object({
  ...base,
  kind: z.literal('profile'),
  hash: chainSchema,
  document: jsonObjectSchema,
});

export const presenceStates = ['online', 'degraded', 'offline'] as const;
export const presenceReasons = [
  'joined',
  'traffic',
  'poll_ok',
  'will',
  'goodbye',
  'silent',
  'poll_failed',
  'link_down',
  'refused',
  'adapter_stopped',
  'agent_started',
  'partial',
] as const;

export const evidenceSchema = z.object({
  check: z.string().max(64),
  ok: z.boolean(),
  at: epochMsSchema,
  detail: z.string().max(500).optional(),
});

export const presenceRowSchema = z.object({
  ...base,
  kind: z.literal('presence'),
  deviceId: idSchema,
  state: z.enum(presenceStates),
  reason: z.enum(presenceReasons),
  detail: z.string().max(500).optional(),
  evidence: z.array(evidenceSchema).max(16),
});

export const severities = ['info', 'notice', 'warning', 'critical'] as const;

export const eventRowSchema = z.object({
  ...base,
  kind: z.literal('event'),
  id: idSchema,
  deviceId: idSchema,
  event: nameSchema,
  severity: z.enum(severities),
  data: jsonObjectSchema,
  deviceAt: epochMsSchema.optional(),
});

export const commandRowSchema = z.object({
  ...base,
  kind: z.literal('command'),
  commandId: idSchema,
  state: commandStateSchema,
  output: jsonObjectSchema.optional(),
  error: wireErrorSchema.optional(),
});

export const gapRowSchema = z.object({
  ...base,
  kind: z.literal('gap'),
  reason: z.enum(gapReasons),
  fromSeq: seqSchema.optional(),
  toSeq: seqSchema.optional(),
  count: seqSchema.optional(),
  previousEpoch: epochSchema.optional(),
});

export const sealRowSchema = z.object({
  ...base,
  kind: z.literal('seal'),
  lane: laneSchema,
  epoch: epochSchema,
  /** Start of the hour of append, epoch ms. */
  hour: epochMsSchema,
  firstSeq: seqSchema,
  lastSeq: seqSchema,
  count: seqSchema,
  chain: chainSchema,
});

export const faultRowSchema = z.object({
  ...base,
  kind: z.literal('fault'),
  code: z.string().max(64),
  message: z.string().max(2000),
  context: jsonObjectSchema.optional(),
});

/** docs/protocol.md 6: a file that belongs to an event or a device; its bytes follow by tus or in a bundle. */
export const evidenceRowSchema = z.object({
  ...base,
  kind: z.literal('evidence'),
  id: idSchema,
  deviceId: idSchema,
  eventId: idSchema.optional(),
  /** For people. */
  name: z.string().min(1).max(200),
  mediaType: evidenceMediaTypeSchema,
  bytes: z.number().int().min(1).max(maxEvidenceBytes),
  sha256: chainSchema,
  madeAt: epochMsSchema,
  /** The unit has the file no more, and the cloud will not get it. */
  givenUp: z.enum(['space', 'limit', 'lost', 'damaged']).optional(),
});

export const rowSchema = z.discriminatedUnion('kind', [
  sampleRowSchema,
  deviceRowSchema,
  profileRowSchema,
  presenceRowSchema,
  eventRowSchema,
  commandRowSchema,
  gapRowSchema,
  sealRowSchema,
  faultRowSchema,
  evidenceRowSchema,
]);

export type SampleRow = z.infer<typeof sampleRowSchema>;
export type DeviceRow = z.infer<typeof deviceRowSchema>;
export type ProfileRow = z.infer<typeof profileRowSchema>;
export type PresenceRow = z.infer<typeof presenceRowSchema>;
export type EventRow = z.infer<typeof eventRowSchema>;
export type CommandRow = z.infer<typeof commandRowSchema>;
export type GapRow = z.infer<typeof gapRowSchema>;
export type SealRow = z.infer<typeof sealRowSchema>;
export type EvidenceRow = z.infer<typeof evidenceRowSchema>;
export type FaultRow = z.infer<typeof faultRowSchema>;
export type Row = z.infer<typeof rowSchema>;
export type PresenceState = (typeof presenceStates)[number];
export type PresenceReason = (typeof presenceReasons)[number];
export type DeviceState = (typeof deviceStates)[number];
export type DeviceProtocol = (typeof deviceProtocols)[number];
export type Severity = (typeof severities)[number];
