import { liveForms, watchStates } from '@hallhub/shared/vision';
import { clockSchema, deviceProtocols, epochMsSchema, idSchema, laneSchema } from '@hallhub/shared/wire';
import { z } from 'zod';

export const uplinkStates = ['disabled', 'connecting', 'greeting', 'online', 'refused', 'waiting', 'stopped'] as const;
export const uplinkStatusSchema = z.object({
  state: z.enum(uplinkStates),
  since: epochMsSchema,
  reason: z.string().optional(),
  url: z.string().optional(),
  /** When the next attempt is made, epoch ms. */
  nextAttemptAt: epochMsSchema.optional(),
  attempts: z.number().int(),
  ignoredMessages: z.number().int(),
});

export const laneStatusSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  /** Lowest seq still here, highest written, last acknowledged. */
  oldest: z.number().int(),
  head: z.number().int(),
  acknowledged: z.number().int(),
  pending: z.number().int(),
  pendingBytes: z.number().int(),
  oldestAt: epochMsSchema.nullable(),
  inFlight: z.object({ firstSeq: z.number().int(), count: z.number().int(), since: epochMsSchema }).nullable(),
  batchRows: z.number().int(),
  gaps: z.array(z.object({ fromSeq: z.number().int(), toSeq: z.number().int(), reason: z.string() })),
  maxRows: z.number().int(),
  maxBytes: z.number().int(),
  /** Rows of a new epoch that wait for their chain. */
  unchained: z.number().int(),
});

export const linkStatusSchema = z.object({
  /** What the line carries, as far as it bounds anything; null: enough, or not known. */
  bytesPerSecond: z.number().nullable(),
  maxBytesPerSecond: z.number().nullable(),
  roundTripMs: z.number().nullable(),
  lowData: z.boolean(),
  sentBytes: z.number(),
});

export const spaceStatusSchema = z.object({
  state: z.enum(['unknown', 'enough', 'low', 'exhausted']),
  freeBytes: z.number().nullable(),
  minFreeBytes: z.number(),
  fileBytes: z.number(),
  thinnedRows: z.number(),
  thinnedBytes: z.number(),
  givenBackBytes: z.number(),
  /** Rows given up since the start, by lane; those at a lane's own bound included. */
  thinned: z.partialRecord(laneSchema, z.number()),
});

export const runwaySchema = z.object({
  measuredMs: z.number(),
  kinds: z.array(
    z.object({
      kind: z.enum(['events', 'telemetry', 'evidence']),
      /** Null: not limited, or not known yet. */
      ms: z.number().nullable(),
      rowsPerHour: z.number(),
      bytesPerHour: z.number(),
      limitedBy: z.enum(['disk', 'lane_rows', 'lane_bytes', 'nothing', 'unknown']),
    }),
  ),
  alarm: z.object({ belowMs: z.number(), isRaised: z.boolean() }),
});

export const adapterStatusSchema = z.object({
  id: z.string(),
  protocol: z.enum(deviceProtocols),
  state: z.enum(['starting', 'running', 'waiting', 'failed', 'stopped']),
  since: epochMsSchema,
  reason: z.string().optional(),
});

export const joinPolicySchema = z.object({
  policy: z.enum(['closed', 'approve', 'window']),
  until: epochMsSchema.optional(),
});

/** docs/protocol.md 5: who this unit is to the cloud. Times are epoch ms. */
export const identityStatusSchema = z.object({
  /** `secret`: enrolled before there were certificates. `refused`: the cloud does not want it any more. */
  state: z.enum(['absent', 'secret', 'damaged', 'ready', 'refused', 'expired']),
  reason: z.string().optional(),
  hint: z.string().optional(),
  issuedAt: epochMsSchema.optional(),
  endsAt: epochMsSchema.optional(),
  renewAt: epochMsSchema.optional(),
  /** Why the last attempt to renew it failed. */
  renewFailure: z.string().optional(),
  /** When a refused unit asks again. */
  nextTryAt: epochMsSchema.optional(),
  gateway: z.string().optional(),
  /** What the cloud called the unit and its hall when it was enrolled. */
  enrolledAs: z.object({ name: z.string(), hallName: z.string(), at: epochMsSchema }).optional(),
  /** CAs the unit trusts; the one that issues comes first. */
  cas: z.array(z.object({ name: z.string(), fingerprint: z.string(), endsAt: epochMsSchema })),
  trustVersion: z.string().optional(),
  /** When the cloud took the last snapshot, and why it does not take the next one. */
  snapshotAt: epochMsSchema.optional(),
  snapshotFailure: z.string().optional(),
  /** How the last replacement went: devices taken over, addresses that this machine has not. */
  replaced: z
    .object({
      at: epochMsSchema,
      madeAt: epochMsSchema.nullable(),
      devices: z.number().int(),
      missing: z.array(z.string()),
      failure: z.string().optional(),
    })
    .optional(),
});
export type IdentityStatus = z.infer<typeof identityStatusSchema>;

export const visionFiguresSchema = z.object({
  process: z.enum(['off', 'starting', 'running', 'waiting']),
  restarts: z.number().int(),
  memoryBytes: z.number().nullable(),
  /** Cameras that are set up, by state. */
  cameras: z.partialRecord(z.enum(watchStates), z.number().int()),
  /** Null: no model, or nothing was looked at yet. */
  inference: z.object({ p50Ms: z.number(), p95Ms: z.number() }).nullable(),
  /** Pictures for which the detector had no time, since the child's start. */
  skipped: z.number().int(),
  /** Findings that wait for pictures, a clip or their end. */
  waiting: z.number().int(),
  /** Streams that go up because somebody looks. */
  live: z.array(z.object({ deviceId: idSchema, form: z.enum(liveForms), quality: z.enum(['full', 'small', 'busy']) })),
  /** Of live pictures, since the agent's start. */
  liveBytes: z.number(),
});

export const statusSchema = z.object({
  unitId: z.string().optional(),
  name: z.string(),
  software: z.string(),
  pid: z.number().int(),
  bootId: idSchema,
  startedAt: epochMsSchema,
  dataDir: z.string(),
  uplink: uplinkStatusSchema,
  identity: identityStatusSchema.optional(),
  clock: clockSchema,
  /** Why the clock is believed or not. */
  clockReason: z.enum(['not_compared', 'agrees', 'off', 'cloud_disagrees', 'implausible']).optional(),
  lanes: z.array(laneStatusSchema),
  broker: z.object({
    state: z.enum(['running', 'failed', 'external']),
    url: z.string(),
    clients: z.number().int(),
    reason: z.string().optional(),
  }),
  adapters: z.array(adapterStatusSchema),
  store: z.object({ state: z.enum(['ok', 'full', 'unwritable', 'recovered']), reason: z.string().optional() }),
  join: joinPolicySchema,
  devices: z.object({
    active: z.number().int(),
    quarantined: z.number().int(),
    online: z.number().int(),
    offline: z.number().int(),
    degraded: z.number().int(),
  }),
  profiles: z.object({ loaded: z.number().int(), broken: z.number().int() }),
  memoryBytes: z.number(),
  disk: z.object({ freeBytes: z.number() }).nullable(),
  /** How long the unit can go on storing at its present rate without the cloud; null: not known. */
  runwayMs: z.number().nullable(),
  link: linkStatusSchema,
  /** Null: no camera is set up. */
  vision: visionFiguresSchema.nullable(),
});
export type AgentStatus = z.infer<typeof statusSchema>;
export type VisionFigures = z.infer<typeof visionFiguresSchema>;
export type LaneStatus = z.infer<typeof laneStatusSchema>;
export type LinkStatus = z.infer<typeof linkStatusSchema>;
export type SpaceStatus = z.infer<typeof spaceStatusSchema>;
export type RunwayStatus = z.infer<typeof runwaySchema>;
