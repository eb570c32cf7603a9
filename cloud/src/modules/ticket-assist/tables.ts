import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, createdAt, instant, tenantId } from '../../db/index.js';

/** What a ticket taught, label by purpose. */
export type Labels = Readonly<Record<string, string>>;

export const assistTickets = pgTable('assist_tickets', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  kind: text('kind').notNull(),
  words: text('words').array().notNull(),
  requester: bytea('requester'),
  hallId: uuid('hall_id'),
  deviceId: uuid('device_id'),
  lon: doublePrecision('lon'),
  lat: doublePrecision('lat'),
  category: text('category'),
  madeAt: instant('made_at').notNull(),
  answered: boolean('answered').notNull().default(false),
  taught: jsonb('taught').$type<{ readonly labels: Labels; readonly words: readonly string[] }>(),
});

export const assistWaiting = pgTable('assist_waiting', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  labels: jsonb('labels').$type<Labels>(),
  since: instant('since').notNull(),
});

export const assistLabels = pgTable('assist_labels', {
  tenantId: tenantId(),
  purpose: text('purpose').notNull(),
  label: text('label').notNull(),
  tickets: integer('tickets').notNull(),
  words: bigint('words', { mode: 'number' }).notNull(),
});

export const assistWords = pgTable('assist_words', {
  tenantId: tenantId(),
  purpose: text('purpose').notNull(),
  word: text('word').notNull(),
  label: text('label').notNull(),
  tickets: integer('tickets').notNull(),
});

export const assistPurposes = pgTable('assist_purposes', {
  tenantId: tenantId(),
  purpose: text('purpose').notNull(),
  vocabulary: integer('vocabulary').notNull(),
  learnedAt: instant('learned_at').notNull(),
});

export const assistPlaces = pgTable('assist_places', {
  tenantId: tenantId(),
  text: text('text').notNull(),
  lon: doublePrecision('lon'),
  lat: doublePrecision('lat'),
  used: integer('used').notNull().default(1),
  lastAt: instant('last_at').notNull(),
});

export const sensitiveWords = pgTable('sensitive_words', {
  tenantId: tenantId(),
  word: text('word').notNull(),
  level: text('level', { enum: ['note', 'urgent'] }).notNull(),
  class: text('class').notNull().default('other'),
  createdAt: createdAt(),
});
