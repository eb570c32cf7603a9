import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, id, instant, tenantId } from '../../db/index.js';

export const codeKinds = ['new', 'replace'] as const;
export type CodeKind = (typeof codeKinds)[number];

export const enrolmentCodes = pgTable('enrolment_codes', {
  id: id(),
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  kind: text('kind', { enum: codeKinds }).notNull(),
  secretHash: bytea('secret_hash').notNull(),
  caId: uuid('ca_id').notNull(),
  madeAt: instant('made_at').notNull(),
  madeBy: uuid('made_by'),
  madeByName: text('made_by_name').notNull(),
  expiresAt: instant('expires_at').notNull(),
  withdrawnAt: instant('withdrawn_at'),
  usedAt: instant('used_at'),
  usedIp: text('used_ip'),
  usedHardware: jsonb('used_hardware'),
  certificateId: uuid('certificate_id'),
  attempts: integer('attempts').notNull().default(0),
});

export const unitSnapshots = pgTable('unit_snapshots', {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  id: uuid('id').notNull(),
  madeAt: instant('made_at').notNull(),
  receivedAt: instant('received_at').notNull(),
  software: text('software').notNull(),
  sha256: bytea('sha256').notNull(),
  bytes: integer('bytes').notNull(),
  sealed: bytea('sealed').notNull(),
});
