import { hashPassword } from 'better-auth/crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { refuseSelf } from '../../identity/over-person.js';
import { makeOneTimePassword } from '../../identity/password-rules.js';
import { invitations, trustedDevices, userAccounts, userSessions } from '../../identity/tables.js';
import { lockUser } from '../find-user.js';
import { grantInputsOf, requireOverGrants } from '../over-grants.js';
import { users } from '../tables.js';
import type { VerbContext } from '../verb-context.js';

/** A new one-time password, shown this once; a lock is lifted and every session of the person ends. */
export const resetPassword = async (
  ctx: VerbContext,
  input: { readonly userId: string },
): Promise<{ oneTimePassword: string }> => {
  // Whoever finds a session open must not get a password out of it.
  refuseSelf(ctx, input.userId);
  const oneTimePassword = makeOneTimePassword();
  const password = await hashPassword(oneTimePassword);
  await withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await lockUser(tx, ctx.actor, input);
    const held = await grantInputsOf(tx, row.id);
    if (held.length === 0) ctx.actor.require('user.write', 'tenant');
    await requireOverGrants(tx, ctx.actor, 'user.write', held);
    const changed = await tx
      .update(userAccounts)
      .set({ password, updatedAt: new Date(ctx.clock.now()) })
      .where(and(eq(userAccounts.userId, row.id), eq(userAccounts.providerId, 'credential')))
      .returning({ id: userAccounts.id });
    // Who was invited, or comes in by single sign-on, had none so far.
    if (changed.length === 0) {
      const { id: userId, tenantId } = row;
      await tx.insert(userAccounts).values({ tenantId, userId, accountId: userId, providerId: 'credential', password });
    }
    await tx
      .update(invitations)
      .set({ endedAt: new Date(ctx.clock.now()), outcome: 'replaced' })
      .where(and(eq(invitations.userId, row.id), isNull(invitations.endedAt)));
    await tx
      .update(users)
      .set({
        mustChangePassword: true,
        failedSignIns: 0,
        lockedUntil: null,
        locksLiftedAt: new Date(ctx.clock.now()),
        version: sql`${users.version} + 1`,
      })
      .where(eq(users.id, row.id));
    await tx.delete(userSessions).where(eq(userSessions.userId, row.id));
    await tx.delete(trustedDevices).where(eq(trustedDevices.userId, row.id));
    await audit(tx, ctx, {
      action: 'user.password_reset',
      target: { kind: 'user', id: row.id, name: row.displayName },
    });
  });
  return { oneTimePassword };
};
