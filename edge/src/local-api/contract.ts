import { errorCodes, labelSchema } from '@hallhub/shared';
import {
  deviceProtocols,
  deviceStates,
  epochMsSchema,
  idSchema,
  jsonObjectSchema,
  laneSchema,
  maxBundleBytes,
  maxReceiptBytes,
  nameSchema,
  valueSchema,
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
import {
  identityStatusSchema,
  joinPolicySchema,
  laneStatusSchema,
  linkStatusSchema,
  runwaySchema,
  spaceStatusSchema,
  statusSchema,
} from '../status/status-contract.js';
import { faceMethods } from '../vision/faces/face-methods.js';
import { visionMethods } from '../vision/vision-contract.js';
import {
  asideEntrySchema,
  commandStatusSchema,
  deviceDetailSchema,
  deviceSummarySchema,
  foundItemSchema,
  watchItemSchema,
} from './device-contract.js';

export type { AgentStatus, IdentityStatus } from '../status/status-contract.js';
export type { WatchItem } from './device-contract.js';

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

export const rowAsideSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  seq: z.number().int(),
  at: epochMsSchema,
  putAt: epochMsSchema,
  reason: z.string(),
  row: z.string(),
});

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

/** One line of `hub doctor`; the texts are the CLI's, by `check` and `facts`. */
export const doctorCheckSchema = z.object({
  check: z.string(),
  verdict: z.enum(['ok', 'warning', 'failed', 'unknown']),
  message: z.string(),
  hint: z.string().optional(),
  facts: jsonObjectSchema,
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
  ...visionMethods,
  ...faceMethods,
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
