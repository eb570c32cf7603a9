import { HubError } from '@hallhub/shared';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { and, eq, ne, sql } from 'drizzle-orm';
import { narrowToTenant, withSystem } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { checkPassword, maxPasswordLength } from '../password-rules.js';
import { userAccounts, userSessions } from '../tables.js';

export interface ChangePasswordInput {
  readonly current: string;
  readonly next: string;
  /** Stays open; every other session of the person ends. */
  readonly sessionId: string;
}

const wrongCurrent = () =>
  new HubError('invalid_input', 'The current password is wrong', {
    context: { errors: [{ path: 'body.current', message: 'It is not the current password' }] },
  });

/** Replaces the caller's own password. Errors: `invalid_input` with the rules broken. */
export const changePassword = async (ctx: VerbContext, input: ChangePasswordInput): Promise<void> => {
  const { userId, userName } = ctx.actor;
  if (userId === null || input.current.length > maxPasswordLength) throw wrongCurrent();
  checkPassword(input.next, userName);
  if (input.next === input.current) {
    throw new HubError('invalid_input', 'The new password must differ from the current one', {
      context: { errors: [{ path: 'body.next', message: 'Must differ from the current password' }] },
    });
  }
  const hash = await hashPassword(input.next);
  // The system role alone may read the hash; everything after the check is narrowed to the tenant.
  await withSystem(ctx.db, async (tx) => {
    const credential = and(eq(userAccounts.userId, userId), eq(userAccounts.providerId, 'credential'));
    const [account] = await tx
      .select({ password: userAccounts.password })
      .from(userAccounts)
      .where(credential)
      .for('update');
    const right = account?.password && (await verifyPassword({ hash: account.password, password: input.current }));
    if (!right) throw wrongCurrent();
    await narrowToTenant(tx, ctx.actor);
    await tx
      .update(userAccounts)
      .set({ password: hash, updatedAt: new Date(ctx.clock.now()) })
      .where(credential);
    await tx
      .update(users)
      .set({ mustChangePassword: false, version: sql`${users.version} + 1` })
      .where(eq(users.id, userId));
    await tx.delete(userSessions).where(and(eq(userSessions.userId, userId), ne(userSessions.id, input.sessionId)));
    await audit(tx, ctx, { action: 'password.changed', target: { kind: 'user', id: userId, name: userName } });
  });
};
