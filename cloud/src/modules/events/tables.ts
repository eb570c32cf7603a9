import { jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, tenantId } from '../../db/index.js';

export const deviceEvents = pgTable('device_events', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  id: uuid('id').notNull(),
  unitId: uuid('unit_id').notNull(),
  hallId: uuid('hall_id').notNull(),
  event: text('event').notNull(),
  severity: text('severity', { enum: ['info', 'notice', 'warning', 'critical'] }).notNull(),
  data: jsonb('data').notNull(),
  at: instant('at').notNull(),
  unitAt: instant('unit_at').notNull(),
  deviceAt: instant('device_at'),
  receivedAt: instant('received_at').notNull(),
});
