import { boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, instant, tenantId, updatedAt, version } from '../../../db/index.js';

export const intakeRules = pgTable('intake_rules', {
  id: id(),
  tenantId: tenantId(),
  name: text('name').notNull(),
  source: text('source').notNull(),
  hallId: uuid('hall_id'),
  enabled: boolean('enabled').notNull().default(false),
  kind: text('kind').notNull(),
  level: text('level'),
  match: jsonb('match').$type<Record<string, unknown>>().notNull(),
  preset: jsonb('preset').$type<Record<string, unknown>>().notNull(),
  count: integer('count').notNull(),
  withinMinutes: integer('within_minutes').notNull(),
  mergeMinutes: integer('merge_minutes').notNull(),
  mostPerHour: integer('most_per_hour').notNull(),
  updatedByName: text('updated_by_name'),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});
export type IntakeRuleRow = typeof intakeRules.$inferSelect;

export const intakeInbox = pgTable('intake_inbox', {
  id: id(),
  tenantId: tenantId(),
  source: text('source').notNull(),
  key: text('key').notNull(),
  what: text('what', { enum: ['seen', 'confirmed', 'undone'] }).notNull(),
  hallId: uuid('hall_id').notNull(),
  deviceId: uuid('device_id').notNull(),
  at: instant('at').notNull(),
  data: jsonb('data').$type<Record<string, unknown>>().notNull(),
  receivedAt: instant('received_at').notNull(),
  attempts: integer('attempts').notNull().default(0),
  nextAt: instant('next_at').notNull(),
});

export const intakeOutcomes = ['opened', 'joined', 'counted', 'held', 'failed'] as const;
export const intakeOccurrences = pgTable('intake_occurrences', {
  tenantId: tenantId(),
  ruleId: uuid('rule_id').notNull(),
  key: text('key').notNull(),
  source: text('source').notNull(),
  hallId: uuid('hall_id').notNull(),
  deviceId: uuid('device_id').notNull(),
  at: instant('at').notNull(),
  notedAt: instant('noted_at').notNull(),
  outcome: text('outcome', { enum: intakeOutcomes }).notNull(),
  ticketId: uuid('ticket_id'),
  text: text('text').notNull(),
  reason: text('reason'),
});

/** What a ticket says of the findings that it was made of, once it is over. */
export interface CaseResult {
  readonly outcome: string;
  readonly at: string;
  readonly isTrue: boolean | null;
  readonly result: string | null;
  readonly checkedBy: { readonly zh: string; readonly en?: string | undefined } | null;
  readonly checkWords: string | null;
}

export const reviewCases = pgTable('review_cases', {
  tenantId: tenantId(),
  findingId: uuid('finding_id').notNull(),
  ticketId: uuid('ticket_id').notNull(),
  itemId: uuid('item_id').notNull(),
  byName: text('by_name'),
  at: instant('at').notNull(),
  result: jsonb('result').$type<CaseResult>(),
});

export const intakePictures = pgTable('intake_pictures', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  evidenceId: uuid('evidence_id').notNull(),
  state: text('state', { enum: ['waiting', 'attached', 'given_up'] })
    .notNull()
    .default('waiting'),
  fileId: uuid('file_id'),
  at: instant('at').notNull(),
});
