import type { WorkCalendar } from '@hallhub/shared/ticket';
import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt, tenantId, updatedAt, version } from '../../db/index.js';

export const workCalendars = pgTable('work_calendars', {
  tenantId: tenantId(),
  code: text('code').notNull(),
  document: jsonb('document').$type<WorkCalendar>().notNull(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  updatedByName: text('updated_by_name'),
});
