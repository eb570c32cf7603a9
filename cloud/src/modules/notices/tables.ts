import type { Label } from '@hallhub/shared';
import { jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { id, instant, tenantId } from '../../db/index.js';

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
