import { labelSchema } from '@hallhub/shared';
import { thingModelSchema } from '@hallhub/shared/thing';
import { clockSchema, deviceStates, laneSchema, presenceReasons, severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();
const value = z.union([z.number(), z.string(), z.boolean()]).nullable();
const count = z.int();

export const joinPolicySchema = z.object({
  policy: z.enum(['closed', 'approve', 'window']),
  until: instant.nullable(),
});

export const unitStreamSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  cursor: count,
  pending: count.nullable(),
  oldestAt: instant.nullable(),
  committedAt: instant.nullable(),
  rows24h: count,
  aside: count,
  gaps: count,
  /** A later epoch has taken over. */
  closed: z.boolean(),
});

export const unitDtoSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    hallId: z.uuid(),
    hallName: z.string(),
    /** `new`: it has never connected. */
    state: z.enum(['new', 'active', 'archived']),
    presence: z.enum(['online', 'offline']),
    presenceReason: z.string(),
    presenceSince: instant,
    lastSeenAt: instant.nullable(),
    software: z.string().nullable(),
    protocol: count.nullable(),
    protocolError: z.string().nullable(),
    clock: clockSchema.nullable(),
    disk: z.object({ freeBytes: z.number() }).nullable(),
    runwayMs: z.number().nullable(),
    runway: z
      .object({
        eventsMs: z.number().nullable(),
        telemetryMs: z.number().nullable(),
        evidenceMs: z.number().nullable(),
        measuredMs: z.number(),
      })
      .nullable()
      .describe('How long it can go on without the cloud, by kind of data; null in one: not limited, or not known yet'),
    certificateEndsAt: instant.nullable(),
    memoryBytes: z.number().nullable(),
    devices: z.object({ online: count, offline: count, quarantined: count }),
    quarantinedValues24h: count.describe(
      'Values that came in the last day and went into quarantine for a time in the far future',
    ),
    streams: z.array(unitStreamSchema),
    joinPolicy: joinPolicySchema.nullable(),
    openAlarms: count,
    /** Its newest certificate; null: never had one, it comes by its secret. */
    certificate: z.object({ state: z.enum(['valid', 'expiring', 'expired', 'revoked']), endsAt: instant }).nullable(),
    /** A code waits for the hardware until then. */
    codeUntil: instant.nullable(),
    version: count,
    createdAt: instant,
  })
  .openapi('Unit');
export type UnitDto = z.infer<typeof unitDtoSchema>;

export const createUnitSchema = z.object({ name: z.string().trim().min(1).max(100), hallId: z.uuid() });
export const updateUnitSchema = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  hallId: z.uuid().optional(),
});
export const newUnitSchema = z.object({ unit: unitDtoSchema, secret: z.string() });
export type NewUnit = z.infer<typeof newUnitSchema>;

export const unitPresenceChangeSchema = z.object({
  at: instant,
  state: z.enum(['online', 'offline']),
  reason: z.string(),
});

const sealSideSchema = z.object({ firstSeq: count, lastSeq: count, count, chain: z.string() }).nullable();
export const sealDtoSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  hour: instant,
  unit: sealSideSchema,
  cloud: sealSideSchema,
  /** Null: not to be judged yet (one side is missing, or rows are still on the way). */
  equal: z.boolean().nullable(),
  /** Rows of this hour that are known to be missing, and why is in the gaps. */
  missing: count,
});
export type SealDto = z.infer<typeof sealDtoSchema>;

export const asideDtoSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  seq: count,
  kind: z.string().nullable(),
  reason: z.string(),
  detail: z.string(),
  text: z.string().describe('The row as it came, at most 2,000 characters'),
  receivedAt: instant,
});
export const gapDtoSchema = z.object({
  lane: laneSchema,
  epoch: z.string(),
  reason: z.string(),
  source: z.enum(['batch', 'row']),
  fromSeq: count.nullable(),
  toSeq: count.nullable(),
  count: count.nullable(),
  previousEpoch: z.string().nullable(),
  at: instant,
  receivedAt: instant,
});
export const faultDtoSchema = z.object({
  id: z.uuid(),
  at: instant,
  code: z.string(),
  message: z.string(),
  context: z.record(z.string(), z.unknown()).nullable(),
});

const presence = z.enum(['online', 'degraded', 'offline', 'unknown']);

export const deviceSummarySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    vendor: z.string(),
    model: z.string(),
    serial: z.string(),
    deviceClass: z.string(),
    classLabel: labelSchema.nullable(),
    /** What its profile calls the model; null while no profile is known. */
    profileLabel: labelSchema.nullable(),
    /** Devices with the same one have the same thing model. */
    profileHash: z.string().nullable(),
    protocol: z.string(),
    unitId: z.uuid(),
    unitName: z.string(),
    hallId: z.uuid(),
    hallName: z.string(),
    counterId: z.uuid().nullable(),
    state: z.enum(deviceStates),
    presence,
    presenceReason: z.enum(presenceReasons).nullable(),
    presenceSince: instant.nullable(),
    /** When the unit first registered it. */
    createdAt: instant,
    /** Its unit is away: what is shown is as of `staleSince`. */
    stale: z.boolean(),
    staleSince: instant.nullable(),
    openAlarms: count,
    primary: z.array(
      z.object({
        property: z.string(),
        label: labelSchema,
        value,
        unit: z.string().nullable(),
        decimals: z.int().nullable(),
        /** The label of an enum's value. */
        valueLabel: labelSchema.nullable(),
        at: instant.nullable(),
      }),
    ),
  })
  .openapi('DeviceSummary');
export type DeviceSummary = z.infer<typeof deviceSummarySchema>;

export const deviceValueSchema = z.object({
  property: z.string(),
  value,
  quality: z.enum(['good', 'uncertain', 'bad']),
  at: instant,
});

export const deviceDtoSchema = deviceSummarySchema
  .extend({
    identity: z.object({
      vendor: z.string(),
      model: z.string(),
      serial: z.string(),
      firmware: z.string().nullable(),
      hardware: z.string().nullable(),
    }),
    address: z.string(),
    profile: z
      .object({ id: z.string(), version: z.string(), hash: z.string(), name: labelSchema.nullable() })
      .nullable(),
    thing: thingModelSchema.nullable(),
    values: z.array(deviceValueSchema),
    presenceDetail: z.string().nullable(),
    presenceEvidence: z.array(
      z.object({ check: z.string(), ok: z.boolean(), at: instant, detail: z.string().nullable() }),
    ),
    reason: z.string().nullable(),
    revision: count,
    version: count,
    updatedAt: instant,
  })
  .openapi('Device');
export type DeviceDto = z.infer<typeof deviceDtoSchema>;

export const presenceChangeSchema = z.object({
  at: instant,
  receivedAt: instant,
  state: presence,
  reason: z.string(),
  detail: z.string().nullable(),
  evidence: z.array(z.object({ check: z.string(), ok: z.boolean(), at: instant, detail: z.string().nullable() })),
});

export const historySchema = z
  .object({
    property: z.string(),
    resolution: z.enum(['raw', 'hour', 'bucket']),
    /** Width of a point where points are aggregates. */
    bucketMs: z.int().nullable(),
    points: z.array(
      z.object({
        at: instant,
        value: value.optional(),
        quality: z.enum(['good', 'uncertain', 'bad']).optional(),
        min: z.number().optional(),
        max: z.number().optional(),
        avg: z.number().optional(),
        count: count.optional(),
      }),
    ),
    /** What it was when the range began. */
    before: z.object({ at: instant, value }).nullable(),
    truncated: z.boolean(),
    /** Times in which the device or its unit was away: no reading means nothing there. */
    gaps: z.array(z.object({ from: instant, to: instant })),
  })
  .openapi('History');
export type HistoryDto = z.infer<typeof historySchema>;

export const profileDtoSchema = z.object({
  hash: z.string(),
  profileId: z.string(),
  version: z.string(),
  readable: z.boolean(),
  document: z.record(z.string(), z.unknown()),
});

export const deviceModelSchema = z
  .object({
    profileId: z.string(),
    /** Of its newest profile here. */
    version: z.string(),
    hash: z.string(),
    /** How many versions of it are in use. */
    versions: count,
    /** In use, within the person's reach. */
    devices: count,
    online: count,
    label: labelSchema.nullable().describe('Null: this cloud cannot read the profile'),
    vendorLabel: labelSchema.nullable(),
    deviceClass: z.string().nullable(),
    classLabel: labelSchema.nullable(),
    protocols: z.array(z.string()),
    source: z.object({ kind: z.string(), document: z.string() }).nullable(),
    properties: count,
    events: count,
    commands: count,
  })
  .openapi('DeviceModel');
export type DeviceModelDto = z.infer<typeof deviceModelSchema>;

export const approveDeviceSchema = z.object({
  name: z.string().trim().min(1).max(200).optional(),
  counterId: z.uuid().nullable().optional(),
  profileId: z.string().min(1).max(200).optional(),
});
export const updateDeviceSchema = approveDeviceSchema.omit({ profileId: true });
export const refuseDeviceSchema = z.object({ reason: z.string().max(500).optional() });
export const setJoinPolicySchema = z
  .object({ policy: z.enum(['closed', 'approve', 'window']), until: instant.optional() })
  .refine(({ policy, until }) => (policy === 'window') === (until !== undefined), {
    message: 'A window has an end, and only a window',
    path: ['until'],
  });
export const severitySchema = z.enum(severities);
