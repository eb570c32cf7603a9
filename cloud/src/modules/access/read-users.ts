import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { halls, regions } from '../places/tables.js';
import type { Grant, GrantScope, User } from './contract.js';
import { roleGrants, roles, type users } from './tables.js';

export type UserRow = typeof users.$inferSelect;

/** Grants of these people, with the names that a person reads. */
const grantsOf = async (tx: Tx, userIds: readonly string[]): Promise<Map<string, Grant[]>> => {
  const found = new Map<string, Grant[]>();
  if (userIds.length === 0) return found;
  const rows = await tx
    .select({
      grant: roleGrants,
      role: roles,
      placeName: sql<string | null>`coalesce(${regions.name}, ${halls.name})`,
    })
    .from(roleGrants)
    .innerJoin(roles, and(eq(roles.tenantId, roleGrants.tenantId), eq(roles.id, roleGrants.roleId)))
    .leftJoin(regions, and(eq(regions.tenantId, roleGrants.tenantId), eq(regions.id, roleGrants.regionId)))
    .leftJoin(halls, and(eq(halls.tenantId, roleGrants.tenantId), eq(halls.id, roleGrants.hallId)))
    .where(inArray(roleGrants.userId, [...userIds]))
    .orderBy(roleGrants.createdAt, roleGrants.id);
  for (const { grant, role, placeName } of rows) {
    const list = found.get(grant.userId) ?? [];
    found.set(grant.userId, list);
    list.push({
      roleId: role.id,
      roleKey: role.key,
      roleLabel: { zh: role.labelZh, ...(role.labelEn === null ? {} : { en: role.labelEn }) },
      scope: scopeOf(grant),
      scopeName: placeName,
    });
  }
  return found;
};

const scopeOf = (grant: typeof roleGrants.$inferSelect): GrantScope => {
  if (grant.regionId !== null) return { kind: 'region', id: grant.regionId };
  if (grant.hallId !== null) return { kind: 'hall', id: grant.hallId };
  return { kind: 'tenant' };
};

/** Rows to DTOs; `locked` is shown while the lock lasts. */
export const describeUsers = async (tx: Tx, rows: readonly UserRow[], nowMs: number): Promise<User[]> => {
  const grants = await grantsOf(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    userName: row.userName,
    displayName: row.displayName,
    email: row.email,
    state: row.state === 'active' && (row.lockedUntil?.getTime() ?? 0) > nowMs ? 'locked' : row.state,
    mustChangePassword: row.mustChangePassword,
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    grants: grants.get(row.id) ?? [],
    version: row.version,
  }));
};

export const describeUser = async (tx: Tx, row: UserRow, nowMs: number): Promise<User> => {
  const [user] = await describeUsers(tx, [row], nowMs);
  return user as User;
};
