import { uuidv7 } from '@hallhub/shared';
import { hashPassword } from 'better-auth/crypto';
import { and, eq, sql } from 'drizzle-orm';
import { type Database, type Tx, withSystem } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { makeOneTimePassword } from '../../identity/password-rules.js';
import { userAccounts } from '../../identity/tables.js';
import { tenants } from '../../places/tables.js';
import { systemActor } from '../actor.js';
import { ownerRoleKey } from '../built-in-roles.js';
import { roles, users } from '../tables.js';
import { createTenant, ensureBuiltInRoles } from './create-tenant.js';
import { insertGrants } from './set-grants.js';

export interface Foundation {
  /** The first organisation: the one of the first user. */
  readonly tenantId: string;
  /** Only on the start that made the user: the password is known to nobody afterwards. */
  readonly firstUser?: { readonly userName: string; readonly oneTimePassword: string };
}

const lockKey = 4_702_111_235;
const firstUserName = 'admin';

/** First start: an organisation, its roles, and `admin` with a random one-time password. Later starts: roles brought up to date. */
export const ensureFoundation = async (db: Database, input: { readonly tenantName: string }): Promise<Foundation> => {
  const oneTimePassword = makeOneTimePassword();
  const password = await hashPassword(oneTimePassword);
  return withSystem(db, async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${lockKey})`);
    const known = await tx.select({ id: tenants.id }).from(tenants).orderBy(tenants.createdAt, tenants.id);
    for (const { id } of known) await ensureBuiltInRoles(tx, id);
    const tenantId = known[0]?.id ?? (await createTenant(tx, { code: 'main', name: input.tenantName }));
    const [anybody] = await tx.select({ id: users.id }).from(users).limit(1);
    if (anybody) return { tenantId };
    await insertFirstUser(tx, tenantId, password);
    return { tenantId, firstUser: { userName: firstUserName, oneTimePassword } };
  });
};

const insertFirstUser = async (tx: Tx, tenantId: string, password: string): Promise<void> => {
  const userId = uuidv7();
  const [owner] = await tx
    .select({ id: roles.id })
    .from(roles)
    .where(and(eq(roles.tenantId, tenantId), eq(roles.key, ownerRoleKey)));
  if (!owner) throw new Error('The owner role is missing');
  await tx.insert(users).values({ id: userId, tenantId, userName: firstUserName, displayName: '管理员' });
  await tx
    .insert(userAccounts)
    .values({ id: uuidv7(), tenantId, userId, accountId: userId, providerId: 'credential', password });
  await insertGrants(tx, { tenantId, userId }, [{ roleId: owner.id, scope: { kind: 'tenant' } }]);
  await audit(
    tx,
    { actor: systemActor(tenantId), request: null },
    {
      action: 'user.created',
      target: { kind: 'user', id: userId, name: firstUserName },
      after: { role: ownerRoleKey },
    },
  );
};
