import { HubError } from '@hallhub/shared';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { and, desc, eq, inArray, ne, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { tenants } from '../../places/tables.js';
import type { Identity } from '../better-auth.js';
import { replaceSession } from '../open-session.js';
import { checkPassword, maxPasswordLength } from '../password-rules.js';
import { readPolicy, type SignInPolicy } from '../sign-in-policy.js';
import { passwordHistory, trustedDevices, userAccounts, userSessions } from '../tables.js';

export interface ChangePasswordInput {
  readonly current: string;
  readonly next: string;
  /** Is replaced by a new one; every other session of the person ends. */
  readonly sessionId: string;
}

const wrongCurrent = () =>
  new HubError('invalid_input', 'The current password is wrong', {
    context: { errors: [{ path: 'body.current', message: 'It is not the current password' }] },
  });

const notAgain = (message: string, path: string) =>
  new HubError('invalid_input', 'The password was used before', { context: { errors: [{ path, message }] } });

export const credentialOf = (userId: string) =>
  and(eq(userAccounts.userId, userId), eq(userAccounts.providerId, 'credential'));

/** Rules of the organisation, checked against who and where. In a system transaction. */
export const checkNewPassword = async (
  tx: Tx,
  given: { readonly userId: string; readonly next: string; readonly path: string; readonly policy: SignInPolicy },
): Promise<void> => {
  const [row] = await tx
    .select({ user: users, tenantName: tenants.name })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId))
    .where(eq(users.id, given.userId));
  if (!row) throw new HubError('unauthenticated', 'This account is gone');
  const names = [row.user.displayName, row.tenantName];
  const minLength = given.policy.passwordMinLength;
  checkPassword(given.next, { userName: row.user.userName, names, minLength }, given.path);
  if (given.policy.passwordHistory === 0) return;
  const past = await tx
    .select({ password: passwordHistory.password })
    .from(passwordHistory)
    .where(eq(passwordHistory.userId, given.userId))
    .orderBy(desc(passwordHistory.createdAt), desc(passwordHistory.id))
    .limit(given.policy.passwordHistory);
  for (const { password: hash } of past) {
    if (await verifyPassword({ hash, password: given.next })) {
      throw notAgain(`Must differ from the last ${given.policy.passwordHistory} passwords`, given.path);
    }
  }
};

/** Sets the password, and remembers it for the rule against repeating; keeps no more of them than any rule can ask. */
export const storePassword = async (
  tx: Tx,
  given: {
    readonly user: { readonly id: string; readonly tenantId: string };
    readonly hash: string;
    readonly nowMs: number;
  },
): Promise<void> => {
  const { user, hash } = given;
  const now = new Date(given.nowMs);
  const changed = await tx
    .update(userAccounts)
    .set({ password: hash, updatedAt: now })
    .where(credentialOf(user.id))
    .returning({ id: userAccounts.id });
  if (changed.length === 0) {
    const { id: userId, tenantId } = user;
    await tx
      .insert(userAccounts)
      .values({ tenantId, userId, accountId: userId, providerId: 'credential', password: hash });
  }
  await tx.insert(passwordHistory).values({ tenantId: user.tenantId, userId: user.id, password: hash, createdAt: now });
  const old = tx
    .select({ id: passwordHistory.id })
    .from(passwordHistory)
    .where(eq(passwordHistory.userId, user.id))
    .orderBy(desc(passwordHistory.createdAt), desc(passwordHistory.id))
    .offset(24);
  await tx.delete(passwordHistory).where(inArray(passwordHistory.id, old));
  await tx
    .update(users)
    .set({ mustChangePassword: false, passwordChangedAt: now, version: sql`${users.version} + 1` })
    .where(eq(users.id, user.id));
};

/** Replaces the caller's own password; gives the cookies of the new session. Errors: `invalid_input` with the rules broken. */
export const changePassword = async (
  identity: Identity,
  ctx: VerbContext,
  input: ChangePasswordInput,
): Promise<readonly string[]> => {
  const { userId, tenantId, userName } = ctx.actor;
  const { request } = ctx;
  if (userId === null || request === null || input.current.length > maxPasswordLength) throw wrongCurrent();
  // First of all rules, so that a form can say it without a question to the database.
  if (input.next === input.current) throw notAgain('Must differ from the current password', 'body.next');
  return identity.run(tenantId, async (auth, tx) => {
    const policy = await readPolicy(tx, tenantId);
    const [account] = await tx
      .select({ password: userAccounts.password })
      .from(userAccounts)
      .where(credentialOf(userId))
      .for('update');
    const right = account?.password && (await verifyPassword({ hash: account.password, password: input.current }));
    if (!right) throw wrongCurrent();
    await checkNewPassword(tx, { userId, next: input.next, path: 'body.next', policy });
    await storePassword(tx, {
      user: { id: userId, tenantId },
      hash: await hashPassword(input.next),
      nowMs: ctx.clock.now(),
    });
    await tx.delete(userSessions).where(and(eq(userSessions.userId, userId), ne(userSessions.id, input.sessionId)));
    await tx.delete(trustedDevices).where(eq(trustedDevices.userId, userId));
    const opened = await replaceSession({ auth, tx, clock: ctx.clock }, { sessionId: input.sessionId }, request);
    await audit(tx, ctx, { action: 'password.changed', target: { kind: 'user', id: userId, name: userName } });
    return opened?.setCookies ?? [];
  });
};
