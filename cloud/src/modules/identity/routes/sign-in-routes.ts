import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { HttpEnv } from '../../../http/env.js';
import { type AnyRoute, defineRoute, Reply } from '../../../http/route.js';
import type { RequestFacts } from '../../access/verb-context.js';
import {
  acceptInvitationSchema,
  enterCodeSchema,
  invitationViewSchema,
  lookInvitationSchema,
  meSchema,
  signInSchema,
  signInStepSchema,
} from '../contract.js';
import {
  appendCookies,
  deviceTokenOf,
  dropPassing,
  readKnown,
  readPassing,
  setPassing,
  setTrustedDevice,
} from '../cookies.js';
import { enterCode } from '../verbs/enter-code.js';
import { type SignInResult, stepSeconds } from '../verbs/finish-sign-in.js';
import { acceptInvitation, lookAtInvitation } from '../verbs/invitations.js';
import { getMe } from '../verbs/me.js';
import { signIn } from '../verbs/sign-in.js';
import { knowBrowser, type RouteDeps, tag } from './deps.js';

const meOrStep = z.union([meSchema, signInStepSchema]);

/** The session's cookie and who came in; or the question for the second step. */
const answer = async (
  deps: RouteDeps,
  c: Context<HttpEnv>,
  { result, request }: { readonly result: SignInResult; readonly request: RequestFacts },
) => {
  if (result.kind === 'step') {
    setPassing(c, deps.https, { kind: 'step', token: result.token, seconds: stepSeconds });
    return new Reply({ step: 'second_factor' as const, trustedDeviceDays: result.trustDays }, { status: 202 });
  }
  const { sessionId, actor } = result;
  appendCookies(c, result.setCookies);
  await knowBrowser(deps, c, actor.userId);
  return getMe({ ...deps.verbContext, actor, request }, { sessionId });
};

/** The way in by password, code and invitation: for nobody in particular yet. */
export const signInRoutes = (deps: RouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/session',
    right: 'public',
    tag,
    summary: 'Sign in',
    description:
      '200 with who came in; 202 where a second factor is asked for (go on at `/session/second-factor`). 401 where name or password is wrong; 429 with `retryAfterMs` while locked.',
    body: signInSchema,
    response: meOrStep,
    status: 200,
    handler: async ({ body, request, c }) => {
      const browser = readKnown(c, deps.https);
      const result = await signIn(deps, { ...body, browser, deviceTokenOf: deviceTokenOf(c, deps.https) }, request);
      return answer(deps, c, { result, request });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/session/second-factor',
    right: 'public',
    tag,
    summary: 'Second step of a sign-in',
    description:
      'A code of the app or a recovery code. 401 where it is wrong or spent; 410 where the sign-in must start again.',
    body: enterCodeSchema,
    response: meSchema,
    status: 200,
    handler: async ({ body, request, c }) => {
      const token = readPassing(c, deps.https, 'step');
      const browser = readKnown(c, deps.https);
      const result = await enterCode(deps, { ...body, token, browser }, request);
      dropPassing(c, deps.https, 'step');
      if (result.trusted) setTrustedDevice(c, deps.https, { userId: result.userId, ...result.trusted });
      appendCookies(c, result.setCookies);
      await knowBrowser(deps, c, result.userId);
      return getMe({ ...deps.verbContext, actor: result.actor, request }, { sessionId: result.sessionId });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/invitations/look',
    right: 'public',
    tag,
    summary: 'What an invitation’s link is for',
    description: '410 where it was used, withdrawn or is over.',
    body: lookInvitationSchema,
    response: invitationViewSchema,
    status: 200,
    handler: ({ body, request }) => lookAtInvitation(deps, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/invitations/accept',
    right: 'public',
    tag,
    summary: 'Accept an invitation with a password of one’s own',
    body: acceptInvitationSchema,
    response: meOrStep,
    status: 200,
    handler: async ({ body, request, c }) =>
      answer(deps, c, { result: await acceptInvitation(deps, body, request), request }),
  }),
];
