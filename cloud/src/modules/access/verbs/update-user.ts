import { eq, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { audit, differences } from '../../audit/audit.js';
import { trustedDevices, userSessions } from '../../identity/tables.js';
import type { User } from '../contract.js';
import { lockUser } from '../find-user.js';
import { grantInputsOf, lockTenant, requireAnOwner, requireOverGrants } from '../over-grants.js';
import { describeUser } from '../read-users.js';
import { users } from '../tables.js';
import type { VerbContext } from '../verb-context.js';

export interface UpdateUserInput {
  readonly userId: string;
  readonly version: number;
  readonly displayName?: string | undefined;
  readonly email?: string | null | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
}

/** Edits, disables (all sessions end at once) or enables (a lock is lifted) a person. Errors: `conflict` for the last owner. */
export const updateUser = (ctx: VerbContext, input: UpdateUserInput): Promise<User> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    await lockTenant(tx, ctx.actor.tenantId);
    const row = await lockUser(tx, ctx.actor, input);
    const held = await grantInputsOf(tx, row.id);
    if (held.length === 0) ctx.actor.require('user.write', 'tenant');
    await requireOverGrants(tx, ctx.actor, 'user.write', held);
    const next = {
      displayName: input.displayName ?? row.displayName,
      email: input.email === undefined ? row.email : input.email,
      state: input.state ?? row.state,
    };
    const [after] = await tx
      .update(users)
      .set({
        ...next,
        ...(input.state === 'active'
          ? { failedSignIns: 0, lockedUntil: null, locksLiftedAt: new Date(ctx.clock.now()) }
          : {}),
        version: sql`${users.version} + 1`,
        updatedAt: new Date(ctx.clock.now()),
      })
      .where(eq(users.id, row.id))
      .returning();
    if (next.state === 'disabled') {
      await tx.delete(userSessions).where(eq(userSessions.userId, row.id));
      await tx.delete(trustedDevices).where(eq(trustedDevices.userId, row.id));
    }
    await requireAnOwner(tx);
    await audit(tx, ctx, {
      action: next.state === row.state ? 'user.updated' : next.state === 'active' ? 'user.enabled' : 'user.disabled',
      target: { kind: 'user', id: row.id, name: next.displayName },
      ...differences<Record<string, unknown>>(row, next, ['displayName', 'email', 'state']),
    });
    return describeUser(tx, after ?? row, ctx.clock.now());
  });
