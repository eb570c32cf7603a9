import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, createdAt, id, instant, tenantId } from '../../db/index.js';

export const apiKeys = pgTable('api_keys', {
  id: id(),
  tenantId: tenantId(),
  name: text('name').notNull(),
  prefix: text('prefix').notNull(),
  hash: bytea('hash').notNull(),
  rights: text('rights').array().notNull(),
  scopeKind: text('scope_kind', { enum: ['tenant', 'region', 'hall'] }).notNull(),
  regionId: uuid('region_id'),
  hallId: uuid('hall_id'),
  allowedFrom: text('allowed_from').array().notNull(),
  expiresAt: instant('expires_at'),
  createdBy: uuid('created_by').notNull(),
  createdAt: createdAt(),
  lastUsedAt: instant('last_used_at'),
  lastUsedIp: text('last_used_ip'),
  revokedAt: instant('revoked_at'),
  revokedBy: uuid('revoked_by'),
});
