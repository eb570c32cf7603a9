import { errorCodes, labelSchema } from '@hallhub/shared';
import {
  clockSchema,
  commandStateSchema,
  deviceIdentitySchema,
  deviceProtocols,
  deviceStates,
  epochMsSchema,
  evidenceSchema,
  idSchema,
  jsonObjectSchema,
  laneSchema,
  maxBundleBytes,
  maxReceiptBytes,
  nameSchema,
  presenceReasons,
  presenceStates,
  profileRefSchema,
  valueSchema,
  wireErrorSchema,
} from '@hallhub/shared/wire';
import { z } from 'zod';
import {
  drillKindSchema,
  drillLookSchema,
  drillOfferSchema,
  drillReportSchema,
  drillStateSchema,
} from '../drill/drill-contract.js';
import { ownProofSchema } from '../proof/own-proof.js';

/**
 * Between `hub` and the agent: JSON, one object a line, over the unix socket. A request is answered by any number of
 * items (streams only) and one result or error. Closing the connection cancels what runs on it.
 *
 *     > {"id":1,"method":"devices.list","params":{}}
 *     < {"id":1,"result":{"devices":[…]}}
 *     > {"id":2,"method":"devices.watch","params":{"device":"queue"}}
 *     < {"id":2,"item":{…}}   …   > {"id":2,"cancel":true}   < {"id":2,"result":{}}
 */
export const requestSchema = z.union([
  z.strictObject({ id: z.number().int().min(0), cancel: z.literal(true) }),
  z.strictObject({ id: z.number().int().min(0), method: z.string().max(64), params: jsonObjectSchema.default({}) }),
]);
export type LocalRequest = z.infer<typeof requestSchema>;

export const localErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string().optional(),
  context: jsonObjectSchema.optional(),
});
export const responseSchema = z.union([
  z.object({ id: z.number(), item: z.json() }),
  z.object({ id: z.number(), result: z.json() }),
  z.object({ id: z.number().nullable(), error: localErrorSchema }),
]);
export type LocalResponse = z.infer<typeof responseSchema>;

export const maxRequestBytes = 1_048_576;

/** A device id, the unambiguous start of one, a name or a serial. */
const deviceRef = z.string().min(1).max(200);
const nothing = z.strictObject({});

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

export const rowAsideSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  seq: z.number().int(),
  at: epochMsSchema,
  putAt: epochMsSchema,
  reason: z.string(),
  row: z.string(),
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

export const enrolmentSchema = z.object({
  unitId: z.string(),
  name: z.string(),
  hallName: z.string(),
  timeZone: z.string(),
  gateway: z.string(),
  endsAt: epochMsSchema,
  replacement: z.boolean(),
  snapshot: z.enum(['none', 'fetched', 'failed']),
  clockOffsetMs: z.number(),
  /** It was enrolled by this code before: nothing was changed now. */
  since: epochMsSchema.optional(),
});
export type EnrolmentResult = z.infer<typeof enrolmentSchema>;

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
});
export type AgentStatus = z.infer<typeof statusSchema>;

/** One line of `hub doctor`; the texts are the CLI's, by `check` and `facts`. */
export const doctorCheckSchema = z.object({
  check: z.string(),
  verdict: z.enum(['ok', 'warning', 'failed', 'unknown']),
  message: z.string(),
  hint: z.string().optional(),
  facts: jsonObjectSchema,
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

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export const logItemSchema = z.object({
  at: epochMsSchema,
  level: z.enum(logLevels),
  part: z.string().optional(),
  message: z.string(),
  fields: jsonObjectSchema,
});

const profileSummarySchema = z.object({
  id: z.string(),
  version: z.string(),
  hash: z.string(),
  file: z.string(),
  label: labelSchema,
  deviceClass: z.string(),
  protocols: z.array(z.string()),
  /** Firmware ranges that have something of their own. */
  variants: z.array(z.string()),
  /** Devices that have it, retired ones apart. */
  deviceCount: z.number().int(),
});
const profileListSchema = z.object({
  folder: z.string().nullable(),
  profiles: z.array(profileSummarySchema),
  /** `file:line:column: …`, one for each thing wrong. */
  issues: z.array(z.string()),
});
const profileDetailSchema = profileSummarySchema.extend({
  devices: z.array(
    z.object({ deviceId: idSchema, name: z.string().optional(), firmware: z.string().optional(), hash: z.string() }),
  ),
  document: jsonObjectSchema,
});
const profileReloadSchema = z.object({
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  kept: z.array(z.string()),
  devices: z.array(idSchema),
  issues: z.array(z.string()),
});

const evidenceItemSchema = z.object({
  ...{
    evidenceId: idSchema,
    deviceId: idSchema,
    eventId: idSchema.nullable(),
    name: z.string(),
    mediaType: z.string(),
  },
  ...{ bytes: z.number(), sha256: z.string(), madeAt: epochMsSchema, changedAt: epochMsSchema },
  state: z.enum(['waiting', 'sent', 'given_up']),
  problem: z.string().nullable(),
});
const exportedBundleSchema = z.object({
  ...{ id: idSchema, file: z.string(), bytes: z.number(), madeAt: epochMsSchema, rows: z.number(), files: z.number() },
  streams: z.array(z.object({ lane: z.string(), epoch: z.string(), fromSeq: z.number(), toSeq: z.number() })),
  left: z.object({ rows: z.number(), files: z.number() }),
});
const takenReceiptSchema = z.object({
  bundleId: idSchema,
  madeAt: epochMsSchema,
  streams: z.array(
    z.object({
      ...{ lane: z.string(), acknowledged: z.number(), waiting: z.number() },
      result: z.enum(['acknowledged', 'nothing_new', 'other_epoch', 'new_epoch']),
    }),
  ),
  files: z.number(),
  commands: z.object({ taken: z.number(), expired: z.number() }),
  trust: z.enum(['same', 'renewed', 'kept']),
});

const deviceParams = z.strictObject({ device: deviceRef });
const method = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R) => ({
  params,
  result,
  item: undefined,
});
const stream = <P extends z.ZodType, I extends z.ZodType>(params: P, item: I) => ({
  params,
  result: z.object({}),
  item,
});

export const localMethods = {
  status: method(nothing, statusSchema),
  /** A code, or the link of the QR code; `cloud` is the gateway's address where the code comes without one. */
  enrol: method(
    z.strictObject({
      code: z.string().min(1).max(1_000),
      cloud: z.string().min(1).max(500).optional(),
      /** Also where the unit is enrolled already, and wanted. */
      anew: z.boolean().optional(),
    }),
    enrolmentSchema,
  ),
  /** A new certificate for a new key, now. */
  'identity.renew': method(nothing, identityStatusSchema),
  doctor: method(nothing, z.object({ checks: z.array(doctorCheckSchema) })),
  'devices.list': method(
    z.strictObject({ state: z.enum(deviceStates).optional() }),
    z.object({ devices: z.array(deviceSummarySchema) }),
  ),
  /** `all`: with the values that are internal to the unit. */
  'devices.show': method(deviceParams.extend({ all: z.boolean().default(false) }), deviceDetailSchema),
  'devices.approve': method(
    deviceParams.extend({
      name: z.string().min(1).max(200).optional(),
      counterId: idSchema.optional(),
      profileId: z.string().max(200).optional(),
    }),
    deviceSummarySchema,
  ),
  'devices.refuse': method(deviceParams.extend({ reason: z.string().max(500).optional() }), deviceSummarySchema),
  'devices.update': method(
    deviceParams.extend({ name: z.string().min(1).max(200).optional(), counterId: idSchema.nullish() }),
    deviceSummarySchema,
  ),
  'devices.retire': method(deviceParams, deviceSummarySchema),
  /** A new credential for a device made for HallHub; the old one holds until the new one was used, or its time is over. */
  'devices.rotate': method(
    deviceParams,
    z.object({ deviceId: idSchema, state: z.enum(['confirmed', 'unconfirmed']), oldValidUntil: epochMsSchema }),
  ),
  /** Asks the device itself; without `properties` all that can be read. */
  'devices.read': method(
    deviceParams.extend({ properties: z.array(nameSchema).max(256).optional() }),
    z.object({
      at: epochMsSchema,
      values: z.record(z.string(), valueSchema),
      quality: z.record(z.string(), z.string()).optional(),
    }),
  ),
  /** Runs as a persisted command `property.write`; resolves with its final state. */
  'devices.write': method(deviceParams.extend({ values: z.record(nameSchema, valueSchema) }), commandStatusSchema),
  'devices.command': method(
    deviceParams.extend({
      command: nameSchema,
      input: jsonObjectSchema.default({}),
      /** Until its deadline; default: the profile's time-out plus 5 s. */
      timeoutMs: z.number().int().min(100).max(3_600_000).optional(),
    }),
    commandStatusSchema,
  ),
  'devices.watch': stream(
    z.strictObject({ device: deviceRef.optional(), all: z.boolean().default(false) }),
    watchItemSchema,
  ),
  'profiles.list': method(nothing, profileListSchema),
  'profiles.show': method(
    z.strictObject({ profile: z.string().max(200), firmware: z.string().max(100).optional() }),
    profileDetailSchema,
  ),
  /** Reads the profile folder now; a broken file leaves what was read before in use. */
  'profiles.reload': method(nothing, profileReloadSchema),
  scan: stream(
    z.strictObject({
      protocol: z.enum(deviceProtocols).optional(),
      adapterId: z.string().optional(),
      wide: z.boolean().default(false),
      timeoutMs: z.number().int().min(100).max(600_000).default(30_000),
    }),
    foundItemSchema,
  ),
  /** FIRST-2: how long each kind of data is kept when the line fails now. */
  runway: method(nothing, runwaySchema),
  'drill.list': method(
    nothing,
    z.object({
      drills: z.array(drillOfferSchema),
      objections: z.array(z.string()),
      state: drillStateSchema.nullable(),
    }),
  ),
  'drill.begin': method(
    z.strictObject({ kind: drillKindSchema, forMs: z.number().int().min(1_000).max(900_000), force: z.boolean() }),
    drillStateSchema,
  ),
  'drill.end': method(nothing, z.object({ state: drillStateSchema.nullable() })),
  /** The way round that a drill on the line has left is taken away. */
  'drill.settle': method(nothing, z.object({})),
  'drill.look': method(nothing, z.object({ look: drillLookSchema, state: drillStateSchema.nullable() })),
  'drill.keep': method(z.strictObject({ report: drillReportSchema }), z.object({ file: z.string() })),
  'drill.reports': method(
    z.strictObject({ limit: z.number().int().min(1).max(200) }),
    z.object({ reports: z.array(drillReportSchema) }),
  ),
  'proof.own': method(z.object({ fromMs: z.number(), toMs: z.number() }), ownProofSchema),
  outbox: method(
    nothing,
    z.object({
      lanes: z.array(laneStatusSchema),
      asideCount: z.number().int(),
      runwayMs: z.number().nullable(),
      link: linkStatusSchema,
      space: spaceStatusSchema,
      rowsAside: z.array(rowAsideSchema),
    }),
  ),
  /** A file for the cloud, that belongs to a device or one of its events; the agent reads it. */
  'evidence.add': method(
    deviceParams.extend({
      file: z.string().min(1).max(4_096),
      eventId: idSchema.optional(),
      name: z.string().min(1).max(200).optional(),
    }),
    evidenceItemSchema,
  ),
  'evidence.list': method(
    z.strictObject({ limit: z.number().int().min(1).max(1_000).default(50) }),
    z.object({
      waiting: z.object({ files: z.number().int(), bytes: z.number() }),
      roomBytes: z.number(),
      sending: z.object({ id: idSchema, bytes: z.number(), sentBytes: z.number() }).nullable(),
      /** In low-data mode: what goes all the same; `leftBytes` of today's share. */
      spared: z
        .object({
          ...{ atOnceBytes: z.number(), dailyBytes: z.number(), leftBytes: z.number(), longestHours: z.number() },
        })
        .nullable(),
      files: z.array(evidenceItemSchema),
    }),
  ),
  'bundle.export': method(
    z.strictObject({
      folder: z.string().min(1).max(4_096),
      maxBytes: z.number().int().min(4_096).max(maxBundleBytes),
      withFiles: z.boolean().default(true),
    }),
    exportedBundleSchema,
  ),
  /** The receipt itself: the file's content, or the text of the QR code. */
  'bundle.import': method(z.strictObject({ receipt: z.string().min(1).max(maxReceiptBytes) }), takenReceiptSchema),
  'bundle.list': method(
    nothing,
    z.object({
      bundles: z.array(
        z.object({
          ...{ bundleId: idSchema, file: z.string(), madeAt: epochMsSchema, bytes: z.number() },
          ...{ receiptMadeAt: epochMsSchema.nullable(), receiptAt: epochMsSchema.nullable() },
        }),
      ),
    }),
  ),
  /** What a Prometheus server would be told. */
  metrics: method(nothing, z.object({ text: z.string() })),
  'outbox.aside': method(
    z.strictObject({ limit: z.number().int().min(1).max(1000).default(50) }),
    z.object({ entries: z.array(asideEntrySchema) }),
  ),
  logs: stream(
    z.strictObject({
      lines: z.number().int().min(0).max(10_000).default(100),
      level: z.enum(logLevels).default('info'),
      follow: z.boolean().default(false),
    }),
    logItemSchema,
  ),
  'join.get': method(nothing, joinPolicySchema),
  'join.set': method(
    z.strictObject({ policy: z.enum(['closed', 'approve', 'window']), untilMs: epochMsSchema.optional() }),
    joinPolicySchema,
  ),
} as const;

export type LocalMethod = keyof typeof localMethods;
export type LocalParams<M extends LocalMethod> = z.input<(typeof localMethods)[M]['params']>;
export type LocalResult<M extends LocalMethod> = z.infer<(typeof localMethods)[M]['result']>;
export type LocalStream = {
  [M in LocalMethod]: (typeof localMethods)[M]['item'] extends z.ZodType ? M : never;
}[LocalMethod];
export type LocalItem<M extends LocalStream> = z.infer<Extract<(typeof localMethods)[M]['item'], z.ZodType>>;
