import { HubError, uuidv7 } from '@hallhub/shared';
import { hashPassword } from 'better-auth/crypto';
import { isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { makeOneTimePassword } from '../../identity/password-rules.js';
import { userAccounts } from '../../identity/tables.js';
import { isUserName, normaliseUserName } from '../../identity/user-name.js';
import type { GrantInput, User } from '../contract.js';
import { requireOverGrants } from '../over-grants.js';
import { describeUser } from '../read-users.js';
import { users } from '../tables.js';
import type { VerbContext } from '../verb-context.js';
import { insertGrants } from './set-grants.js';

export interface CreateUserInput {
  readonly userName: string;
  readonly displayName: string;
  readonly email?: string | null | undefined;
  readonly grants: readonly GrantInput[];
}

/** A new person with a one-time password, shown this once. Errors: `conflict` where the user name is taken. */
export const createUser = async (
  ctx: VerbContext,
  input: CreateUserInput,
): Promise<{ user: User; oneTimePassword: string }> => {
  const oneTimePassword = makeOneTimePassword();
  const password = await hashPassword(oneTimePassword);
  const { user } = await makeUser(ctx, { ...input, password }, async () => undefined);
  return { user, oneTimePassword };
};

/**
 * A new person; `password` is a hash, or null for who will come in by an invitation. `also` joins the transaction.
 * Errors: `conflict` where the user name is taken.
 */
export const makeUser = async <T>(
  ctx: VerbContext,
  input: CreateUserInput & { readonly password: string | null },
  also: (tx: Tx, userId: string) => Promise<T>,
): Promise<{ user: User; also: T }> => {
  const userName = normaliseUserName(input.userName);
  if (!isUserName(userName)) {
    const message = 'Letters, digits, ".", "_" and "-", 2 to 64 of them, starting with a letter or digit';
    throw new HubError('invalid_input', 'The user name is not valid', {
      context: { errors: [{ path: 'body.userName', message }] },
    });
  }
  // Who may create people only within some halls must give them a grant there: nobody would see them otherwise.
  if (input.grants.length === 0) ctx.actor.require('user.write', 'tenant');
  try {
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      await requireOverGrants(tx, ctx.actor, 'grant.write', input.grants);
      await requireOverGrants(tx, ctx.actor, 'user.write', input.grants);
      const user = await insertUser(tx, ctx, { ...input, userName });
      return { user, also: await also(tx, user.id) };
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'users_user_name')) throw error;
    throw new HubError('conflict', 'The user name is taken', {
      cause: error,
      context: { errors: [{ path: 'body.userName', message: 'The user name is taken' }] },
    });
  }
};

/** In any transaction of that tenant; rights are the caller's business. */
export const insertUser = async (
  tx: Tx,
  ctx: VerbContext,
  input: CreateUserInput & { password: string | null },
): Promise<User> => {
  const id = uuidv7();
  const { tenantId } = ctx.actor;
  const { userName, displayName, email = null } = input;
  const mustChangePassword = input.password !== null;
  const [row] = await tx
    .insert(users)
    .values({ id, tenantId, userName, displayName, email, mustChangePassword })
    .returning();
  if (!row) throw new HubError('bug', 'INSERT … RETURNING returned no row');
  if (input.password !== null) {
    await tx.insert(userAccounts).values({
      id: uuidv7(),
      tenantId,
      userId: id,
      accountId: id,
      providerId: 'credential',
      password: input.password,
    });
  }
  await insertGrants(tx, { tenantId, userId: id }, input.grants);
  const user = await describeUser(tx, row, ctx.clock.now());
  await audit(tx, ctx, {
    action: 'user.created',
    target: { kind: 'user', id, name: displayName },
    after: { userName, displayName, email, grants: user.grants },
  });
  return user;
};
