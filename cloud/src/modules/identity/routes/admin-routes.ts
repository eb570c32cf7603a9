import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import {
  invitedPersonSchema,
  invitedSchema,
  inviteSchema,
  personSignInSchema,
  providerInputSchema,
  providerTestSchema,
  renewInvitationSchema,
  signInPolicyDtoSchema,
  signInPolicySchema,
  signOnProviderSchema,
} from '../contract.js';
import { invitePerson, renewInvitation, withdrawInvitation } from '../verbs/invitations.js';
import { getPersonSignIn } from '../verbs/person-sign-in.js';
import { forgetDevice, resetSecondFactor } from '../verbs/second-factor.js';
import { revokeSessionsOf } from '../verbs/sessions.js';
import { getSignInPolicy, updateSignInPolicy } from '../verbs/sign-in-policy.js';
import {
  createProvider,
  deleteProvider,
  listProviders,
  testProvider,
  updateProvider,
} from '../verbs/sign-on-providers.js';
import type { RouteDeps } from './deps.js';

const people = 'People';
const rules = 'Sign-in rules';
const userParams = z.object({ userId: z.uuid() });
const providerParams = z.object({ providerId: z.uuid() });

const invitationRoutes = ({ identity }: RouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/invitations',
    right: 'user.write',
    tag: people,
    summary: 'Invite a person by a link that works once',
    body: inviteSchema,
    response: invitedPersonSchema,
    secretAnswer: true,
    handler: ({ ctx, body }) => invitePerson(identity, ctx, body),
  }),
  defineRoute({
    method: 'post',
    path: '/users/{userId}/invitation',
    right: 'user.write',
    tag: people,
    summary: 'A new link for an invited person; the old one is void',
    params: userParams,
    body: renewInvitationSchema,
    response: invitedSchema,
    secretAnswer: true,
    handler: ({ ctx, params, body }) => renewInvitation(identity, ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/{userId}/invitation',
    right: 'user.write',
    tag: people,
    summary: 'Withdraw an invitation',
    ifMatch: false,
    params: userParams,
    handler: ({ ctx, params }) => withdrawInvitation(ctx, params),
  }),
];

const personRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/users/{userId}/sign-in',
    right: 'user.write',
    tag: people,
    summary: 'How a person signs in: second factor, sessions, trusted browsers, invitation',
    params: userParams,
    response: personSignInSchema,
    handler: ({ ctx, params, session }) => getPersonSignIn(ctx, { ...params, currentId: session?.id ?? '' }),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/{userId}/second-factor',
    right: 'user.write',
    tag: people,
    summary: 'Reset a person’s second factor (lost phone)',
    description: 'Ends all their sessions and the trust of their browsers.',
    ifMatch: false,
    params: userParams,
    handler: ({ ctx, params }) => resetSecondFactor(ctx, params),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/{userId}/sessions',
    right: 'user.write',
    tag: people,
    summary: 'End all sessions of a person',
    ifMatch: false,
    params: userParams,
    handler: ({ ctx, params }) => revokeSessionsOf(ctx, params),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/{userId}/sessions/{sessionId}',
    right: 'user.write',
    tag: people,
    summary: 'End one session of a person',
    ifMatch: false,
    params: userParams.extend({ sessionId: z.uuid() }),
    handler: ({ ctx, params }) => revokeSessionsOf(ctx, params),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/{userId}/trusted-devices/{deviceId}',
    right: 'user.write',
    tag: people,
    summary: 'Trust a browser of a person no longer',
    ifMatch: false,
    params: userParams.extend({ deviceId: z.uuid() }),
    handler: ({ ctx, params }) => forgetDevice(ctx, params),
  }),
];

const providerRoutes = (deps: RouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/sign-on-providers',
    right: 'signon.write',
    tag: rules,
    summary: 'Single sign-on providers',
    response: z.object({ items: z.array(signOnProviderSchema) }),
    handler: async ({ ctx }) => ({ items: await listProviders(ctx) }),
  }),
  defineRoute({
    method: 'post',
    path: '/sign-on-providers',
    right: 'signon.write',
    tag: rules,
    summary: 'A new single sign-on provider (OpenID Connect)',
    body: providerInputSchema,
    response: signOnProviderSchema,
    handler: ({ ctx, body }) => createProvider(deps, ctx, body),
  }),
  defineRoute({
    method: 'put',
    path: '/sign-on-providers/{providerId}',
    right: 'signon.write',
    tag: rules,
    summary: 'Change a provider',
    description: 'A new issuer takes all links away: its subjects are other people.',
    ifMatch: true,
    params: providerParams,
    body: providerInputSchema,
    response: signOnProviderSchema,
    handler: ({ ctx, params, body, version }) => updateProvider(deps, ctx, { ...params, provider: body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/sign-on-providers/{providerId}',
    right: 'signon.write',
    tag: rules,
    summary: 'Remove a provider with its links and its groups’ grants',
    ifMatch: true,
    params: providerParams,
    handler: ({ ctx, params, version }) => deleteProvider(ctx, { ...params, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/sign-on-providers/{providerId}/test',
    right: 'signon.write',
    tag: rules,
    summary: 'Ask a provider now, as a sign-in would',
    params: providerParams,
    response: providerTestSchema,
    status: 200,
    handler: ({ ctx, params }) => testProvider(deps, ctx, params),
  }),
];

const policyRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/sign-in-rules',
    right: 'signon.write',
    tag: rules,
    summary: 'The organisation’s sign-in rules',
    response: signInPolicyDtoSchema,
    handler: ({ ctx }) => getSignInPolicy(ctx),
  }),
  defineRoute({
    method: 'put',
    path: '/sign-in-rules',
    right: 'signon.write',
    tag: rules,
    summary: 'Change the sign-in rules',
    description: 'They hold for open sessions from their next request on.',
    ifMatch: true,
    body: signInPolicySchema,
    response: signInPolicyDtoSchema,
    handler: ({ ctx, body, version }) => updateSignInPolicy(ctx, { policy: body, version }),
  }),
];

/** What administrators do about other people’s sign-in, and about the rules. */
export const adminRoutes = (deps: RouteDeps): AnyRoute[] => [
  ...invitationRoutes(deps),
  ...personRoutes(),
  ...providerRoutes(deps),
  ...policyRoutes(),
];
