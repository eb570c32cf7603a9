import type { Label } from '@hallhub/shared';
import { boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, bytea, createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';
import { formSources } from './fronts/tables.js';

export const ticketForms = pgTable('ticket_forms', {
  id: id(),
  tenantId: tenantId(),
  slug: text('slug').notNull(),
  kind: text('kind').notNull(),
  title: jsonb('title').$type<Label>().notNull(),
  intro: jsonb('intro').$type<Label>(),
  fields: text('fields').array().notNull(),
  answers: text('answers').array().notNull().default([]),
  hallId: uuid('hall_id'),
  enabled: boolean('enabled').notNull().default(true),
  source: text('source', { enum: formSources }).notNull().default('web_form'),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});
export type FormRow = typeof ticketForms.$inferSelect;

export const ticketPins = pgTable('ticket_pins', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  formId: uuid('form_id').notNull(),
  hash: bytea('hash').notNull(),
  failures: integer('failures').notNull().default(0),
  lockedUntil: instant('locked_until'),
});

/** Counted across processes, by keyed hash. */
export const ticketPinGuesses = pgTable('ticket_pin_guesses', {
  key: bytea('key').primaryKey(),
  failures: integer('failures').notNull(),
  at: instant('at').notNull(),
  heldUntil: instant('held_until'),
});

export const ticketLinksUsed = pgTable('ticket_links_used', {
  tokenHash: bytea('token_hash').primaryKey(),
  at: instant('at').notNull(),
});

export const severities = ['info', 'notice', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const repairRules = pgTable('repair_rules', {
  id: id(),
  tenantId: tenantId(),
  hallId: uuid('hall_id'),
  fromSeverity: text('from_severity', { enum: severities }).notNull(),
  kind: text('kind').notNull(),
  levels: jsonb('levels').$type<Partial<Record<Severity, string>>>().notNull(),
  enabled: boolean('enabled').notNull().default(true),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  afterSeconds: integer('after_seconds').notNull().default(0),
  quietSeconds: integer('quiet_seconds').notNull().default(300),
  reopenHours: integer('reopen_hours').notNull().default(24),
  mostPerHour: integer('most_per_hour').notNull().default(30),
});

export const repairOutcomes = ['opened', 'joined', 'reopened', 'held'] as const;
export const repairAlarms = pgTable('repair_alarms', {
  tenantId: tenantId(),
  alarmId: uuid('alarm_id').notNull(),
  ticketId: uuid('ticket_id'),
  clearedAt: instant('cleared_at'),
  what: text('what', { enum: repairOutcomes }).notNull().default('opened'),
  ruleId: uuid('rule_id'),
  place: integer('place').notNull().default(1),
  at: instant('at').notNull().defaultNow(),
});

export const repairWatches = pgTable('repair_watches', { tenantId: tenantId(), ticketId: uuid('ticket_id').notNull() });

export const repairAdvice = pgTable('repair_advice', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  deviceId: uuid('device_id').notNull(),
  failures: integer('failures').notNull(),
  at: instant('at').notNull(),
  toldAt: instant('told_at'),
});

export * from './fronts/tables.js';
export * from './import/tables.js';
export * from './mail/tables.js';
export * from './sources/tables.js';
