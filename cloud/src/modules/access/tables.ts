import { boolean, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const users = pgTable('users', {
  id: id(),
  tenantId: tenantId(),
  userName: text('user_name').notNull(),
  displayName: text('display_name').notNull(),
  email: text('email'),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  locale: text('locale', { enum: ['zh', 'en'] })
    .notNull()
    .default('zh'),
  state: text('state', { enum: ['active', 'disabled'] })
    .notNull()
    .default('active'),
  mustChangePassword: boolean('must_change_password').notNull().default(true),
  failedSignIns: integer('failed_sign_ins').notNull().default(0),
  lockedUntil: instant('locked_until'),
  locksLiftedAt: instant('locks_lifted_at'),
  lastSignInAt: instant('last_sign_in_at'),
  passwordChangedAt: instant('password_changed_at'),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const roles = pgTable('roles', {
  id: id(),
  tenantId: tenantId(),
  key: text('key').notNull(),
  labelZh: text('label_zh').notNull(),
  labelEn: text('label_en'),
  rights: text('rights').array().notNull(),
  builtIn: boolean('built_in').notNull().default(false),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const roleGrants = pgTable('role_grants', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  roleId: uuid('role_id').notNull(),
  scopeKind: text('scope_kind', { enum: ['tenant', 'region', 'hall'] }).notNull(),
  regionId: uuid('region_id'),
  hallId: uuid('hall_id'),
  /** Given by a provider's group; goes with it. */
  signOnProviderId: uuid('sign_on_provider_id'),
  createdAt: createdAt(),
});

/** Kept by triggers: another one whenever roles, grants, or what places lie in change. */
export const accessStamps = pgTable('access_stamps', {
  tenantId: tenantId().primaryKey(),
  stamp: uuid('stamp').notNull(),
});
