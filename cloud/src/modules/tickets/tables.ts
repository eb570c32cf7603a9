import type { Party, TicketState } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { bigint, boolean, customType, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, createdAt, id, instant, tenantId } from '../../db/index.js';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });
const span = (name: string) => bigint(name, { mode: 'number' });

/** A live task as a ticket's row carries it, so that lists ask no other table. */
export interface LiveTask {
  readonly id: string;
  readonly purpose: 'handle' | 'extension';
  readonly state: 'open' | 'signed';
  readonly party: Party;
  readonly heldBy?: string | undefined;
}

export const ticketNumbers = pgTable('ticket_numbers', {
  tenantId: tenantId(),
  prefix: text('prefix').notNull(),
  period: text('period').notNull(),
  last: integer('last').notNull(),
});

export const tickets = pgTable('tickets', {
  id: id(),
  tenantId: tenantId(),
  number: text('number').notNull(),
  title: text('title').notNull(),
  kind: text('kind').notNull(),
  kindVersion: integer('kind_version').notNull(),
  status: text('status', { enum: ['running', 'suspended', 'ended'] }).notNull(),
  outcome: text('outcome', { enum: ['closed', 'cancelled', 'merged'] }),
  phase: text('phase').notNull(),
  stateId: text('state_id').notNull(),
  step: text('step').notNull(),
  level: text('level'),
  source: text('source').notNull(),
  hallId: uuid('hall_id'),
  regionId: uuid('region_id'),
  placeText: text('place_text'),
  lon: doublePrecision('lon'),
  lat: doublePrecision('lat'),
  deviceId: uuid('device_id'),
  alarmId: uuid('alarm_id'),
  parentId: uuid('parent_id'),
  mergedInto: uuid('merged_into'),
  originSystem: text('origin_system'),
  originKey: text('origin_key'),
  requester: bytea('requester'),
  state: jsonb('state').$type<TicketState>().notNull(),
  liveTasks: jsonb('live_tasks').$type<LiveTask[]>().notNull(),
  seq: integer('seq').notNull(),
  madeAt: instant('made_at').notNull(),
  madeBy: text('made_by').notNull(),
  madeByName: text('made_by_name').notNull(),
  endedAt: instant('ended_at'),
  actedAt: instant('acted_at').notNull(),
  dueAt: instant('due_at'),
  yellowAt: instant('yellow_at'),
  redAt: instant('red_at'),
  promised: boolean('promised').notNull().default(true),
  clockStamp: text('clock_stamp').notNull(),
  supervised: boolean('supervised').notNull(),
  reminded: integer('reminded').notNull(),
  returned: integer('returned').notNull(),
  reopened: integer('reopened').notNull(),
});

export const ticketWords = pgTable('ticket_words', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  madeAt: instant('made_at').notNull(),
  words: tsvector('words').notNull(),
});

export const ticketHistory = pgTable('ticket_history', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  seq: integer('seq').notNull(),
  at: instant('at').notNull(),
  by: text('by').notNull(),
  byName: text('by_name').notNull(),
  onBehalfOf: text('on_behalf_of'),
  type: text('type').notNull(),
  data: jsonb('data').$type<Record<string, unknown>>().notNull(),
  opinion: text('opinion'),
});

export const ticketTasks = pgTable('ticket_tasks', {
  tenantId: tenantId(),
  id: uuid('id').notNull(),
  ticketId: uuid('ticket_id').notNull(),
  purpose: text('purpose', { enum: ['handle', 'extension'] }).notNull(),
  step: text('step').notNull(),
  visit: integer('visit').notNull(),
  partyKind: text('party_kind', { enum: ['person', 'office'] }).notNull(),
  partyId: uuid('party_id').notNull(),
  heldBy: uuid('held_by'),
  doerId: uuid('doer_id').notNull().generatedAlwaysAs(sql`coalesce(held_by, party_id)`),
  state: text('state', { enum: ['waiting', 'open', 'signed', 'lent', 'done', 'gone'] }).notNull(),
  lead: boolean('lead').notNull(),
  unplaced: boolean('unplaced').notNull(),
  lentBy: uuid('lent_by'),
  action: text('action'),
  beganAt: instant('began_at').notNull(),
  endedAt: instant('ended_at'),
  sortDue: instant('sort_due').notNull(),
  madeAt: instant('made_at').notNull(),
  yellowAt: instant('yellow_at'),
  redAt: instant('red_at'),
  isShared: boolean('is_shared').notNull().default(false),
});

export const ticketDoers = pgTable('ticket_doers', {
  tenantId: tenantId(),
  personId: uuid('person_id').notNull(),
  ticketId: uuid('ticket_id').notNull(),
  madeAt: instant('made_at').notNull(),
  isOver: boolean('is_over').notNull(),
  /** A task of it is theirs, or was: they may see it whatever else they may. */
  hadTask: boolean('had_task').notNull().default(false),
});

export const ticketLinks = pgTable('ticket_links', {
  tenantId: tenantId(),
  fromId: uuid('from_id').notNull(),
  toId: uuid('to_id').notNull(),
  how: text('how', { enum: ['related', 'same_event', 'caused_by'] }).notNull(),
  madeAt: instant('made_at').notNull(),
});

export const ticketFiles = pgTable('ticket_files', {
  id: id(),
  tenantId: tenantId(),
  ticketId: uuid('ticket_id'),
  field: text('field'),
  name: text('name').notNull(),
  mediaType: text('media_type').notNull(),
  sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
  sha256: text('sha256').notNull(),
  madeAt: instant('made_at').notNull(),
  madeBy: text('made_by').notNull(),
  madeByName: text('made_by_name').notNull(),
  takenAt: instant('taken_at'),
  lon: doublePrecision('lon'),
  lat: doublePrecision('lat'),
});

export const ticketFilters = pgTable('ticket_filters', {
  id: id(),
  tenantId: tenantId(),
  personId: uuid('person_id').notNull(),
  name: text('name').notNull(),
  filter: jsonb('filter').$type<Record<string, unknown>>().notNull(),
  createdAt: createdAt(),
});

export const ticketClocks = pgTable('ticket_clocks', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  clock: text('clock').notNull(),
  run: integer('run').notNull(),
  purpose: text('purpose').notNull(),
  requesters: boolean('requesters').notNull(),
  calendar: text('calendar').notNull(),
  beganAt: instant('began_at').notNull(),
  endedAt: instant('ended_at'),
  dueAt: instant('due_at'),
  warnAt: instant('warn_at'),
  redAt: instant('red_at'),
  promisedMs: span('promised_ms').notNull(),
  extendedMs: span('extended_ms').notNull(),
  usedMs: span('used_ms').notNull(),
  isPaused: boolean('is_paused').notNull(),
  isBroken: boolean('is_broken').notNull(),
});

export const ticketClockEvents = pgTable('ticket_clock_events', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  clock: text('clock').notNull(),
  run: integer('run').notNull(),
  what: text('what', { enum: ['warned', 'breached', 'escalated'] }).notNull(),
  place: integer('place').notNull(),
  promisedMs: span('promised_ms').notNull(),
  at: instant('at').notNull(),
  notedAt: instant('noted_at'),
  parties: jsonb('parties').$type<{ kind: 'person' | 'office'; id: string }[]>().notNull().default([]),
});

export const ticketsAside = pgTable('tickets_aside', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  work: text('work', { enum: ['recompute', 'note', 'resume'] }).notNull(),
  reason: text('reason').notNull(),
  since: instant('since').notNull(),
  tries: integer('tries').notNull(),
  lastAt: instant('last_at').notNull(),
  retryAt: instant('retry_at').notNull(),
});

export const ticketSealings = pgTable('ticket_sealings', {
  tenantId: tenantId(),
  kind: text('kind').notNull(),
  version: integer('version').notNull(),
  after: uuid('after'),
  tickets: integer('tickets').notNull(),
  failed: integer('failed').notNull(),
  doneAt: instant('done_at'),
});
