import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, tenantId } from '../../../db/index.js';

/** Programs of the house through which people ask: `api` is any that is none of the others. */
export const frontSources = ['api', 'kiosk', 'guide_screen', 'hotline', 'wechat', 'alipay'] as const;
export type FrontSource = (typeof frontSources)[number];

/** Where a form's own page may stand. */
export const formSources = ['web_form', 'kiosk', 'guide_screen', 'hotline', 'wechat', 'alipay'] as const;

export const ticketFronts = pgTable('ticket_fronts', {
  tenantId: tenantId(),
  ticketId: uuid('ticket_id').notNull(),
  source: text('source', { enum: frontSources }).notNull(),
  person: bytea('person'),
});
