import { HubError, uuidv7 } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import { isForeignKeyViolation, type Tx, withTenant } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import type { GrantInput, User } from '../contract.js';
import { lockUser } from '../find-user.js';
import { grantInputsOf, lockTenant, requireAnOwner, requireOverGrants } from '../over-grants.js';
import { describeUser } from '../read-users.js';
import { roleGrants, users } from '../tables.js';
import type { VerbContext } from '../verb-context.js';

const keyOf = ({ roleId, scope }: GrantInput) => `${roleId} ${scope.kind} ${scope.kind === 'tenant' ? '' : scope.id}`;

export const insertGrants = async (
  tx: Tx,
  to: { readonly tenantId: string; readonly userId: string },
  grants: readonly GrantInput[],
): Promise<void> => {
  const once = [...new Map(grants.map((grant) => [keyOf(grant), grant])).values()];
  if (once.length === 0) return;
  const rows = once.map(({ roleId, scope }) => ({
    id: uuidv7(),
    ...to,
    roleId,
    scopeKind: scope.kind,
    regionId: scope.kind === 'region' ? scope.id : null,
    hallId: scope.kind === 'hall' ? scope.id : null,
  }));
  try {
    await tx.insert(roleGrants).values(rows);
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    throw new HubError('invalid_input', 'A grant names a place that does not exist', {
      cause: error,
      context: { errors: [{ path: 'body.grants', message: 'A region or hall does not exist' }] },
    });
  }
};

/**
 * Replaces a person's grants. What is added and what is taken away must both be within what the actor holds.
 * Errors: `forbidden`, `conflict` for the last owner.
 */
export const setGrants = (
  ctx: VerbContext,
  input: { readonly userId: string; readonly version: number; readonly grants: readonly GrantInput[] },
): Promise<User> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    await lockTenant(tx, ctx.actor.tenantId);
    const row = await lockUser(tx, ctx.actor, input);
    const held = await grantInputsOf(tx, row.id);
    const [heldKeys, nextKeys] = [new Set(held.map(keyOf)), new Set(input.grants.map(keyOf))];
    const changed = [
      ...held.filter((grant) => !nextKeys.has(keyOf(grant))),
      ...input.grants.filter((grant) => !heldKeys.has(keyOf(grant))),
    ];
    if (held.length === 0) ctx.actor.require('grant.write', 'tenant');
    await requireOverGrants(tx, ctx.actor, 'grant.write', changed);
    const before = await describeUser(tx, row, ctx.clock.now());
    // What stays keeps its row: a grant that a provider's group gave still goes with the group.
    const rows = await tx.select().from(roleGrants).where(eq(roleGrants.userId, row.id));
    for (const { id, roleId, scopeKind, regionId, hallId } of rows) {
      const placeId = scopeKind === 'tenant' ? '' : (regionId ?? hallId ?? '');
      if (!nextKeys.has(`${roleId} ${scopeKind} ${placeId}`)) await tx.delete(roleGrants).where(eq(roleGrants.id, id));
    }
    const added = input.grants.filter((grant) => !heldKeys.has(keyOf(grant)));
    await insertGrants(tx, { tenantId: ctx.actor.tenantId, userId: row.id }, added);
    await requireAnOwner(tx);
    const [after] = await tx
      .update(users)
      .set({ version: sql`${users.version} + 1`, updatedAt: new Date(ctx.clock.now()) })
      .where(eq(users.id, row.id))
      .returning();
    const user = await describeUser(tx, after ?? row, ctx.clock.now());
    await audit(tx, ctx, {
      action: 'user.grants_changed',
      target: { kind: 'user', id: row.id, name: row.displayName },
      before: { grants: before.grants },
      after: { grants: user.grants },
    });
    return user;
  });
