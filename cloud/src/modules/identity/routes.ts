import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie } from 'hono/cookie';
import type { HttpEnv } from '../../http/env.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import type { VerbContext } from '../access/verb-context.js';
import { sessionCookiePrefix } from './better-auth.js';
import { changePasswordSchema, meSchema, mySessionSchema, signInSchema, updateMeSchema } from './contract.js';
import { StrangerLocks } from './stranger-locks.js';
import { changePassword } from './verbs/change-password.js';
import { getMe, updateMe } from './verbs/me.js';
import { listMySessions, revokeMySession } from './verbs/my-sessions.js';
import { lockMs, maxFailures, type SignInDeps, signIn } from './verbs/sign-in.js';
import { signOut } from './verbs/sign-out.js';

const tag = 'Session';

export interface IdentityRouteDeps extends Omit<SignInDeps, 'strangers'> {
  readonly verbContext: Omit<VerbContext, 'actor' | 'request'>;
  readonly https: boolean;
}

export const identityRoutes = (deps: IdentityRouteDeps): AnyRoute[] => {
  const strangers = new StrangerLocks(deps.clock, { maxFailures, lockMs });
  return [signInRoute({ ...deps, strangers }), ...selfRoutes(deps)];
};

const signInRoute = (deps: SignInDeps & Pick<IdentityRouteDeps, 'verbContext'>): AnyRoute =>
  defineRoute({
    method: 'post',
    path: '/session',
    right: 'public',
    tag,
    summary: 'Sign in',
    description: '401 where name or password is wrong; 429 with `retryAfterMs` while locked.',
    body: signInSchema,
    response: meSchema,
    status: 200,
    handler: async ({ body, request, c }) => {
      const { actor, setCookies } = await signIn(deps, body, request);
      for (const cookie of setCookies) c.header('set-cookie', cookie, { append: true });
      return getMe({ ...deps.verbContext, actor, request });
    },
  });

const selfRoutes = (deps: IdentityRouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'delete',
    path: '/session',
    right: 'self',
    tag,
    summary: 'Sign out',
    ifMatch: false,
    beforePasswordChange: true,
    handler: async ({ ctx, session, c }) => {
      await signOut(ctx, { sessionId: session.id });
      dropCookies(c, deps.https);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/me',
    right: 'self',
    tag,
    summary: 'Who I am and what I may do',
    response: meSchema,
    beforePasswordChange: true,
    handler: ({ ctx }) => getMe(ctx),
  }),
  defineRoute({
    method: 'patch',
    path: '/me',
    right: 'self',
    tag,
    summary: 'Change my name on screen or my language',
    ifMatch: false,
    body: updateMeSchema,
    response: meSchema,
    handler: ({ ctx, body }) => updateMe(ctx, body),
  }),
  defineRoute({
    method: 'post',
    path: '/me/password',
    right: 'self',
    tag,
    summary: 'Change my password',
    description: 'Ends all my other sessions.',
    body: changePasswordSchema,
    beforePasswordChange: true,
    handler: async ({ ctx, body, session, request }) => {
      // Who found an open session may guess no faster than who signs in.
      deps.limits.address.take(request.ip ?? 'unknown');
      deps.limits.account.take(ctx.actor.userName);
      await changePassword(ctx, { ...body, sessionId: session.id });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/me/sessions',
    right: 'self',
    tag,
    summary: 'My open sessions',
    response: z.object({ items: z.array(mySessionSchema) }),
    handler: async ({ ctx, session }) => ({ items: await listMySessions(ctx, { currentId: session.id }) }),
  }),
  defineRoute({
    method: 'delete',
    path: '/me/sessions/{sessionId}',
    right: 'self',
    tag,
    summary: 'End one of my sessions',
    ifMatch: false,
    params: z.object({ sessionId: z.uuid() }),
    handler: ({ ctx, params }) => revokeMySession(ctx, params),
  }),
];

const dropCookies = (c: Context<HttpEnv>, https: boolean): void => {
  const name = `${https ? '__Secure-' : ''}${sessionCookiePrefix}.session_token`;
  deleteCookie(c, name, { path: '/', secure: https, httpOnly: true, sameSite: 'Strict' });
};
