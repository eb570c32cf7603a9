import { isHubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { HttpEnv } from '../../../http/env.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import {
  invitationSignOnSchema,
  linkedSignOnSchema,
  proofSchema,
  publicProvidersSchema,
  redirectSchema,
  startSignOnSchema,
} from '../contract.js';
import {
  appendCookies,
  deviceTokenOf,
  dropPassing,
  dropSession,
  readKnown,
  readPassing,
  setPassing,
} from '../cookies.js';
import { guardProof } from '../guard-proof.js';
import { proveMyself } from '../prove-recent.js';
import { SignOnRefused } from '../sign-on/oidc-client.js';
import { finishSignOn, flowSeconds, providerSignOut, startSignOn } from '../sign-on/sign-on-flow.js';
import { stepSeconds } from '../verbs/finish-sign-in.js';
import { openInvitation } from '../verbs/invitations.js';
import { listMySignOns, unlinkSignOn } from '../verbs/person-sign-in.js';
import { publicProviders } from '../verbs/sign-on-providers.js';
import { signOnOfSession, signOut } from '../verbs/sign-out.js';
import { knowBrowser, type RouteDeps, tag } from './deps.js';

/** What providers must have registered: `<public address>/api/v1/session/callback`. */
export const callbackPath = '/api/v1/session/callback';

const originOf = (deps: RouteDeps, c: Context<HttpEnv>): string =>
  new URL(deps.publicUrl ?? `http://${c.req.header('host') ?? new URL(c.req.url).host}`).origin;

const away = async (
  deps: RouteDeps,
  c: Context<HttpEnv>,
  given: {
    providerId: string;
    kind: 'sign-in' | 'link' | 'invitation';
    userId?: string;
    tenantId?: string;
    sessionId?: string;
    returnTo: string;
  },
): Promise<{ url: string }> => {
  try {
    const { url, token } = await startSignOn(deps, { ...given, redirectUri: originOf(deps, c) + callbackPath });
    setPassing(c, deps.https, { kind: 'flow', token, seconds: flowSeconds });
    return { url };
  } catch (error) {
    if (!(error instanceof SignOnRefused)) throw error;
    // The page that explains it is the console's own.
    c.get('log').warn({ problem: error.problem, err: error.cause }, 'sign-on could not start');
    return { url: problemPath(given.kind, { problem: error.problem, ref: c.get('requestId') }) };
  }
};

const problemPath = (kind: 'sign-in' | 'link' | 'invitation' | null, facts: Record<string, string>): string =>
  `${kind === 'link' ? '/me' : '/sign-in'}?${new URLSearchParams(facts)}`;

const redirect = (c: Context<HttpEnv>, to: string): Response => c.redirect(to, 303);

/** Single sign-on: away to the provider and back. */
export const signOnRoutes = (deps: RouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/session/providers',
    right: 'public',
    tag,
    summary: 'Single sign-on providers that the sign-in page offers',
    description: 'With several organisations only those of the one named by `org` (its code).',
    query: z.object({ org: z.string().max(63).optional() }),
    response: publicProvidersSchema,
    handler: async ({ query }) => ({ items: await publicProviders(deps.identity, query) }),
  }),
  defineRoute({
    method: 'post',
    path: '/session/providers/{providerId}',
    right: 'public',
    tag,
    summary: 'Begin a single sign-on',
    description: 'Answers where the browser goes next; the provider sends it back to `/api/v1/session/callback`.',
    params: z.object({ providerId: z.uuid() }),
    body: startSignOnSchema,
    response: redirectSchema,
    status: 200,
    handler: async ({ params, body, request, c }) => {
      await deps.limits.takeAddress(request.ip);
      return away(deps, c, { ...params, kind: 'sign-in', returnTo: body.returnTo ?? '/' });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/session/callback',
    right: 'public',
    tag,
    summary: 'Where a provider sends the browser back to',
    streams: 'text/html',
    handler: async ({ request, c }) => {
      const token = readPassing(c, deps.https, 'flow');
      dropPassing(c, deps.https, 'flow');
      try {
        const query = new URL(c.req.url).searchParams;
        const ended = await finishSignOn(deps, { query, token, deviceTokenOf: deviceTokenOf(c, deps.https) }, request);
        if (ended.kind === 'linked') return redirect(c, `${ended.returnTo}?linked=1`);
        const { result, returnTo } = ended;
        if (result.kind === 'open') {
          appendCookies(c, result.setCookies);
          await knowBrowser(deps, c, result.actor.userId);
          return redirect(c, returnTo);
        }
        setPassing(c, deps.https, { kind: 'step', token: result.token, seconds: stepSeconds });
        const facts = { step: 'code', trust: String(result.trustDays), to: returnTo };
        return redirect(c, `/sign-in?${new URLSearchParams(facts)}`);
      } catch (error) {
        const problem = error instanceof SignOnRefused ? error.problem : null;
        if (problem === null && !(isHubError(error) && error.code !== 'bug')) throw error;
        c.get('log').warn({ problem, err: error instanceof SignOnRefused ? error.cause : error }, 'sign-on refused');
        const userName = error instanceof SignOnRefused ? error.userName : undefined;
        const kind = error instanceof SignOnRefused ? error.kind : null;
        const facts = { problem: problem ?? 'failed', ref: request.id, ...(userName ? { name: userName } : {}) };
        return redirect(c, problemPath(kind, facts));
      }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/session/sign-out',
    right: 'self',
    tag,
    summary: 'Sign out, at the provider too',
    description: 'Answers where the browser goes next: the provider’s own sign-out, or the console.',
    response: redirectSchema,
    status: 200,
    beforePasswordChange: true,
    handler: async ({ ctx, session, c }) => {
      const row = await signOnOfSession(ctx, { sessionId: session.id });
      await signOut(ctx, { sessionId: session.id });
      dropSession(c, deps.https);
      const { providerId = null, idTokenSealed = null } = row ?? {};
      if (providerId === null) return { url: '/' };
      const returnUrl = `${originOf(deps, c)}/sign-in`;
      return { url: (await providerSignOut(deps, { providerId, idTokenSealed, returnUrl })) ?? '/' };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/invitations/sign-on',
    right: 'public',
    tag,
    summary: 'Accept an invitation by single sign-on',
    body: invitationSignOnSchema,
    response: redirectSchema,
    status: 200,
    handler: async ({ body, request, c }) => {
      await deps.limits.takeAddress(request.ip);
      const { row } = await openInvitation(deps.identity, { token: body.token, nowMs: deps.clock.now() });
      return away(deps, c, {
        providerId: body.providerId,
        kind: 'invitation',
        userId: row.userId,
        tenantId: row.tenantId,
        returnTo: '/',
      });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/me/sign-ons',
    right: 'self',
    tag,
    summary: 'Providers of my organisation, and which I am linked with',
    response: z.object({ items: z.array(linkedSignOnSchema) }),
    handler: async ({ ctx }) => ({ items: await listMySignOns(ctx) }),
  }),
  defineRoute({
    method: 'post',
    path: '/me/sign-ons/{providerId}',
    right: 'self',
    tag,
    summary: 'Link my account with a provider',
    description: 'A session older than ten minutes needs the password. Nothing is linked once the session has ended.',
    params: z.object({ providerId: z.uuid() }),
    body: proofSchema,
    response: redirectSchema,
    status: 200,
    handler: async ({ ctx, params, body, session, c }) => {
      const userId = ctx.actor.userId ?? '';
      const run = () => proveMyself(ctx, { ...body, sessionId: session.id });
      await (body.password === undefined
        ? run()
        : guardProof(deps, ctx, { what: 'password', browser: readKnown(c, deps.https), run }));
      const { tenantId } = ctx.actor;
      return away(deps, c, { ...params, kind: 'link', userId, tenantId, sessionId: session.id, returnTo: '/me' });
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/me/sign-ons/{providerId}',
    right: 'self',
    tag,
    summary: 'Take away my link with a provider',
    ifMatch: false,
    params: z.object({ providerId: z.uuid() }),
    handler: ({ ctx, params }) => unlinkSignOn(ctx, params),
  }),
];
