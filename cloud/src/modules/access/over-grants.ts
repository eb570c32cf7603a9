import { HubError } from '@hallhub/shared';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { tenants } from '../places/tables.js';
import type { Actor, Scope } from './actor.js';
import { ownerRoleKey } from './built-in-roles.js';
import type { GrantInput, GrantScope } from './contract.js';
import { installationRights, isRight, type Right } from './rights.js';
import { roleGrants, roles, users } from './tables.js';

export const toScope = (scope: GrantScope): Scope => {
  if (scope.kind === 'region') return { regionId: scope.id };
  return scope.kind === 'hall' ? { hallId: scope.id } : 'tenant';
};

/**
 * Nobody gives, takes or commands more than they hold: for every grant the actor needs `right` and all rights of the
 * role, there. Without it a reset password would be a way to somebody else's rights. Errors: `forbidden`, `invalid_input`.
 */
export const requireOverGrants = async (
  tx: Tx,
  actor: Actor,
  right: 'grant.write' | 'user.write',
  grants: readonly GrantInput[],
): Promise<void> => {
  if (grants.length === 0) return;
  const roleIds = [...new Set(grants.map((grant) => grant.roleId))];
  const found = await tx.select().from(roles).where(inArray(roles.id, roleIds));
  const byId = new Map(found.map((role) => [role.id, role]));
  for (const { roleId, scope } of grants) {
    const role = byId.get(roleId);
    if (!role) {
      throw new HubError('invalid_input', 'There is no such role', {
        context: { errors: [{ path: 'body.grants', message: `There is no role ${roleId}` }] },
      });
    }
    actor.require(right, toScope(scope));
    const lacking = role.rights.filter(
      (held) => isRight(held) && !isPowerless(actor, held) && !actor.can(held, toScope(scope)),
    );
    if (lacking.length > 0) {
      throw new HubError('forbidden', 'That role holds rights there which you do not hold yourself', {
        context: { role: role.key, lacking },
      });
    }
  }
};

/** The owner role holds these everywhere; outside the installation's own organisation they are worth nothing to anybody. */
const isPowerless = (actor: Actor, right: Right): boolean =>
  actor.ofInstallation === false && installationRights.has(right);

/** The grants that a person holds now, as input again. */
export const grantInputsOf = async (tx: Tx, userId: string): Promise<GrantInput[]> => {
  const rows = await tx.select().from(roleGrants).where(eq(roleGrants.userId, userId));
  return rows.map(({ roleId, regionId, hallId }) => ({
    roleId,
    scope: regionId ? { kind: 'region', id: regionId } : hallId ? { kind: 'hall', id: hallId } : { kind: 'tenant' },
  }));
};

/** Run first where owners may get fewer: two changes at once must not each leave "the other one". */
export const lockTenant = async (tx: Tx, tenantId: string): Promise<void> => {
  await tx.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenantId)).for('update');
};

/** Run last, in the same transaction. Errors: `conflict` where nobody active is left who can manage the tenant. */
export const requireAnOwner = (tx: Tx): Promise<void> => requireAnOwnerOf(tx, null);

/** The same where row-level security does not narrow to one tenant (a system transaction). */
export const requireAnOwnerOf = async (tx: Tx, tenantId: string | null): Promise<void> => {
  const [row] = await tx
    .select({ owners: sql<number>`count(*)::int` })
    .from(roleGrants)
    .innerJoin(roles, eq(roles.id, roleGrants.roleId))
    .innerJoin(users, eq(users.id, roleGrants.userId))
    .where(
      and(
        tenantId === null ? undefined : eq(roleGrants.tenantId, tenantId),
        eq(roles.key, ownerRoleKey),
        eq(roleGrants.scopeKind, 'tenant'),
        eq(users.state, 'active'),
      ),
    );
  if ((row?.owners ?? 0) > 0) return;
  throw new HubError('conflict', 'This is the last active owner', {
    context: { reason: 'last_owner' },
    hint: 'Make somebody else an owner of the whole organisation first.',
  });
};
