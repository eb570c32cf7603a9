import type { CameraVision, Finding, VisionRule } from '@hallhub/shared/vision';
import { bigint, boolean, date, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

/**
 * What a reviewer says of a finding, the weightiest first. `false`: it was not so. `below_standard`: it was, but not enough to act on.
 * `already_left`: it was, and is over. `duplicate`: the same is another item already.
 */
export const decisions = ['accepted', 'below_standard', 'already_left', 'duplicate', 'false'] as const;

const severity = () => text('severity', { enum: ['info', 'notice', 'warning', 'critical'] }).notNull();

export type CameraDocument = Omit<CameraVision, 'deviceId'>;

export const cameraVision = pgTable('camera_vision', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  document: jsonb('document').$type<CameraDocument>().notNull(),
  enabled: boolean('enabled').notNull(),
  rules: integer('rules').notNull(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  updatedByName: text('updated_by_name'),
  /** Which version its unit works by, and since when. */
  appliedVersion: integer('applied_version'),
  appliedAt: instant('applied_at'),
});

export const visionTemplates = pgTable('vision_templates', {
  id: id(),
  tenantId: tenantId(),
  name: text('name').notNull(),
  note: text('note').notNull(),
  rules: jsonb('rules').$type<VisionRule[]>().notNull(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const reviewItems = pgTable('review_items', {
  id: id(),
  tenantId: tenantId(),
  hallId: uuid('hall_id').notNull(),
  unitId: uuid('unit_id').notNull(),
  deviceId: uuid('device_id').notNull(),
  state: text('state', { enum: ['open', 'decided'] })
    .notNull()
    .default('open'),
  severity: severity(),
  findings: integer('findings').notNull(),
  startedAt: instant('started_at').notNull(),
  lastAt: instant('last_at').notNull(),
  goesOn: boolean('goes_on').notNull(),
  /** Names of its rules and what they saw: what it is found by. */
  words: text('words').notNull().default(''),
  algorithms: text('algorithms').array().notNull().default([]),
  ruleIds: uuid('rule_ids').array().notNull().default([]),
  decision: text('decision', { enum: decisions }),
  opinion: text('opinion'),
  duplicateOf: uuid('duplicate_of'),
  decidedAt: instant('decided_at'),
  decidedBy: uuid('decided_by'),
  decidedByName: text('decided_by_name'),
  version: version(),
  createdAt: instant('created_at').notNull(),
});

export const reviewFindings = pgTable('review_findings', {
  tenantId: tenantId(),
  id: uuid('id').notNull(),
  itemId: uuid('item_id').notNull(),
  hallId: uuid('hall_id').notNull(),
  unitId: uuid('unit_id').notNull(),
  deviceId: uuid('device_id').notNull(),
  number: text('number').notNull(),
  ruleId: uuid('rule_id').notNull(),
  ruleName: text('rule_name').notNull(),
  algorithm: text('algorithm').notNull(),
  viewId: uuid('view_id').notNull(),
  severity: severity(),
  experimental: boolean('experimental').notNull(),
  startedAt: instant('started_at').notNull(),
  endedAt: instant('ended_at'),
  goesOn: boolean('goes_on').notNull(),
  count: bigint('count', { mode: 'number' }),
  detail: text('detail'),
  confidence: doublePrecision('confidence'),
  faces: text('faces').notNull(),
  evidenceIds: uuid('evidence_ids').array().notNull(),
  began: jsonb('began').$type<Finding>(),
  ended: jsonb('ended').$type<Finding>(),
  beganHash: text('began_hash'),
  endedHash: text('ended_hash'),
  decision: text('decision', { enum: decisions }),
  decidedAt: instant('decided_at'),
  receivedAt: instant('received_at').notNull(),
});

/** Who has an item open just now. */
export const reviewLooks = pgTable('review_looks', {
  tenantId: tenantId(),
  itemId: uuid('item_id').notNull(),
  personId: uuid('person_id').notNull(),
  name: text('name').notNull(),
  since: instant('since').notNull(),
  seenAt: instant('seen_at').notNull(),
});

export const visionRefusals = pgTable('vision_refusals', {
  tenantId: tenantId(),
  eventId: uuid('event_id').notNull(),
  deviceId: uuid('device_id').notNull(),
  unitId: uuid('unit_id').notNull(),
  hallId: uuid('hall_id').notNull(),
  event: text('event').notNull(),
  reason: text('reason').notNull(),
  receivedAt: instant('received_at').notNull(),
});

const flow = {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  ruleId: uuid('rule_id').notNull(),
  hallId: uuid('hall_id').notNull(),
  viewId: uuid('view_id').notNull(),
  ins: bigint('ins', { mode: 'number' }),
  outs: bigint('outs', { mode: 'number' }),
  occupancyMean: doublePrecision('occupancy_mean'),
  occupancyMost: bigint('occupancy_most', { mode: 'number' }),
  dwellMeanMs: doublePrecision('dwell_mean_ms'),
  lefts: bigint('lefts', { mode: 'number' }),
};

export const flowMinutes = pgTable('flow_minutes', { ...flow, minute: instant('minute').notNull() });

export const flowHours = pgTable('flow_hours', {
  ...flow,
  hour: instant('hour').notNull(),
  minutes: integer('minutes').notNull(),
});

export const heatHours = pgTable('heat_hours', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  viewId: uuid('view_id').notNull(),
  hour: instant('hour').notNull(),
  hallId: uuid('hall_id').notNull(),
  seconds: bigint('seconds', { mode: 'number' }).array().notNull(),
});

/** The newest report of a unit (docs/protocol.md 8.1). */
export const visionUnits = pgTable('vision_units', {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  at: instant('at').notNull(),
  receivedAt: instant('received_at').notNull(),
  configSource: text('config_source', { enum: ['cloud', 'file'] }),
  configVersion: text('config_version'),
  appliedAt: instant('applied_at'),
  problem: text('problem'),
  process: text('process').notNull(),
  processReason: text('process_reason'),
  processHint: text('process_hint'),
  slotsMost: integer('slots_most').notNull(),
  slotsUsed: integer('slots_used').notNull(),
  detector: jsonb('detector'),
});

export const visionCameras = pgTable('vision_cameras', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  state: text('state').notNull(),
  since: instant('since'),
  reason: text('reason'),
  hint: text('hint'),
  fps: doublePrecision('fps').notNull(),
  health: text('health'),
  recordedFrom: instant('recorded_from'),
  reportedAt: instant('reported_at').notNull(),
});

/** Pictures that were looked at on a day of the hall. */
export const visionDays = pgTable('vision_days', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  day: date('day').notNull(),
  looked: bigint('looked', { mode: 'number' }).notNull(),
});
