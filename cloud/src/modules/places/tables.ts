import { doublePrecision, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, createdAt, id, tenantId, updatedAt, version } from '../../db/index.js';

export const tenants = pgTable('tenants', {
  id: id(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});

const place = {
  id: id(),
  tenantId: tenantId(),
  code: text('code').notNull(),
  name: text('name').notNull(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
};

export const regions = pgTable('regions', { ...place, parentId: uuid('parent_id') });

export const halls = pgTable('halls', {
  ...place,
  regionId: uuid('region_id').notNull(),
  timeZone: text('time_zone').notNull(),
  address: text('address'),
  lon: doublePrecision('lon'),
  lat: doublePrecision('lat'),
});

export const counters = pgTable('counters', { ...place, hallId: uuid('hall_id').notNull() });
