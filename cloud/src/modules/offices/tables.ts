import { boolean, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const offices = pgTable('offices', {
  id: id(),
  tenantId: tenantId(),
  parentId: uuid('parent_id'),
  code: text('code').notNull(),
  name: text('name').notNull(),
  hallId: uuid('hall_id'),
  regionId: uuid('region_id'),
  calendar: text('calendar'),
  isFallback: boolean('is_fallback').notNull().default(false),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});

export const officeMembers = pgTable('office_members', {
  tenantId: tenantId(),
  officeId: uuid('office_id').notNull(),
  userId: uuid('user_id').notNull(),
  isLeader: boolean('is_leader').notNull().default(false),
  skills: text('skills').array().notNull().default([]),
});

export type LonLat = readonly [lon: number, lat: number];

export const officeAreas = pgTable('office_areas', {
  tenantId: tenantId(),
  id: uuid('id').notNull(),
  officeId: uuid('office_id').notNull(),
  purpose: text('purpose'),
  name: text('name'),
  hallId: uuid('hall_id'),
  regionId: uuid('region_id'),
  polygon: jsonb('polygon').$type<readonly LonLat[]>(),
});

export const officeCategories = pgTable('office_categories', {
  tenantId: tenantId(),
  officeId: uuid('office_id').notNull(),
  tree: text('tree').notNull(),
  code: text('code').notNull(),
});

export const standIns = pgTable('stand_ins', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  standInId: uuid('stand_in_id').notNull(),
  fromAt: instant('from_at').notNull(),
  untilAt: instant('until_at').notNull(),
});

/** Kept by triggers: another one whenever what dispatch goes by changes. */
export const officeStamps = pgTable('office_stamps', {
  tenantId: tenantId().primaryKey(),
  stamp: uuid('stamp').notNull(),
});
