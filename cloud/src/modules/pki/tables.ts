import { type AnyPgColumn, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytea, id, instant, tenantId } from '../../db/index.js';

/** Why a certificate was revoked. The first two and `retired_ca` are the system's own doing, people choose from the others. */
export const revocationReasons = ['replaced', 'archived', 'lost', 'compromised', 'retired_ca', 'other'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/** next: made and told, issues nothing yet · active: issues · previous: still trusted · retired: trusted no more. */
export const caStates = ['next', 'active', 'previous', 'retired'] as const;
export type CaState = (typeof caStates)[number];

export const caKeys = pgTable('ca_keys', {
  id: id(),
  state: text('state', { enum: caStates }).notNull(),
  name: text('name').notNull(),
  certificate: text('certificate').notNull(),
  crossCertificate: text('cross_certificate'),
  fingerprint: bytea('fingerprint').notNull(),
  sealedKey: bytea('sealed_key'),
  notBefore: instant('not_before').notNull(),
  notAfter: instant('not_after').notNull(),
  madeAt: instant('made_at').notNull(),
  activatedAt: instant('activated_at'),
  retiredAt: instant('retired_at'),
});

export const unitCertificates = pgTable('unit_certificates', {
  id: id(),
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  caId: uuid('ca_id').notNull(),
  serial: text('serial').notNull(),
  fingerprint: bytea('fingerprint').notNull(),
  keyHash: bytea('key_hash').notNull(),
  certificate: text('certificate').notNull(),
  notBefore: instant('not_before').notNull(),
  notAfter: instant('not_after').notNull(),
  issuedAt: instant('issued_at').notNull(),
  issuedBy: text('issued_by', { enum: ['enrolled', 'replaced', 'renewed'] }).notNull(),
  replacedBy: uuid('replaced_by').references((): AnyPgColumn => unitCertificates.id),
  revokedAt: instant('revoked_at'),
  revokedWhy: text('revoked_why', { enum: revocationReasons }),
  revokedSeen: timestamp('revoked_seen', { withTimezone: true, mode: 'date' }),
});
