import type {
  CommandState,
  DeviceProtocol,
  DeviceState,
  EvidenceMediaType,
  Lane,
  PresenceReason,
  PresenceState,
} from '@hallhub/shared/wire';
import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** The tables of migrations.ts for drizzle; a test holds the two together. Times are epoch ms by the unit's clock. */
const laneColumns = () => ({
  seq: integer('seq').primaryKey(),
  at: integer('at').notNull(),
  segment: integer('segment').notNull(),
  /** Start of the hour whose seal counts the row. */
  hour: integer('hour').notNull(),
  body: blob('body', { mode: 'buffer' }).notNull(),
  chain: blob('chain', { mode: 'buffer' }).notNull(),
});
export const laneEvents = sqliteTable('lane_events', laneColumns());
export const laneManifest = sqliteTable('lane_manifest', laneColumns());
export const laneLive = sqliteTable('lane_live', laneColumns());
export const laneBacklog = sqliteTable('lane_backlog', laneColumns());

export const laneState = sqliteTable('lane_state', {
  lane: text('lane').$type<Lane>().primaryKey(),
  unitId: text('unit_id').notNull(),
  epoch: text('epoch').notNull(),
  /** The last acknowledged row, and the chain there. */
  baseSeq: integer('base_seq').notNull(),
  baseChain: blob('base_chain', { mode: 'buffer' }).notNull(),
  rowCount: integer('row_count').notNull(),
  byteCount: integer('byte_count').notNull(),
  headSeq: integer('head_seq').notNull(),
  headChain: blob('head_chain', { mode: 'buffer' }).notNull(),
  /** Place of seq 0 in the lane's table. */
  origin: integer('origin').notNull(),
  /** The last row written; null: the head. */
  tailSeq: integer('tail_seq'),
});

/** Rows that the cloud never took, by lane and epoch. */
export const rowAside = sqliteTable('row_aside', {
  asideId: integer('aside_id').primaryKey(),
  lane: text('lane').$type<Lane>().notNull(),
  epoch: text('epoch').notNull(),
  seq: integer('seq').notNull(),
  at: integer('at').notNull(),
  putAt: integer('put_at').notNull(),
  reason: text('reason').notNull(),
  body: blob('body', { mode: 'buffer' }).notNull(),
});

/** What the unit produced in ten minutes of its running; `amounts`: rows and bytes by kind, JSON. */
export const produced = sqliteTable('produced', {
  bucket: integer('bucket').primaryKey(),
  measuredMs: real('measured_ms').notNull(),
  amounts: text('amounts').notNull(),
});

export const laneGap = sqliteTable(
  'lane_gap',
  {
    lane: text('lane').$type<Lane>().notNull(),
    fromSeq: integer('from_seq').notNull(),
    toSeq: integer('to_seq').notNull(),
    reason: text('reason').notNull(),
    chain: blob('chain', { mode: 'buffer' }).notNull(),
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.lane, table.fromSeq] })],
);

export const seal = sqliteTable(
  'seal',
  {
    lane: text('lane').$type<Lane>().notNull(),
    epoch: text('epoch').notNull(),
    hour: integer('hour').notNull(),
    firstSeq: integer('first_seq').notNull(),
    lastSeq: integer('last_seq').notNull(),
    rowCount: integer('row_count').notNull(),
    chain: blob('chain', { mode: 'buffer' }).notNull(),
    state: text('state').$type<'open' | 'closed' | 'told'>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.lane, table.epoch, table.hour] })],
);

export const meta = sqliteTable('meta', { key: text('key').primaryKey(), value: text('value').notNull() });

export const clockSegment = sqliteTable('clock_segment', {
  segment: integer('segment').primaryKey(),
  bootId: text('boot_id').notNull(),
  kernelBootId: text('kernel_boot_id').notNull(),
  wallMinusMonoMs: real('wall_minus_mono_ms').notNull(),
  startedAt: integer('started_at').notNull(),
  offsetMs: real('offset_ms'),
  state: text('state').$type<'trusted' | 'untrusted'>().notNull(),
});

export const device = sqliteTable(
  'device',
  {
    deviceId: text('device_id').primaryKey(),
    revision: integer('revision').notNull(),
    state: text('state').$type<DeviceState>().notNull(),
    reason: text('reason'),
    protocol: text('protocol').$type<DeviceProtocol>().notNull(),
    vendor: text('vendor').notNull(),
    model: text('model').notNull(),
    serial: text('serial').notNull(),
    firmware: text('firmware'),
    hardware: text('hardware'),
    deviceClass: text('device_class').notNull(),
    name: text('name'),
    counterId: text('counter_id'),
    adapterId: text('adapter_id').notNull(),
    address: text('address').notNull(),
    profileId: text('profile_id'),
    profileVersion: text('profile_version'),
    profileHash: text('profile_hash'),
    presence: text('presence').$type<PresenceState>().notNull(),
    presenceReason: text('presence_reason').$type<PresenceReason>().notNull(),
    presenceSince: integer('presence_since').notNull(),
    /** SHA-256 of the claim and of the secret: both are of high entropy. */
    claimHash: blob('claim_hash', { mode: 'buffer' }),
    conflict: text('conflict'),
    secretHash: blob('secret_hash', { mode: 'buffer' }),
    deliveredAt: integer('delivered_at'),
    usedAt: integer('used_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('device_identity').on(table.protocol, table.vendor, table.model, table.serial),
    index('device_address').on(table.adapterId, table.address),
  ],
);
export type DeviceRecord = typeof device.$inferSelect;

/** A credential that was handed out while the one before it still holds. */
export const credentialRotation = sqliteTable('credential_rotation', {
  deviceId: text('device_id').primaryKey(),
  /** SHA-256 of the new secret. */
  secretHash: blob('secret_hash', { mode: 'buffer' }).notNull(),
  startedAt: integer('started_at').notNull(),
  /** The device said that it has stored it. */
  confirmedAt: integer('confirmed_at'),
  /** The device signed in with the old one after that. */
  oldUsedAt: integer('old_used_at'),
  /** The overlap is over: neither secret of the pair is in question any more. */
  settledAt: integer('settled_at'),
});
export type CredentialRotationRecord = typeof credentialRotation.$inferSelect;

export const profileTold = sqliteTable('profile_told', {
  hash: text('hash').primaryKey(),
  at: integer('at').notNull(),
});

export const eventSeen = sqliteTable(
  'event_seen',
  { deviceId: text('device_id').notNull(), eventId: text('event_id').notNull(), at: integer('at').notNull() },
  (table) => [primaryKey({ columns: [table.deviceId, table.eventId] }), index('event_seen_at').on(table.at)],
);

export const command = sqliteTable(
  'command',
  {
    commandId: text('command_id').primaryKey(),
    /** Order of arrival. */
    arrival: integer('arrival').notNull(),
    origin: text('origin').$type<'cloud' | 'local'>().notNull(),
    /** Null: for the unit itself. */
    deviceId: text('device_id'),
    name: text('name').notNull(),
    input: text('input', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    state: text('state').$type<CommandState>().notNull(),
    output: text('output', { mode: 'json' }).$type<Record<string, unknown>>(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    receivedAt: integer('received_at').notNull(),
    remainingMs: integer('remaining_ms').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    index('command_state').on(table.state, table.arrival),
    index('command_device').on(table.deviceId, table.arrival),
  ],
);
export type CommandRecord = typeof command.$inferSelect;

export const aside = sqliteTable(
  'aside',
  {
    asideId: integer('aside_id').primaryKey(),
    at: integer('at').notNull(),
    deviceId: text('device_id'),
    source: text('source').notNull(),
    reason: text('reason').notNull(),
    payload: blob('payload', { mode: 'buffer' }).notNull(),
  },
  (table) => [index('aside_device').on(table.deviceId, table.asideId)],
);

export const fault = sqliteTable('fault', {
  faultId: integer('fault_id').primaryKey(),
  at: integer('at').notNull(),
  code: text('code').notNull(),
  message: text('message').notNull(),
  context: text('context', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
});

/** `body`: the last values of a device, as devices/device-picture.ts writes them. */
export const deviceValues = sqliteTable('device_values', {
  deviceId: text('device_id').primaryKey(),
  body: text('body').notNull(),
});

/** Files on their way to the cloud, and those that were (for a while). Times by the unit's clock. */
export const evidence = sqliteTable(
  'evidence',
  {
    evidenceId: text('evidence_id').primaryKey(),
    deviceId: text('device_id').notNull(),
    eventId: text('event_id'),
    name: text('name').notNull(),
    mediaType: text('media_type').$type<EvidenceMediaType>().notNull(),
    bytes: integer('bytes').notNull(),
    sha256: text('sha256').notNull(),
    madeAt: integer('made_at').notNull(),
    state: text('state').$type<'waiting' | 'sent' | 'given_up'>().notNull(),
    /** Where an upload begun goes on. */
    uploadPath: text('upload_path'),
    problem: text('problem'),
    changedAt: integer('changed_at').notNull(),
  },
  (table) => [index('evidence_state').on(table.state, table.madeAt)],
);
export type EvidenceRecord = typeof evidence.$inferSelect;

/** Bundles exported, and when their receipt came. */
export const bundle = sqliteTable('bundle', {
  bundleId: text('bundle_id').primaryKey(),
  file: text('file').notNull(),
  madeAt: integer('made_at').notNull(),
  bytes: integer('bytes').notNull(),
  /** By the cloud's clock. */
  receiptMadeAt: integer('receipt_made_at'),
  receiptAt: integer('receipt_at'),
});
