import { z } from 'zod';
import { chainSchema, clockSchema, epochMsSchema, epochSchema, idSchema, laneSchema, seqSchema } from './primitives.js';

/** docs/protocol.md 1.1: what a unit says after it connected. */
export const helloSchema = z.object({
  v: z.literal(1),
  unitId: idSchema,
  connId: idSchema,
  bootId: idSchema,
  monoMs: z.number().min(0),
  at: epochMsSchema,
  protocol: z.object({ min: z.number().int().min(1), max: z.number().int().min(1) }),
  software: z.string().max(64),
  clock: clockSchema,
  streams: z.array(z.object({ lane: laneSchema, epoch: epochSchema, oldest: seqSchema, head: seqSchema })).max(16),
});
export type Hello = z.infer<typeof helloSchema>;

export const batchLimitsSchema = z.object({
  maxBatchBytes: z.number().int().min(1024),
  maxBatchRows: z.number().int().min(1),
});
export type BatchLimits = z.infer<typeof batchLimitsSchema>;
export const defaultBatchLimits: BatchLimits = { maxBatchBytes: 262_144, maxBatchRows: 1000 };

export const streamCursorSchema = z.object({
  lane: laneSchema,
  epoch: epochSchema,
  cursor: seqSchema,
  chain: chainSchema,
});
export type StreamCursor = z.infer<typeof streamCursorSchema>;

export const helloAnswerSchema = z.object({
  v: z.literal(1),
  connId: idSchema,
  protocol: z.number().int().nullable(),
  serverTime: epochMsSchema,
  /** `at` of the hello, so that the unit can halve the round trip when it sets its offset. */
  echoAt: epochMsSchema,
  streams: z.array(streamCursorSchema),
  limits: batchLimitsSchema,
  /** docs/protocol.md 5.3: the trust list's present version; another than the unit's own is fetched from the gateway. */
  trustVersion: z.string().max(64).optional(),
  error: z.string().max(500).optional(),
});
export type HelloAnswer = z.infer<typeof helloAnswerSchema>;

export const heartbeatSchema = z.object({
  v: z.literal(1),
  connId: idSchema,
  at: epochMsSchema,
  monoMs: z.number().min(0),
  clock: clockSchema,
  streams: z
    .array(z.object({ lane: laneSchema, pending: z.number().int().min(0), oldestAt: epochMsSchema.nullable() }))
    .max(16),
  disk: z.object({ freeBytes: z.number().min(0) }).nullable(),
  /** How long the unit can keep storing at its present rate; null: unknown. */
  runwayMs: z.number().min(0).nullable(),
  /** The same by kind of data, ms; null: not limited, or not known yet. `measuredMs`: how long the rates were watched. */
  runway: z
    .object({
      eventsMs: z.number().min(0).nullable(),
      telemetryMs: z.number().min(0).nullable(),
      evidenceMs: z.number().min(0).nullable(),
      measuredMs: z.number().min(0),
    })
    .optional(),
  /** When this unit's certificate ends; absent without one. */
  certificateEndsAt: epochMsSchema.optional(),
  memoryBytes: z.number().min(0),
  devices: z.object({
    online: z.number().int().min(0),
    offline: z.number().int().min(0),
    quarantined: z.number().int().min(0),
  }),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

export const unitPresenceSchema = z.object({
  v: z.literal(1),
  connId: idSchema,
  state: z.literal('offline'),
  reason: z.enum(['goodbye', 'will']),
});
export type UnitPresence = z.infer<typeof unitPresenceSchema>;

export const heartbeatIntervalMs = 15_000;
/** A unit nothing was heard of for this long is offline. */
export const unitSilentMs = 50_000;
