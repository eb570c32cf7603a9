import { randomBytes } from 'node:crypto';
import { HubError, uuidv7 } from '@hallhub/shared';
import { hashPassword } from 'better-auth/crypto';
import { and, eq, sql } from 'drizzle-orm';
import { type Database, isUniqueViolation, type Tx, withSystem } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { makeOneTimePassword } from '../../identity/password-rules.js';
import { userAccounts } from '../../identity/tables.js';
import { isUserName, normaliseUserName } from '../../identity/user-name.js';
import { tenants } from '../../places/tables.js';
import { systemActor } from '../actor.js';
import { ownerRoleKey } from '../built-in-roles.js';
import { roles, users } from '../tables.js';
import type { VerbContext } from '../verb-context.js';
import { createTenant, ensureBuiltInRoles } from './create-tenant.js';
import { resetPassword } from './reset-password.js';
import { insertGrants } from './set-grants.js';

export interface FirstUser {
  readonly userName: string;
  /** Shown this once: nobody knows it afterwards. */
  readonly oneTimePassword: string;
}

const lockKey = 4_702_111_235;
const firstUserName = 'admin';

/** First start: an organisation with its roles. Later starts: roles brought up to date. Gives the first organisation's id. */
export const ensureFoundation = (db: Database, input: { readonly tenantName: string }): Promise<string> =>
  withSystem(db, async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${lockKey})`);
    const known = await tx.select({ id: tenants.id }).from(tenants).orderBy(tenants.createdAt, tenants.id);
    for (const { id } of known) await ensureBuiltInRoles(tx, id);
    return known[0]?.id ?? createTenant(tx, { code: 'main', name: input.tenantName });
  });

/**
 * `admin` with a random one-time password, where the first organisation has nobody yet; where another one's owner has that name,
 * `admin-` and four digits. Run it last: its password must reach a person.
 */
export const ensureFirstUser = async (db: Database, tenantId: string): Promise<FirstUser | undefined> => {
  const oneTimePassword = makeOneTimePassword();
  const password = await hashPassword(oneTimePassword);
  return withSystem(db, async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${lockKey})`);
    const [anybody] = await tx.select({ id: users.id }).from(users).where(eq(users.tenantId, tenantId)).limit(1);
    if (anybody) return undefined;
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.userName, firstUserName));
    const userName = taken ? `${firstUserName}-${randomBytes(2).toString('hex')}` : firstUserName;
    await insertOwner(tx, { tenantId, userName, password });
    return { userName, oneTimePassword };
  });
};

/** The way back in for who runs the server: a new one-time password by user name. Errors: `configuration`. */
export const resetPasswordByName = async (
  ctx: Omit<VerbContext, 'actor' | 'request'>,
  givenName: string,
): Promise<FirstUser> => {
  const userName = normaliseUserName(givenName);
  const [user] = await withSystem(ctx.db, (tx) => tx.select().from(users).where(eq(users.userName, userName)));
  if (!user) throw new HubError('configuration', `--reset-password: there is no user ${userName}`);
  const actor = systemActor(user.tenantId, 'operator');
  const { oneTimePassword } = await resetPassword({ ...ctx, actor, request: null }, { userId: user.id });
  return { userName, oneTimePassword };
};

export interface NewTenant {
  readonly tenantId: string;
  /** Its sign-in page is `/sign-in?org=<code>`. */
  readonly code: string;
  readonly owner: FirstUser;
}

/** Another organisation with its first owner, for who runs the installation. Errors: `configuration`. */
export const openTenant = async (
  db: Database,
  input: { readonly name: string; readonly code: string | null; readonly owner: string },
): Promise<NewTenant> => {
  const userName = normaliseUserName(input.owner);
  if (!isUserName(userName)) {
    throw new HubError('configuration', `--owner: ${input.owner} is not a user name`, {
      hint: 'Letters, digits, ".", "_" and "-", 2 to 64 of them, starting with a letter or digit.',
    });
  }
  const code = input.code ?? `org-${randomBytes(4).toString('hex')}`;
  const oneTimePassword = makeOneTimePassword();
  const password = await hashPassword(oneTimePassword);
  try {
    const tenantId = await withSystem(db, async (tx) => {
      const made = await createTenant(tx, { code, name: input.name });
      await insertOwner(tx, { tenantId: made, userName, password });
      return made;
    });
    return { tenantId, code, owner: { userName, oneTimePassword } };
  } catch (cause) {
    const isName = isUniqueViolation(cause, 'users_user_name');
    if (!isName && !isUniqueViolation(cause)) throw cause;
    const message = isName ? `--owner: the user name ${userName} is taken` : `--tenant-code: ${code} is taken`;
    throw new HubError('configuration', message, { cause, hint: 'Choose another; nothing was made.' });
  }
};

const insertOwner = async (
  tx: Tx,
  { tenantId, userName, password }: { readonly tenantId: string; readonly userName: string; readonly password: string },
): Promise<void> => {
  const userId = uuidv7();
  const [owner] = await tx
    .select({ id: roles.id })
    .from(roles)
    .where(and(eq(roles.tenantId, tenantId), eq(roles.key, ownerRoleKey)));
  if (!owner) throw new HubError('bug', 'The owner role is missing');
  await tx.insert(users).values({ id: userId, tenantId, userName, displayName: '管理员' });
  await tx
    .insert(userAccounts)
    .values({ id: uuidv7(), tenantId, userId, accountId: userId, providerId: 'credential', password });
  await insertGrants(tx, { tenantId, userId }, [{ roleId: owner.id, scope: { kind: 'tenant' } }]);
  await audit(
    tx,
    { actor: systemActor(tenantId), request: null },
    {
      action: 'user.created',
      target: { kind: 'user', id: userId, name: userName },
      after: { role: ownerRoleKey },
    },
  );
};
