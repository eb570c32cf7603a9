import { HubError } from '@hallhub/shared';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { isUniqueViolation, type Tx, withSystem, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { requireOverGrants } from '../../access/over-grants.js';
import { roleGrants } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import { tenants } from '../../places/tables.js';
import type { Identity } from '../better-auth.js';
import type { ProviderInput, ProviderTest, PublicProvider, SignOnProvider } from '../contract.js';
import { type OidcClients, type ProviderRow, SignOnRefused, secretContext } from '../sign-on/oidc-client.js';
import { signOnProviders, userAccounts, userSessions } from '../tables.js';

const toDto = (row: ProviderRow): SignOnProvider => {
  const { tenantId: _tenant, clientSecretSealed, createdAt: _created, updatedAt: _updated, ...rest } = row;
  return { ...rest, hasSecret: clientSecretSealed !== null };
};

const allowed = (ctx: VerbContext): void => ctx.actor.require('signon.write', 'tenant');

const noSuchProvider = () => new HubError('not_found', 'There is no such sign-on provider');

/** Providers of the organisation. */
export const listProviders = (ctx: VerbContext): Promise<SignOnProvider[]> => {
  allowed(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => (await tx.select().from(signOnProviders).orderBy(asc(signOnProviders.createdAt))).map(toDto),
    { readOnly: true },
  );
};

/** http is for private networks: without the installation's leave it is refused when typed, not at the first sign-in. */
const checkIssuer = (issuer: string, allowPrivate: boolean): void => {
  if (new URL(issuer).protocol === 'https:' || allowPrivate) return;
  throw new HubError('invalid_input', 'The issuer must be an https address', {
    context: { errors: [{ path: 'body.issuer', message: 'Must begin with https://' }] },
    hint: 'Providers on a private network without TLS need HALLHUB_ALLOW_PRIVATE_SIGNON=1.',
  });
};

const checkGrants = async (tx: Tx, ctx: VerbContext, input: ProviderInput): Promise<void> => {
  const grants = [...input.defaultGrants, ...input.groupGrants];
  // A provider gives grants later, without anybody at hand: who sets that up must be able to give them now.
  await requireOverGrants(tx, ctx.actor, 'grant.write', grants);
  await requireOverGrants(tx, ctx.actor, 'user.write', grants);
};

const columnsOf = ({ clientSecret: _secret, allowedDomains, ...input }: ProviderInput) => ({
  ...input,
  scopes: [...new Set(['openid', ...input.scopes])],
  groupsClaim: input.groupsClaim ?? null,
  allowedDomains: allowedDomains.map((domain) => domain.toLowerCase()),
});

const fields = [
  'label',
  'issuer',
  'clientId',
  'scopes',
  'userNameClaim',
  'displayNameClaim',
  'groupsClaim',
  'allowedDomains',
  'provision',
  'defaultGrants',
  'groupGrants',
  'trustsSecondFactor',
  'enabled',
] as const;

export interface ProviderDeps {
  readonly identity: Identity;
  readonly clients: OidcClients;
}

const once = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!isUniqueViolation(error, 'sign_on_providers_client')) throw error;
    throw new HubError('conflict', 'This issuer and client id are set up already', {
      cause: error,
      context: { errors: [{ path: 'body.clientId', message: 'Is set up already with this issuer' }] },
    });
  }
};

/** A new provider. Errors: `conflict`, `forbidden` for grants beyond one's own. */
export const createProvider = (deps: ProviderDeps, ctx: VerbContext, input: ProviderInput): Promise<SignOnProvider> => {
  allowed(ctx);
  checkIssuer(input.issuer, deps.clients.options.allowPrivate);
  return once(
    withTenant(ctx.db, ctx.actor, async (tx) => {
      await checkGrants(tx, ctx, input);
      const columns = columnsOf(input);
      const [row] = await tx
        .insert(signOnProviders)
        .values({ tenantId: ctx.actor.tenantId, ...columns })
        .returning();
      if (!row) throw new HubError('bug', 'INSERT … RETURNING returned no row');
      const made = await setSecret(tx, deps.identity, { row, secret: input.clientSecret });
      const target = { kind: 'sign_on_provider', id: made.id, name: made.label };
      await audit(tx, ctx, { action: 'sign_on_provider.created', target, after: columns });
      return toDto(made);
    }),
  );
};

const setSecret = async (
  tx: Tx,
  identity: Identity,
  { row, secret }: { readonly row: ProviderRow; readonly secret: string | null | undefined },
): Promise<ProviderRow> => {
  if (secret === undefined) return row;
  const clientSecretSealed = secret === null ? null : identity.keys.seal(secret, secretContext(row.id));
  await tx.update(signOnProviders).set({ clientSecretSealed }).where(eq(signOnProviders.id, row.id));
  return { ...row, clientSecretSealed };
};

/** Changes a provider; a missing secret stays as it is, null takes it away. Errors: `precondition_failed`, `not_found`. */
export const updateProvider = (
  deps: ProviderDeps,
  ctx: VerbContext,
  input: { readonly providerId: string; readonly version: number; readonly provider: ProviderInput },
): Promise<SignOnProvider> => {
  allowed(ctx);
  checkIssuer(input.provider.issuer, deps.clients.options.allowPrivate);
  return once(
    withTenant(ctx.db, ctx.actor, async (tx) => {
      const found = eq(signOnProviders.id, input.providerId);
      const [before] = await tx.select().from(signOnProviders).where(found).for('update');
      if (!before) throw noSuchProvider();
      if (before.version !== input.version) throw versionConflict(before.version);
      await checkGrants(tx, ctx, input.provider);
      const columns = columnsOf(input.provider);
      // Subjects are the issuer's own: at another issuer the same subject may be somebody else.
      if (columns.issuer !== before.issuer) await dropLinks(tx, before.id);
      const [row] = await tx
        .update(signOnProviders)
        .set({ ...columns, version: sql`${signOnProviders.version} + 1`, updatedAt: new Date(ctx.clock.now()) })
        .where(found)
        .returning();
      const after = await setSecret(tx, deps.identity, { row: row ?? before, secret: input.provider.clientSecret });
      await audit(tx, ctx, {
        action: 'sign_on_provider.changed',
        target: { kind: 'sign_on_provider', id: before.id, name: after.label },
        ...differences<Record<string, unknown>>({ ...before }, { ...after }, [...fields]),
      });
      return toDto(after);
    }),
  );
};

const dropLinks = async (tx: Tx, providerId: string): Promise<number> => {
  const gone = await tx
    .select({ userId: userAccounts.userId })
    .from(userAccounts)
    .where(eq(userAccounts.providerId, providerId));
  // A role that may not delete credentials: the links are renamed out of reach instead.
  await tx
    .update(userAccounts)
    .set({ providerId: sql`'former:' || ${userAccounts.providerId} || ':' || ${userAccounts.id}::text` })
    .where(eq(userAccounts.providerId, providerId));
  await tx.delete(roleGrants).where(eq(roleGrants.signOnProviderId, providerId));
  const people = gone.map((row) => row.userId);
  if (people.length > 0) {
    await tx.delete(userSessions).where(and(inArray(userSessions.userId, people), eq(userSessions.method, 'sign-on')));
  }
  return people.length;
};

/** Removes a provider: its links, the grants of its groups and the sessions through it go. Errors: `precondition_failed`. */
export const deleteProvider = (
  ctx: VerbContext,
  input: { readonly providerId: string; readonly version: number },
): Promise<void> => {
  allowed(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = eq(signOnProviders.id, input.providerId);
    const [before] = await tx.select().from(signOnProviders).where(found).for('update');
    if (!before) throw noSuchProvider();
    if (before.version !== input.version) throw versionConflict(before.version);
    const people = await dropLinks(tx, before.id);
    await tx.delete(signOnProviders).where(found);
    await audit(tx, ctx, {
      action: 'sign_on_provider.deleted',
      target: { kind: 'sign_on_provider', id: before.id, name: before.label },
      after: { peopleLinked: people },
    });
  });
};

/** Asks the provider now, as a sign-in would. Never an error: what is wrong is the answer. */
export const testProvider = async (
  deps: ProviderDeps,
  ctx: VerbContext,
  input: { readonly providerId: string },
): Promise<ProviderTest> => {
  allowed(ctx);
  const row = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [found] = await tx.select().from(signOnProviders).where(eq(signOnProviders.id, input.providerId));
    if (!found) throw noSuchProvider();
    const target = { kind: 'sign_on_provider', id: found.id, name: found.label };
    await audit(tx, ctx, { action: 'sign_on_provider.tested', target });
    return found;
  });
  try {
    const meta = (await deps.clients.of(row, { fresh: true })).serverMetadata();
    return {
      ok: true,
      problem: null,
      issuer: meta.issuer,
      hasSignOut: meta.end_session_endpoint !== undefined,
      hasPkce: meta.code_challenge_methods_supported?.includes('S256') ?? false,
      scopes: meta.scopes_supported ?? [],
    };
  } catch (error) {
    if (!(error instanceof SignOnRefused)) throw error;
    return { ok: false, problem: error.problem, issuer: null, hasSignOut: false, hasPkce: false, scopes: [] };
  }
};

/** What the sign-in page offers: of the organisation named by its code, or of the only one there is. */
export const publicProviders = (
  identity: Identity,
  input: { readonly org?: string | undefined },
): Promise<PublicProvider[]> =>
  withSystem(
    identity.db,
    async (tx) => {
      const known = await tx.select({ id: tenants.id, code: tenants.code }).from(tenants);
      // Several organisations: nobody learns from the common page who else is here.
      const tenant =
        input.org === undefined
          ? known.length === 1
            ? known[0]
            : undefined
          : known.find((one) => one.code === input.org);
      if (!tenant) return [];
      return tx
        .select({ id: signOnProviders.id, label: signOnProviders.label })
        .from(signOnProviders)
        .where(and(eq(signOnProviders.tenantId, tenant.id), eq(signOnProviders.enabled, true)))
        .orderBy(asc(signOnProviders.createdAt));
    },
    { readOnly: true },
  );
