import { bigint, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, id, instant, tenantId } from '../../db/index.js';

export const auditEntries = pgTable('audit_entries', {
  id: id(),
  tenantId: tenantId(),
  at: instant('at').notNull().defaultNow(),
  actorKind: text('actor_kind', { enum: ['user', 'system', 'apikey'] }).notNull(),
  actorId: uuid('actor_id'),
  actorName: text('actor_name').notNull(),
  action: text('action').notNull(),
  targetKind: text('target_kind').notNull(),
  targetId: text('target_id'),
  targetName: text('target_name'),
  hallId: uuid('hall_id'),
  before: jsonb('before'),
  after: jsonb('after'),
  ip: text('ip'),
  userAgent: text('user_agent'),
  requestId: text('request_id'),
  seq: bigint('seq', { mode: 'number' }),
  hash: bytea('hash'),
});

export const auditHeads = pgTable('audit_heads', {
  tenantId: tenantId().primaryKey(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  hash: bytea('hash').notNull(),
  sealedAt: instant('sealed_at'),
  verifiedAt: instant('verified_at'),
  verification: jsonb('verification'),
});

export const auditAnchors = pgTable('audit_anchors', {
  tenantId: tenantId(),
  number: integer('number').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  hash: bytea('hash').notNull(),
  at: instant('at').notNull(),
  document: text('document').notNull(),
  signature: jsonb('signature').notNull(),
});
