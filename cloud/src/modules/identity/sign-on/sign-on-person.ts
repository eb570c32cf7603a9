import { HubError } from '@hallhub/shared';
import { and, eq, inArray } from 'drizzle-orm';
import { isUniqueViolation, type Tx } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import { requireAnOwnerOf } from '../../access/over-grants.js';
import { roleGrants, users } from '../../access/tables.js';
import type { RequestFacts, VerbContext } from '../../access/verb-context.js';
import { insertUser } from '../../access/verbs/create-user.js';
import { audit } from '../../audit/audit.js';
import { asUser, type UserRow, userTarget } from '../account-lock.js';
import { userAccounts } from '../tables.js';
import { isUserName, normaliseUserName } from '../user-name.js';
import { type ProviderRow, SignOnRefused } from './oidc-client.js';

/** What the provider says about a person, ID token and user info together. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

export interface PersonWork {
  readonly tx: Tx;
  readonly ctx: Omit<VerbContext, 'actor' | 'request'>;
  readonly request: RequestFacts;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Where domains are named: a verified address in one of them. Anything else is not let in. */
const checkDomain = (provider: ProviderRow, claims: Claims): void => {
  if (provider.allowedDomains.length === 0) return;
  const domain = textOf(claims.email)?.split('@').at(-1)?.toLowerCase();
  const isVerified = claims.email_verified === true || claims.email_verified === 'true';
  if (!domain || !isVerified || !provider.allowedDomains.includes(domain))
    throw new SignOnRefused('domain_not_allowed');
};

const linkOf = (provider: ProviderRow, sub: string) =>
  and(eq(userAccounts.providerId, provider.id), eq(userAccounts.accountId, sub));

/**
 * Who this is here, by issuer and subject alone: neither a user name nor an e-mail ever leads to an account that exists
 * already. Makes the person where the provider may. Errors: `SignOnRefused`.
 */
export const personOf = async (work: PersonWork, provider: ProviderRow, claims: Claims): Promise<UserRow> => {
  checkDomain(provider, claims);
  const [known] = await work.tx
    .select({ user: users })
    .from(userAccounts)
    .innerJoin(users, eq(users.id, userAccounts.userId))
    .where(and(linkOf(provider, claims.sub), eq(userAccounts.tenantId, provider.tenantId)));
  const user = known?.user ?? (await provision(work, provider, claims));
  if (user.state !== 'active') throw new SignOnRefused('disabled_user');
  await syncGroups(work, provider, { user, groups: groupsOf(provider, claims) });
  return user;
};

const provision = async (work: PersonWork, provider: ProviderRow, claims: Claims): Promise<UserRow> => {
  const { tx, ctx, request } = work;
  const userName = normaliseUserName(textOf(claims[provider.userNameClaim]) ?? '');
  if (!provider.provision) throw new SignOnRefused('unknown_user', { userName });
  if (!isUserName(userName)) throw new SignOnRefused('bad_user_name', { userName });
  const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.userName, userName));
  if (taken) throw new SignOnRefused('name_taken', { userName });
  const acting: VerbContext = { ...ctx, actor: systemActor(provider.tenantId, `sign-on:${provider.label}`), request };
  const displayName = (textOf(claims[provider.displayNameClaim]) ?? userName).slice(0, 100);
  const made = await insertUser(tx, acting, { userName, displayName, grants: provider.defaultGrants, password: null });
  const [user] = await tx.select().from(users).where(eq(users.id, made.id));
  if (!user) throw new HubError('bug', 'The person just made is gone');
  await insertLink(work, provider, { user, sub: claims.sub });
  return user;
};

const insertLink = async (
  { tx }: PersonWork,
  provider: ProviderRow,
  { user, sub }: { readonly user: UserRow; readonly sub: string },
): Promise<void> => {
  const { id: userId, tenantId } = user;
  await tx.insert(userAccounts).values({ tenantId, userId, accountId: sub, providerId: provider.id });
};

/** Ties the provider's person to one of ours who has proved to be themselves. Errors: `SignOnRefused`. */
export const linkPerson = async (
  work: PersonWork,
  provider: ProviderRow,
  { claims, userId }: { readonly claims: Claims; readonly userId: string },
): Promise<UserRow> => {
  checkDomain(provider, claims);
  const { tx, request } = work;
  const [user] = await tx
    .select()
    .from(users)
    .where(and(eq(users.id, userId), eq(users.tenantId, provider.tenantId)));
  if (user?.state !== 'active') throw new SignOnRefused('disabled_user');
  const [holder] = await tx
    .select({ userId: userAccounts.userId })
    .from(userAccounts)
    .where(linkOf(provider, claims.sub));
  if (holder && holder.userId !== userId) throw new SignOnRefused('linked_elsewhere');
  const [mine] = await tx
    .select({ accountId: userAccounts.accountId })
    .from(userAccounts)
    .where(and(eq(userAccounts.providerId, provider.id), eq(userAccounts.userId, userId)));
  if (mine && mine.accountId !== claims.sub) throw new SignOnRefused('linked_elsewhere');
  if (!holder) {
    await insertLink(work, provider, { user, sub: claims.sub });
    await audit(
      tx,
      { actor: asUser(user), request },
      {
        action: 'sign_on.linked',
        target: userTarget(user),
        after: { provider: provider.label },
      },
    );
  }
  await syncGroups(work, provider, { user, groups: groupsOf(provider, claims) });
  return user;
};

const groupsOf = (provider: ProviderRow, claims: Claims): ReadonlySet<string> => {
  const value = provider.groupsClaim === null ? undefined : claims[provider.groupsClaim];
  return new Set([value ?? []].flat().filter((group): group is string => typeof group === 'string'));
};

/** Grants that the provider's groups give: added and withdrawn as the groups are. Those given by people stay. */
const syncGroups = async (
  { tx, request }: PersonWork,
  provider: ProviderRow,
  { user, groups }: { readonly user: UserRow; readonly groups: ReadonlySet<string> },
): Promise<void> => {
  if (provider.groupsClaim === null) return;
  const key = (roleId: string, placeId: string | null) => `${roleId} ${placeId ?? ''}`;
  const wanted = new Map(
    provider.groupGrants
      .filter((grant) => groups.has(grant.group))
      .map((grant) => [key(grant.roleId, 'id' in grant.scope ? grant.scope.id : null), grant]),
  );
  const held = await tx.select().from(roleGrants).where(eq(roleGrants.userId, user.id));
  const gone = held.filter(
    (row) => row.signOnProviderId === provider.id && !wanted.has(key(row.roleId, row.regionId ?? row.hallId)),
  );
  const heldKeys = new Set(held.map((row) => key(row.roleId, row.regionId ?? row.hallId)));
  const added = [...wanted].filter(([name]) => !heldKeys.has(name)).map(([, grant]) => grant);
  if (gone.length === 0 && added.length === 0) return;
  const lost = gone.map((row) => row.id);
  if (lost.length > 0) await tx.delete(roleGrants).where(inArray(roleGrants.id, lost));
  let kept = false;
  try {
    if (lost.length > 0) await requireAnOwnerOf(tx, provider.tenantId);
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== 'conflict') throw error;
    // A group's end must not leave the organisation without anybody who can manage it.
    await tx.insert(roleGrants).values(gone);
    kept = true;
  }
  for (const { roleId, scope } of added) {
    await tx.insert(roleGrants).values({
      tenantId: provider.tenantId,
      userId: user.id,
      roleId,
      scopeKind: scope.kind,
      regionId: scope.kind === 'region' ? scope.id : null,
      hallId: scope.kind === 'hall' ? scope.id : null,
      signOnProviderId: provider.id,
    });
  }
  await audit(
    tx,
    { actor: systemActor(provider.tenantId, `sign-on:${provider.label}`), request },
    {
      action: 'user.grants_changed',
      target: userTarget(user),
      after: { added: added.length, withdrawn: kept ? 0 : gone.length, ...(kept ? { lastOwnerKept: true } : {}) },
    },
  );
};

/** Two sign-ons of a new person at once: one makes the account. */
export const isSameMoment = (error: unknown): boolean =>
  isUniqueViolation(error, 'users_user_name') || isUniqueViolation(error, 'user_accounts_provider_id_account_id_key');
