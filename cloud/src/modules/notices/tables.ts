import type { Label } from '@hallhub/shared';
import { boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, bytea, createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const notices = pgTable('notices', {
  id: id(),
  tenantId: tenantId(),
  personId: text('person_id').notNull(),
  ticketId: uuid('ticket_id'),
  rule: text('rule').notNull(),
  text: jsonb('text').$type<Label>().notNull(),
  once: text('once').notNull(),
  madeAt: instant('made_at').notNull(),
  readAt: instant('read_at'),
});

export const channelKinds = ['email', 'sms', 'webhook'] as const;
export type ChannelKind = (typeof channelKinds)[number];
/** sent: the other side took it; delivered: a receipt says it arrived; unknown: none came; digested: within a summary. */
export const deliveryStates = [
  'waiting',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'skipped',
  'digested',
  'dropped',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];
/** What a notice is about, for whoever wants only some: a task, a reminder, a deadline, news, an answer to a requester, one’s account. */
export const noticeTopics = ['given', 'urged', 'late', 'news', 'answer', 'account'] as const;
export type NoticeTopic = (typeof noticeTopics)[number];

export const noticeChannels = pgTable('notice_channels', {
  id: id(),
  tenantId: tenantId(),
  kind: text('kind', { enum: channelKinds }).notNull(),
  name: text('name').notNull(),
  config: jsonb('config').$type<Record<string, unknown>>().notNull(),
  secret: bytea('secret'),
  oldSecret: bytea('old_secret'),
  oldUntil: instant('old_until'),
  enabled: boolean('enabled').notNull().default(true),
  failingSince: instant('failing_since'),
  lastOkAt: instant('last_ok_at'),
  lastErrorAt: instant('last_error_at'),
  lastCode: text('last_code'),
  lastDetail: text('last_detail'),
  gaveUpAt: instant('gave_up_at'),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});
export type NoticeChannelRow = typeof noticeChannels.$inferSelect;

export const noticeDeliveries = pgTable('notice_deliveries', {
  id: id(),
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  channel: text('channel', { enum: channelKinds }).notNull(),
  addressee: text('addressee', { enum: ['person', 'requester', 'endpoint', 'address'] }).notNull(),
  personId: text('person_id'),
  ticketId: uuid('ticket_id'),
  field: text('field'),
  ticketKind: text('ticket_kind'),
  rule: text('rule').notNull(),
  topic: text('topic', { enum: noticeTopics }).notNull(),
  urgent: boolean('urgent').notNull().default(false),
  text: jsonb('text').$type<Label>().notNull(),
  params: jsonb('params').$type<Record<string, string>>().notNull().default({}),
  body: bytea('body'),
  once: text('once').notNull(),
  state: text('state', { enum: deliveryStates }).notNull(),
  code: text('code'),
  detail: text('detail'),
  attempts: integer('attempts').notNull().default(0),
  nextAt: instant('next_at'),
  leasedTill: instant('leased_till'),
  lease: uuid('lease'),
  digestId: uuid('digest_id'),
  shownTo: text('shown_to'),
  toHash: bytea('to_hash'),
  ref: text('ref'),
  receipts: integer('receipts').notNull().default(0),
  madeAt: instant('made_at').notNull(),
  sentAt: instant('sent_at'),
  doneAt: instant('done_at'),
});
export type DeliveryRow = typeof noticeDeliveries.$inferSelect;

/** What a person wants outward, by channel. Left out: everything, at any hour. */
export interface ContactPrefs {
  readonly email?: ChannelPrefs | undefined;
  readonly sms?: ChannelPrefs | undefined;
}
export interface ChannelPrefs {
  readonly on: boolean;
  readonly topics: readonly NoticeTopic[];
  /** Waits for the working calendar, but for what is urgent. */
  readonly workHours: boolean;
}

export const userContacts = pgTable('user_contacts', {
  userId: uuid('user_id').primaryKey(),
  tenantId: tenantId(),
  phone: bytea('phone'),
  phoneShown: text('phone_shown'),
  verifiedAt: instant('verified_at'),
  pending: bytea('pending'),
  pendingShown: text('pending_shown'),
  codeHash: bytea('code_hash'),
  codeUntil: instant('code_until'),
  codeTries: integer('code_tries').notNull().default(0),
  codesSent: integer('codes_sent').notNull().default(0),
  codesSince: instant('codes_since'),
  prefs: jsonb('prefs').$type<ContactPrefs>().notNull().default({}),
  updatedAt: updatedAt(),
});

export const noticeBounces = pgTable('notice_bounces', {
  tenantId: tenantId(),
  hash: bytea('hash').notNull(),
  deliveryId: uuid('delivery_id').notNull(),
  at: instant('at').notNull(),
});

export const noticeOptouts = pgTable('notice_optouts', {
  tenantId: tenantId(),
  hash: bytea('hash').notNull(),
  at: instant('at').notNull(),
});
