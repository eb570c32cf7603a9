import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { Actor } from '../access/actor.js';
import type { GrantScope } from '../access/contract.js';
import { users } from '../access/tables.js';
import { halls, regions } from '../places/tables.js';
import type { ApiKey } from './contract.js';
import { apiKeys } from './tables.js';

const { hash: _hash, ...shown } = getTableColumns(apiKeys);

export interface ApiKeyRow {
  readonly key: Omit<typeof apiKeys.$inferSelect, 'hash'>;
  readonly creatorName: string;
  readonly placeName: string | null;
}

/** Keys at places that `apikey.write` reaches; who holds it over the tenant sees all. */
export const apiKeysInReach = (actor: Actor): SQL | undefined => {
  const halls = actor.scopeFilter('apikey.write');
  const regions = actor.regionFilter('apikey.write');
  if (halls === 'all' || regions === 'all') return undefined;
  return sql`(${apiKeys.hallId} = ANY(${sql.param([...halls])}::uuid[]) OR ${apiKeys.regionId} = ANY(${sql.param([...regions])}::uuid[]))`;
};

export const selectApiKeys = (tx: Tx) =>
  tx
    .select({
      key: shown,
      creatorName: users.displayName,
      placeName: sql<string | null>`coalesce(${regions.name}, ${halls.name})`,
    })
    .from(apiKeys)
    .innerJoin(users, and(eq(users.tenantId, apiKeys.tenantId), eq(users.id, apiKeys.createdBy)))
    .leftJoin(regions, and(eq(regions.tenantId, apiKeys.tenantId), eq(regions.id, apiKeys.regionId)))
    .leftJoin(halls, and(eq(halls.tenantId, apiKeys.tenantId), eq(halls.id, apiKeys.hallId)));

export const scopeOfKey = (key: ApiKeyRow['key']): GrantScope => {
  if (key.regionId !== null) return { kind: 'region', id: key.regionId };
  return key.hallId !== null ? { kind: 'hall', id: key.hallId } : { kind: 'tenant' };
};

export const describeApiKey = ({ key, creatorName, placeName }: ApiKeyRow, nowMs: number): ApiKey => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  rights: key.rights,
  scope: scopeOfKey(key),
  scopeName: placeName,
  allowedFrom: key.allowedFrom,
  state: key.revokedAt ? 'revoked' : key.expiresAt && key.expiresAt.getTime() <= nowMs ? 'expired' : 'active',
  expiresAt: key.expiresAt?.toISOString() ?? null,
  createdBy: { id: key.createdBy, name: creatorName },
  createdAt: key.createdAt.toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  lastUsedIp: key.lastUsedIp,
  revokedAt: key.revokedAt?.toISOString() ?? null,
});
