import type { BookDifference, ExchangeMapping } from '@hallhub/shared/exchange';
import { exchangeSides, exchangeStates } from '@hallhub/shared/exchange';
import { bigint, boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, bytea, createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const exchangePartners = ['12345', '110', 'grid', 'government', 'customer', 'other'] as const;
const direction = () => text('direction', { enum: ['in', 'out'] }).notNull();

export const exchangeChannels = pgTable('exchange_channels', {
  id: id(),
  tenantId: tenantId(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  partner: text('partner', { enum: exchangePartners }).notNull(),
  baseUrl: text('base_url'),
  keyId: text('key_id').notNull(),
  secret: bytea('secret').notNull(),
  oldKeyId: text('old_key_id'),
  oldSecret: bytea('old_secret'),
  oldUntil: instant('old_until'),
  mapping: jsonb('mapping').$type<ExchangeMapping>().notNull(),
  hallId: uuid('hall_id'),
  pausedAt: instant('paused_at'),
  lastInAt: instant('last_in_at'),
  lastOutAt: instant('last_out_at'),
  clockMs: integer('clock_ms').notNull().default(0),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});
export type ChannelRow = typeof exchangeChannels.$inferSelect;

export const exchangeTickets = pgTable('exchange_tickets', {
  id: id(),
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  owner: text('owner', { enum: exchangeSides }).notNull(),
  number: text('number').notNull(),
  peerNumber: text('peer_number'),
  ticketId: uuid('ticket_id').notNull(),
  state: text('state', { enum: exchangeStates }).notNull(),
  extension: boolean('extension').notNull().default(false),
  seqIn: integer('seq_in').notNull().default(0),
  seqOut: integer('seq_out').notNull().default(0),
  lastWord: integer('last_word').notNull().default(0),
  openedAt: instant('opened_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});
export type LinkRow = typeof exchangeTickets.$inferSelect;

export const exchangeMessages = pgTable('exchange_messages', {
  id: id(),
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  linkId: uuid('link_id'),
  direction: direction(),
  messageId: text('message_id').notNull(),
  owner: text('owner', { enum: exchangeSides }).notNull(),
  number: text('number').notNull(),
  act: text('act').notNull(),
  pos: integer('pos').notNull().default(0),
  seq: integer('seq'),
  body: bytea('body').notNull(),
  bodyHash: bytea('body_hash'),
  state: text('state', { enum: ['waiting', 'accepted', 'refused', 'failed', 'dropped'] }).notNull(),
  effect: text('effect'),
  attempts: integer('attempts').notNull().default(0),
  nextAt: instant('next_at'),
  leasedTill: instant('leased_till'),
  code: text('code'),
  detail: text('detail'),
  madeAt: instant('made_at').notNull(),
  doneAt: instant('done_at'),
});
export type MessageRow = typeof exchangeMessages.$inferSelect;

export const exchangeAttempts = pgTable('exchange_attempts', {
  id: id(),
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  message: uuid('message'),
  direction: direction(),
  at: instant('at').notNull(),
  tookMs: integer('took_ms').notNull(),
  status: integer('status'),
  code: text('code'),
  detail: text('detail'),
  answer: jsonb('answer'),
  ip: text('ip'),
});

export const exchangeNonces = pgTable('exchange_nonces', {
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  nonce: text('nonce').notNull(),
  at: instant('at').notNull(),
});

export const exchangeFiles = pgTable('exchange_files', {
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  direction: direction(),
  sha256: text('sha256').notNull(),
  name: text('name').notNull(),
  bytes: integer('bytes').notNull(),
  at: instant('at').notNull(),
  mediaType: text('media_type').notNull().default('application/octet-stream'),
  refused: text('refused'),
  detail: text('detail'),
});

export const exchangeTicketFiles = pgTable('exchange_ticket_files', {
  tenantId: tenantId(),
  linkId: uuid('link_id').notNull(),
  direction: direction(),
  sha256: text('sha256').notNull(),
  messageId: uuid('message_id').notNull(),
  name: text('name').notNull(),
  bytes: bigint('bytes', { mode: 'number' }),
  mediaType: text('media_type'),
  state: text('state', { enum: ['waiting', 'accepted', 'refused'] }).notNull(),
  code: text('code'),
  detail: text('detail'),
  at: instant('at').notNull(),
});

export const exchangeComparisons = pgTable('exchange_comparisons', {
  id: id(),
  tenantId: tenantId(),
  channelId: uuid('channel_id').notNull(),
  at: instant('at').notNull(),
  tookMs: integer('took_ms').notNull(),
  state: text('state', { enum: ['equal', 'different', 'failed'] }).notNull(),
  here: integer('here').notNull(),
  there: integer('there').notNull(),
  underWay: integer('under_way').notNull(),
  different: integer('different').notNull(),
  differences: jsonb('differences').$type<readonly BookDifference[]>().notNull(),
  detail: text('detail'),
});
