import { HubError } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import * as oidc from 'openid-client';
import { type Tx, withSystem } from '../../../db/index.js';
import type { RequestFacts, VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { asUser, userTarget } from '../account-lock.js';
import { makeToken } from '../identity-keys.js';
import { invitations, signOnFlows, signOnProviders, userSessions } from '../tables.js';
import { type FinishDeps, finishFirstStep, type SignInResult } from '../verbs/finish-sign-in.js';
import { type OidcClients, type ProviderRow, SignOnRefused, signOnRefusedBy } from './oidc-client.js';
import { type Claims, isSameMoment, linkPerson, personOf } from './sign-on-person.js';

export const flowSeconds = 10 * 60;
const verifierContext = (id: string) => `sign_on_flows ${id}`;

export interface SignOnDeps extends FinishDeps {
  readonly clients: OidcClients;
  readonly verbContext: Omit<VerbContext, 'actor' | 'request'>;
}

export interface StartInput {
  readonly providerId: string;
  readonly kind: 'sign-in' | 'link' | 'invitation';
  /** Of `link` and `invitation`: whose account, and of which organisation the provider must be. */
  readonly userId?: string;
  readonly tenantId?: string;
  /** Of `link`. */
  readonly sessionId?: string;
  /** A path of the console. */
  readonly returnTo: string;
  readonly redirectUri: string;
}

/** Only paths of our own console: what a link says must not lead anywhere else afterwards. */
export const safePath = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])[^\\\r\n\t]*$/.test(path) && !path.startsWith('/api/') ? path.slice(0, 500) : '/';

const noSuchProvider = () => new HubError('not_found', 'There is no such sign-on provider');

const readProvider = async (deps: SignOnDeps, providerId: string): Promise<ProviderRow> => {
  const [provider] = await withSystem(deps.identity.db, (tx) =>
    tx.select().from(signOnProviders).where(eq(signOnProviders.id, providerId)),
  );
  if (!provider) throw noSuchProvider();
  if (!provider.enabled) throw new SignOnRefused('provider_off');
  return provider;
};

/** Sends the browser to the provider: PKCE, state and nonce are made here. Errors: `not_found`, `SignOnRefused`. */
export const startSignOn = async (deps: SignOnDeps, input: StartInput): Promise<{ url: string; token: string }> => {
  const { identity, clock, clients } = deps;
  const provider = await readProvider(deps, input.providerId);
  if (input.tenantId !== undefined && provider.tenantId !== input.tenantId) throw noSuchProvider();
  const config = await clients.of(provider);
  const [state, nonce, token] = [makeToken(), makeToken(), makeToken()];
  const verifier = oidc.randomPKCECodeVerifier();
  const nowMs = clock.now();
  await withSystem(identity.db, async (tx) => {
    const [flow] = await tx
      .insert(signOnFlows)
      .values({
        tenantId: provider.tenantId,
        providerId: provider.id,
        kind: input.kind,
        userId: input.userId ?? null,
        sessionId: input.sessionId ?? null,
        tokenHash: identity.keys.hash('flow', token),
        stateHash: identity.keys.hash('state', state),
        nonce,
        verifierSealed: Buffer.alloc(0),
        redirectUri: input.redirectUri,
        returnTo: safePath(input.returnTo),
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + flowSeconds * 1_000),
      })
      .returning({ id: signOnFlows.id });
    if (!flow) throw new HubError('bug', 'INSERT … RETURNING returned no row');
    const verifierSealed = identity.keys.seal(verifier, verifierContext(flow.id));
    await tx.update(signOnFlows).set({ verifierSealed }).where(eq(signOnFlows.id, flow.id));
  });
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: input.redirectUri,
    scope: provider.scopes.join(' '),
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return { url: url.href, token };
};

export type SignOnEnd =
  | { readonly kind: 'linked'; readonly returnTo: string }
  | { readonly kind: 'signed-in'; readonly returnTo: string; readonly result: SignInResult };

export interface AnswerInput {
  /** The query as the provider sent it. */
  readonly query: URLSearchParams;
  /** From the flow's cookie. */
  readonly token: string | undefined;
  readonly deviceTokenOf: (userId: string) => string | undefined;
}

/** The flow behind an answer, used up by this call whatever comes next. */
const takeFlow = async ({ identity, clock }: SignOnDeps, input: AnswerInput) => {
  const state = input.query.get('state');
  if (!state) throw new SignOnRefused('wrong_answer');
  const now = new Date(clock.now());
  const stateHash = identity.keys.hash('state', state);
  return withSystem(identity.db, async (tx) => {
    const [flow] = await tx.select().from(signOnFlows).where(eq(signOnFlows.stateHash, stateHash)).for('update');
    if (!flow) throw new SignOnRefused('expired');
    if (flow.usedAt) throw new SignOnRefused('replayed');
    if (flow.expiresAt < now) throw new SignOnRefused('expired');
    // Somebody else's link, opened here, must not sign this browser in as them.
    if (!input.token || !identity.keys.hash('flow', input.token).equals(flow.tokenHash)) {
      throw new SignOnRefused('other_browser');
    }
    await tx.update(signOnFlows).set({ usedAt: now }).where(eq(signOnFlows.id, flow.id));
    const [provider] = await tx.select().from(signOnProviders).where(eq(signOnProviders.id, flow.providerId));
    if (!provider?.enabled) throw new SignOnRefused('provider_off');
    return { flow, provider };
  });
};

const readClaims = async (
  deps: SignOnDeps,
  { flow, provider, query }: Awaited<ReturnType<typeof takeFlow>> & { query: URLSearchParams },
): Promise<{ claims: Claims; idToken: string }> => {
  try {
    const config = await deps.clients.of(provider);
    const current = new URL(flow.redirectUri);
    current.search = query.toString();
    const tokens = await oidc.authorizationCodeGrant(config, current, {
      pkceCodeVerifier: deps.identity.keys.unseal(flow.verifierSealed, verifierContext(flow.id)),
      expectedState: query.get('state') ?? oidc.skipStateCheck,
      expectedNonce: flow.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims || !tokens.id_token) throw new SignOnRefused('wrong_answer');
    const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined;
    const more = hasUserInfo ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub) : {};
    // What was signed wins over what was only fetched.
    return { claims: { ...more, ...claims }, idToken: tokens.id_token };
  } catch (cause) {
    throw signOnRefusedBy(cause);
  }
};

/** The provider's answer: signs in, links or accepts an invitation. Errors: `SignOnRefused`. */
export const finishSignOn = async (deps: SignOnDeps, input: AnswerInput, request: RequestFacts): Promise<SignOnEnd> => {
  const taken = await takeFlow(deps, input);
  try {
    return await judge(deps, { ...input, ...taken }, request);
  } catch (error) {
    if (error instanceof SignOnRefused) error.kind = taken.flow.kind;
    throw error;
  }
};

const judge = async (
  deps: SignOnDeps,
  input: AnswerInput & Awaited<ReturnType<typeof takeFlow>>,
  request: RequestFacts,
): Promise<SignOnEnd> => {
  const { flow, provider } = input;
  const { claims, idToken } = await readClaims(deps, input);
  const { identity } = deps;
  const finish = () =>
    identity.run(provider.tenantId, async (auth, tx): Promise<SignOnEnd> => {
      const work = { tx, ctx: deps.verbContext, request };
      if (flow.kind === 'link') await requireOpenSession(tx, flow.sessionId);
      const user =
        flow.userId === null
          ? await personOf(work, provider, claims)
          : await linkPerson(work, provider, { claims, userId: flow.userId });
      if (flow.kind === 'link') return { kind: 'linked', returnTo: flow.returnTo };
      if (flow.kind === 'invitation') {
        const now = new Date(deps.clock.now());
        const ended = await tx
          .update(invitations)
          .set({ endedAt: now, outcome: 'accepted' })
          .where(and(eq(invitations.userId, user.id), isNull(invitations.endedAt)))
          .returning({ expiresAt: invitations.expiresAt });
        if (!ended[0] || ended[0].expiresAt < now) throw new SignOnRefused('expired');
        await audit(tx, { actor: asUser(user), request }, { action: 'invitation.accepted', target: userTarget(user) });
      }
      const result = await finishFirstStep(
        deps,
        { auth, tx },
        {
          user,
          method: 'sign-on',
          providerId: provider.id,
          idTokenSealed: identity.keys.seal(idToken, `user_sessions ${provider.id}`),
          factorDone: provider.trustsSecondFactor,
          deviceToken: input.deviceTokenOf(user.id),
          request,
        },
      );
      return { kind: 'signed-in', returnTo: flow.returnTo, result };
    });
  try {
    return await finish();
  } catch (error) {
    if (!isSameMoment(error)) throw error;
    return finish();
  }
};

/** Held until the end: whoever ends that session meanwhile does so before anything is linked, or sees the link. */
const requireOpenSession = async (tx: Tx, sessionId: string | null): Promise<void> => {
  const [session] = await tx
    .select({ id: userSessions.id })
    .from(userSessions)
    .where(eq(userSessions.id, sessionId ?? ''))
    .for('share');
  if (!session) throw new SignOnRefused('expired');
};

/** Where the browser goes to sign out at the provider too; null where it offers nothing. */
export const providerSignOut = async (
  deps: SignOnDeps,
  given: { readonly providerId: string; readonly idTokenSealed: Buffer | null; readonly returnUrl: string },
): Promise<string | null> => {
  try {
    const provider = await readProvider(deps, given.providerId);
    const config = await deps.clients.of(provider);
    if (!config.serverMetadata().end_session_endpoint) return null;
    const hint = given.idTokenSealed && deps.identity.keys.unseal(given.idTokenSealed, `user_sessions ${provider.id}`);
    return oidc.buildEndSessionUrl(config, {
      post_logout_redirect_uri: given.returnUrl,
      ...(hint ? { id_token_hint: hint } : {}),
    }).href;
  } catch (error) {
    // Here the session has ended already; a provider that is away or gone must not undo that.
    if (error instanceof SignOnRefused || (error instanceof HubError && error.code === 'not_found')) return null;
    throw error;
  }
};
