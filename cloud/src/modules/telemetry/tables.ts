import {
  bigint,
  date,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { createdAt, instant, tenantId } from '../../db/index.js';

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Dictionary: which property of which device a point number stands for. */
export const telemetryPoints = pgTable('telemetry_points', {
  id: integer('id').generatedAlwaysAsIdentity().primaryKey(),
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  property: text('property').notNull(),
  createdAt: createdAt(),
});

/** Partitioned by UTC day of `at` (corrected unit time). */
export const telemetrySamples = pgTable('telemetry_samples', {
  at: moment('at').notNull(),
  number: doublePrecision('number'),
  pointId: integer('point_id').notNull(),
  kind: smallint('kind').notNull(),
  quality: smallint('quality').notNull(),
  tenantId: tenantId(),
  text: text('text'),
});

export const telemetryLatest = pgTable('telemetry_latest', {
  at: moment('at').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  number: doublePrecision('number'),
  pointId: integer('point_id').primaryKey(),
  kind: smallint('kind').notNull(),
  quality: smallint('quality').notNull(),
  tenantId: tenantId(),
  text: text('text'),
});

/** Hours of points that have samples no roll-up has seen. */
export const telemetryMarks = pgTable('telemetry_marks', {
  id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  tenantId: tenantId(),
  hour: moment('hour').notNull(),
  pointIds: integer('point_ids').array().notNull(),
});

/** Partitioned by UTC month of `hour`. */
export const telemetryHours = pgTable(
  'telemetry_hours',
  {
    hour: moment('hour').notNull(),
    pointId: integer('point_id').notNull(),
    count: integer('count').notNull(),
    min: doublePrecision('min').notNull(),
    max: doublePrecision('max').notNull(),
    sum: doublePrecision('sum').notNull(),
    first: doublePrecision('first').notNull(),
    last: doublePrecision('last').notNull(),
    tenantId: tenantId(),
  },
  (table) => [primaryKey({ columns: [table.pointId, table.hour] })],
);

export const telemetryRefused = pgTable(
  'telemetry_refused',
  {
    tenantId: tenantId(),
    deviceId: uuid('device_id').notNull(),
    day: date('day').notNull(),
    reason: text('reason', { enum: ['expired', 'future'] }).notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    firstAt: moment('first_at').notNull(),
    lastAt: moment('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.deviceId, table.day, table.reason] })],
);

export const telemetryQuarantine = pgTable('telemetry_quarantine', {
  id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  property: text('property').notNull(),
  at: moment('at').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  value: jsonb('value').notNull(),
  quality: smallint('quality').notNull(),
  receivedAt: instant('received_at').notNull(),
});
