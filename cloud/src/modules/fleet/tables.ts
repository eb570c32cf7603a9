import { boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, bytea, createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const units = pgTable('units', {
  id: id(),
  tenantId: tenantId(),
  hallId: uuid('hall_id').notNull(),
  name: text('name').notNull(),
  secretHash: bytea('secret_hash').notNull(),
  secretIssuedAt: instant('secret_issued_at').notNull().defaultNow(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});

export const unitLinks = pgTable('unit_links', {
  unitId: uuid('unit_id').primaryKey(),
  tenantId: tenantId(),
  presence: text('presence', { enum: ['online', 'offline'] })
    .notNull()
    .default('offline'),
  reason: text('reason').notNull().default('never'),
  since: instant('since').notNull().defaultNow(),
  connId: uuid('conn_id'),
  bootId: uuid('boot_id'),
  monoMs: doublePrecision('mono_ms'),
  helloAt: instant('hello_at'),
  lastSeenAt: instant('last_seen_at'),
  software: text('software'),
  protocol: integer('protocol'),
  protocolError: text('protocol_error'),
  clock: jsonb('clock'),
  heartbeat: jsonb('heartbeat'),
  heartbeatAt: instant('heartbeat_at'),
  joinPolicy: jsonb('join_policy'),
});

export const unitPresenceChanges = pgTable('unit_presence_changes', {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  id: uuid('id').notNull(),
  at: instant('at').notNull(),
  state: text('state', { enum: ['online', 'offline'] }).notNull(),
  reason: text('reason').notNull(),
});

export const profiles = pgTable('profiles', {
  tenantId: tenantId(),
  hash: text('hash').notNull(),
  profileId: text('profile_id').notNull(),
  version: text('version').notNull(),
  document: jsonb('document').notNull(),
  readable: boolean('readable').notNull(),
  receivedAt: instant('received_at').notNull().defaultNow(),
});

export const devices = pgTable('devices', {
  tenantId: tenantId(),
  id: uuid('id').notNull(),
  unitId: uuid('unit_id').notNull(),
  hallId: uuid('hall_id').notNull(),
  revision: integer('revision').notNull(),
  state: text('state', { enum: ['quarantined', 'active', 'refused', 'retired'] }).notNull(),
  vendor: text('vendor').notNull(),
  model: text('model').notNull(),
  serial: text('serial').notNull(),
  firmware: text('firmware'),
  hardware: text('hardware'),
  deviceClass: text('device_class').notNull(),
  name: text('name'),
  counterId: uuid('counter_id'),
  protocol: text('protocol').notNull(),
  address: text('address').notNull(),
  profileId: text('profile_id'),
  profileVersion: text('profile_version'),
  profileHash: text('profile_hash'),
  reason: text('reason'),
  presence: text('presence', { enum: ['online', 'degraded', 'offline', 'unknown'] })
    .notNull()
    .default('unknown'),
  presenceReason: text('presence_reason'),
  presenceDetail: text('presence_detail'),
  presenceSince: instant('presence_since'),
  presenceEvidence: jsonb('presence_evidence'),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const presenceChanges = pgTable('presence_changes', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  id: uuid('id').notNull(),
  at: instant('at').notNull(),
  receivedAt: instant('received_at').notNull(),
  state: text('state').notNull(),
  reason: text('reason').notNull(),
  detail: text('detail'),
  evidence: jsonb('evidence').notNull(),
});
