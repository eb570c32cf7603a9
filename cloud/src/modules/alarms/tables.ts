import type { Label } from '@hallhub/shared';
import { boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

const severity = () => text('severity', { enum: ['info', 'notice', 'warning', 'critical'] }).notNull();

export const unitRuleKinds = ['unit_runway', 'unit_certificate', 'unit_clock', 'unit_seal', 'unit_fault'] as const;
export type UnitRuleKind = (typeof unitRuleKinds)[number];

/** All that people may write rules of. */
export const ruleKinds = ['threshold', 'device_offline', 'unit_offline', ...unitRuleKinds] as const;

export const alarmRules = pgTable('alarm_rules', {
  id: id(),
  tenantId: tenantId(),
  hallId: uuid('hall_id').notNull(),
  deviceId: uuid('device_id'),
  profileId: text('profile_id'),
  kind: text('kind', { enum: ruleKinds }).notNull(),
  property: text('property'),
  op: text('op', { enum: ['gt', 'lt'] }),
  limitValue: doublePrecision('limit_value'),
  clearLimit: doublePrecision('clear_limit'),
  forMs: integer('for_ms').notNull().default(0),
  severity: severity(),
  label: jsonb('label').$type<Label>().notNull(),
  enabled: boolean('enabled').notNull().default(true),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});

export const alarms = pgTable('alarms', {
  id: id(),
  tenantId: tenantId(),
  hallId: uuid('hall_id').notNull(),
  unitId: uuid('unit_id').notNull(),
  deviceId: uuid('device_id'),
  ruleKey: text('rule_key').notNull(),
  rule: jsonb('rule').notNull(),
  severity: severity(),
  message: jsonb('message').$type<Label>().notNull(),
  value: jsonb('value'),
  occurrences: integer('occurrences').notNull().default(1),
  raisedAt: instant('raised_at').notNull(),
  lastAt: instant('last_at').notNull(),
  acknowledgedAt: instant('acknowledged_at'),
  acknowledgedBy: uuid('acknowledged_by'),
  acknowledgedByName: text('acknowledged_by_name'),
  note: text('note'),
  clearedAt: instant('cleared_at'),
  version: version(),
});

export const alarmSteps = pgTable('alarm_steps', {
  tenantId: tenantId(),
  alarmId: uuid('alarm_id').notNull(),
  id: uuid('id').notNull(),
  step: text('step', { enum: ['raised', 'acknowledged', 'noted', 'cleared'] }).notNull(),
  at: instant('at').notNull(),
  byName: text('by_name'),
  note: text('note'),
  value: jsonb('value'),
});

export const alarmWatches = pgTable('alarm_watches', {
  tenantId: tenantId(),
  sourceId: uuid('source_id').notNull(),
  ruleKey: text('rule_key').notNull(),
  towards: text('towards', { enum: ['raise', 'clear'] }).notNull(),
  hallId: uuid('hall_id').notNull(),
  unitId: uuid('unit_id').notNull(),
  deviceId: uuid('device_id'),
  rule: jsonb('rule').notNull(),
  severity: severity(),
  message: jsonb('message').$type<Label>().notNull(),
  value: jsonb('value'),
  since: instant('since').notNull(),
  dueAt: instant('due_at').notNull(),
});
