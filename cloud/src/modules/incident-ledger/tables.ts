import { date, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { instant, tenantId } from '../../db/index.js';

export const supportLineDays = pgTable('support_line_days', {
  tenantId: tenantId(),
  day: date('day').notNull(),
  offered: integer('offered').notNull(),
  answered: integer('answered').notNull(),
  note: text('note'),
  updatedAt: instant('updated_at').notNull(),
  updatedByName: text('updated_by_name').notNull(),
});
