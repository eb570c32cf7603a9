import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { exportWait } from '../../../workbook/export-places.js';
import {
  changePasswordSchema,
  codeSchema,
  exportWaitSchema,
  meSchema,
  mySessionSchema,
  proofSchema,
  recoveryCodesSchema,
  secondFactorSchema,
  updateMeSchema,
} from '../contract.js';
import { appendCookies, dropSession, readKnown } from '../cookies.js';
import { guardProof } from '../guard-proof.js';
import { changePassword } from '../verbs/change-password.js';
import { getMe, updateMe } from '../verbs/me.js';
import {
  beginSecondFactor,
  confirmSecondFactor,
  forgetDevice,
  getMySecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
} from '../verbs/second-factor.js';
import { listMySessions, revokeMyOtherSessions, revokeMySession } from '../verbs/sessions.js';
import { signOut } from '../verbs/sign-out.js';
import { knowBrowser, type RouteDeps, tag } from './deps.js';

/** What everybody signed in may do about themselves. */
export const selfRoutes = (deps: RouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'delete',
    path: '/session',
    right: 'self',
    tag,
    summary: 'Sign out here',
    ifMatch: false,
    beforePasswordChange: true,
    handler: async ({ ctx, session, c }) => {
      await signOut(ctx, { sessionId: session.id });
      dropSession(c, deps.https);
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
    handler: ({ ctx, session }) => getMe(ctx, { sessionId: session.id }),
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
    handler: ({ ctx, body, session }) => updateMe(ctx, { ...body, sessionId: session.id }),
  }),
  defineRoute({
    method: 'get',
    path: '/me/export-wait',
    right: 'self',
    tag,
    summary: 'Whether an export of mine would begin now',
    description: 'Ask before a file is saved by a link: a browser does not show why a download was refused.',
    response: exportWaitSchema,
    handler: ({ ctx }) => ({ waitsFor: exportWait(ctx.actor) }),
  }),
  defineRoute({
    method: 'post',
    path: '/me/password',
    right: 'self',
    tag,
    summary: 'Change my password',
    description: 'Ends all my other sessions and the trust of all browsers; this session goes on under a new cookie.',
    body: changePasswordSchema,
    beforePasswordChange: true,
    handler: async ({ ctx, body, session, c }) => {
      const run = () => changePassword(deps.identity, ctx, { ...body, sessionId: session.id });
      const cookies = await guardProof(deps, ctx, { what: 'password', browser: readKnown(c, deps.https), run });
      appendCookies(c, cookies);
      await knowBrowser(deps, c, ctx.actor.userId);
    },
  }),
  ...sessionRoutes(),
  ...secondFactorRoutes(deps),
];

const sessionRoutes = (): AnyRoute[] => [
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
    path: '/me/sessions',
    right: 'self',
    tag,
    summary: 'End all my other sessions',
    ifMatch: false,
    handler: ({ ctx, session }) => revokeMyOtherSessions(ctx, { currentId: session.id }),
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

const secondFactorRoutes = (deps: RouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/me/second-factor',
    right: 'self',
    tag,
    summary: 'My second factor and the browsers I trust',
    response: secondFactorSchema,
    beforeSecondFactor: true,
    handler: ({ ctx }) => getMySecondFactor(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/me/second-factor',
    right: 'self',
    tag,
    summary: 'Begin to set up an authenticator app',
    description: 'A session older than ten minutes needs the password. Counts once confirmed with a code.',
    body: proofSchema,
    response: z.object({ secret: z.string(), uri: z.string().describe('`otpauth://`, for the QR code') }),
    status: 200,
    secretAnswer: true,
    beforeSecondFactor: true,
    handler: ({ ctx, body, session, c }) => {
      const run = () => beginSecondFactor(deps.identity, ctx, { ...body, sessionId: session.id });
      return body.password === undefined
        ? run()
        : guardProof(deps, ctx, { what: 'password', browser: readKnown(c, deps.https), run });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/me/second-factor/confirm',
    right: 'self',
    tag,
    summary: 'Turn my second factor on',
    description: 'Ends all my other sessions; this one goes on under a new cookie.',
    body: codeSchema,
    response: recoveryCodesSchema,
    status: 200,
    secretAnswer: true,
    beforeSecondFactor: true,
    handler: async ({ ctx, body, session, request, c }) => {
      await deps.limits.takeAddress(request.ip);
      const { recoveryCodes, opened } = await confirmSecondFactor(deps.identity, ctx, {
        ...body,
        sessionId: session.id,
      });
      appendCookies(c, opened?.setCookies ?? []);
      return { recoveryCodes };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/me/second-factor/remove',
    right: 'self',
    tag,
    summary: 'Remove my second factor, with a code of it',
    body: codeSchema,
    handler: ({ ctx, body, c }) => {
      const run = () => removeSecondFactor(deps.identity, ctx, body);
      return guardProof(deps, ctx, { what: 'code', browser: readKnown(c, deps.https), run });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/me/recovery-codes',
    right: 'self',
    tag,
    summary: 'New recovery codes; the old ones are void',
    body: codeSchema,
    response: recoveryCodesSchema,
    status: 200,
    secretAnswer: true,
    handler: async ({ ctx, body, c }) => {
      const run = () => renewRecoveryCodes(deps.identity, ctx, body);
      return { recoveryCodes: await guardProof(deps, ctx, { what: 'code', browser: readKnown(c, deps.https), run }) };
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/me/trusted-devices/{deviceId}',
    right: 'self',
    tag,
    summary: 'Trust a browser of mine no longer',
    ifMatch: false,
    params: z.object({ deviceId: z.uuid() }),
    handler: ({ ctx, params }) => forgetDevice(ctx, params),
  }),
];
