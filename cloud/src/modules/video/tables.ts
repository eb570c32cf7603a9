import { boolean, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, tenantId } from '../../db/index.js';

/** Who has a camera in hand, the last one and until when. */
export const cameraSteering = pgTable('camera_steering', {
  tenantId: tenantId(),
  deviceId: uuid('device_id').notNull(),
  sessionId: uuid('session_id').notNull(),
  personId: uuid('person_id').notNull(),
  name: text('name').notNull(),
  overrules: boolean('overrules').notNull(),
  since: instant('since').notNull(),
  until: instant('until').notNull(),
});
