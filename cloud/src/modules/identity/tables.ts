import { bigint, boolean, customType, doublePrecision, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, instant, tenantId, updatedAt, version } from '../../db/index.js';

const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** As `GrantInput` of the API. */
interface StoredGrant {
  roleId: string;
  scope: { kind: 'tenant' } | { kind: 'region' | 'hall'; id: string };
}

export const sessionMethods = ['password', 'sign-on', 'invitation'] as const;
export type SessionMethod = (typeof sessionMethods)[number];

export const userSessions = pgTable('user_sessions', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  token: text('token').notNull(),
  expiresAt: instant('expires_at').notNull(),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  method: text('method', { enum: sessionMethods }).notNull().default('password'),
  secondFactor: boolean('second_factor').notNull().default(false),
  providerId: uuid('provider_id'),
  idTokenSealed: bytes('id_token_sealed'),
  lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
});

export const userAccounts = pgTable('user_accounts', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  password: text('password'),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: instant('access_token_expires_at'),
  refreshTokenExpiresAt: instant('refresh_token_expires_at'),
  scope: text('scope'),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const userVerifications = pgTable('user_verifications', {
  id: id(),
  identifier: text('identifier').notNull(),
  value: text('value').notNull(),
  expiresAt: instant('expires_at').notNull(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const signInPolicies = pgTable('sign_in_policies', {
  tenantId: uuid('tenant_id').primaryKey(),
  secondFactor: text('second_factor', { enum: ['off', 'optional', 'required'] }).notNull(),
  requiredRoleIds: uuid('required_role_ids').array().notNull(),
  trustedDeviceDays: integer('trusted_device_days').notNull(),
  idleMinutes: integer('idle_minutes').notNull(),
  absoluteHours: integer('absolute_hours').notNull(),
  passwordMinLength: integer('password_min_length').notNull(),
  passwordHistory: integer('password_history').notNull(),
  passwordMaxAgeDays: integer('password_max_age_days'),
  version: version(),
  updatedAt: updatedAt(),
});

export const userSecondFactors = pgTable('user_second_factors', {
  userId: uuid('user_id').primaryKey(),
  tenantId: tenantId(),
  secretSealed: bytes('secret_sealed').notNull(),
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
  driftSteps: integer('drift_steps').notNull().default(0),
  confirmedAt: instant('confirmed_at'),
  createdAt: createdAt(),
});

export const userRecoveryCodes = pgTable('user_recovery_codes', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  codeHash: bytes('code_hash').notNull(),
  usedAt: instant('used_at'),
});

export const trustedDevices = pgTable('trusted_devices', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  tokenHash: bytes('token_hash').notNull(),
  ip: text('ip'),
  userAgent: text('user_agent'),
  createdAt: createdAt(),
  lastUsedAt: instant('last_used_at').notNull().defaultNow(),
  expiresAt: instant('expires_at').notNull(),
});

export const passwordHistory = pgTable('password_history', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  password: text('password').notNull(),
  createdAt: createdAt(),
});

export const signInSteps = pgTable('sign_in_steps', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  tokenHash: bytes('token_hash').notNull(),
  method: text('method', { enum: sessionMethods }).notNull(),
  providerId: uuid('provider_id'),
  idTokenSealed: bytes('id_token_sealed'),
  failures: integer('failures').notNull().default(0),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull(),
});

export const invitations = pgTable('invitations', {
  id: id(),
  tenantId: tenantId(),
  userId: uuid('user_id').notNull(),
  tokenHash: bytes('token_hash').notNull(),
  invitedBy: uuid('invited_by'),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull(),
  endedAt: instant('ended_at'),
  outcome: text('outcome', { enum: ['accepted', 'withdrawn', 'replaced'] }),
});

export const signInLimits = pgTable('sign_in_limits', {
  key: bytes('key').primaryKey(),
  tokens: doublePrecision('tokens').notNull(),
  at: instant('at').notNull(),
});

export const signOnProviders = pgTable('sign_on_providers', {
  id: id(),
  tenantId: tenantId(),
  label: text('label').notNull(),
  issuer: text('issuer').notNull(),
  clientId: text('client_id').notNull(),
  clientSecretSealed: bytes('client_secret_sealed'),
  scopes: text('scopes').array().notNull(),
  userNameClaim: text('user_name_claim').notNull(),
  displayNameClaim: text('display_name_claim').notNull(),
  groupsClaim: text('groups_claim'),
  allowedDomains: text('allowed_domains').array().notNull(),
  provision: boolean('provision').notNull().default(false),
  defaultGrants: jsonb('default_grants').$type<StoredGrant[]>().notNull().default([]),
  groupGrants: jsonb('group_grants').$type<(StoredGrant & { group: string })[]>().notNull().default([]),
  trustsSecondFactor: boolean('trusts_second_factor').notNull().default(false),
  enabled: boolean('enabled').notNull().default(true),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const signOnFlows = pgTable('sign_on_flows', {
  id: id(),
  tenantId: tenantId(),
  providerId: uuid('provider_id').notNull(),
  kind: text('kind', { enum: ['sign-in', 'link', 'invitation'] }).notNull(),
  userId: uuid('user_id'),
  /** Of `link`: nothing is linked where it has ended meanwhile. */
  sessionId: uuid('session_id'),
  tokenHash: bytes('token_hash').notNull(),
  stateHash: bytes('state_hash').notNull(),
  nonce: text('nonce').notNull(),
  verifierSealed: bytes('verifier_sealed').notNull(),
  redirectUri: text('redirect_uri').notNull(),
  returnTo: text('return_to').notNull(),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});
