import { bigint, boolean, date, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytea, id, instant, tenantId } from '../../db/index.js';

export const proofTallies = pgTable('proof_tallies', {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  kind: text('kind', { enum: ['value', 'event', 'presence', 'command', 'fault', 'quarantine'] }).notNull(),
  hour: timestamp('hour', { withTimezone: true, precision: 0, mode: 'date' }).notNull(),
  stored: bigint('stored', { mode: 'number' }).notNull(),
  repeated: bigint('repeated', { mode: 'number' }).notNull().default(0),
});

export const proofRecounts = pgTable('proof_recounts', {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  day: date('day').notNull(),
  at: instant('at').notNull(),
  byName: text('by_name').notNull(),
  equal: boolean('equal').notNull(),
  kinds: jsonb('kinds').notNull(),
});

export const proofReports = pgTable('proof_reports', {
  id: id(),
  tenantId: tenantId(),
  month: text('month').notNull(),
  madeAt: instant('made_at').notNull(),
  madeByName: text('made_by_name').notNull(),
  totals: jsonb('totals').notNull(),
  sha256: bytea('sha256').notNull(),
  document: bytea('document').notNull(),
  signature: jsonb('signature')
    .$type<{ algorithm: 'ecdsa-p256-sha256'; signature: string; certificates: readonly string[] }>()
    .notNull(),
});
