import { z } from '@hono/zod-openapi';
import { pageOf } from '../../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { confirmPhone, editPrefs, forgetPhone, liftOwnHold, provePhone, readContact } from '../contact/own-contact.js';
import { liftHold } from './held-address.js';
import {
  channelSecretSchema,
  codeSchema,
  contactPrefsSchema,
  contactSchema,
  createNoticeChannelSchema,
  deliveriesQuerySchema,
  deliverySchema,
  editNoticeChannelSchema,
  noticeChannelSchema,
  phoneSchema,
  testChannelSchema,
  testResultSchema,
  ticketNoticesSchema,
} from './outward-contract.js';
import type { OutwardDeps } from './outward-deps.js';
import {
  archiveNoticeChannel,
  createNoticeChannel,
  editNoticeChannel,
  listNoticeChannels,
  renewNoticeSecret,
} from './verbs/channels.js';
import { listDeliveries, listTicketNotices, replayDelivery } from './verbs/deliveries.js';
import { testNoticeChannel } from './verbs/test-channel.js';

const tag = 'Notices';
const right = 'noticechannel.write';
const channel = z.object({ channelId: z.uuid() });

const channelRoutes = (deps: OutwardDeps, wake: (channelId: string) => void): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/notice-channels', right, tag, summary: 'Channels of notices and how they stand' },
    response: z.object({ items: z.array(noticeChannelSchema) }),
    handler: ({ ctx }) => listNoticeChannels(ctx),
  }),
  defineRoute({
    ...{ method: 'post', path: '/notice-channels', right, tag, summary: 'Set up a channel' },
    ...{ body: createNoticeChannelSchema, response: channelSecretSchema, secretAnswer: true },
    handler: ({ ctx, body }) => createNoticeChannel(ctx, { sealing: deps.sealing, given: body }),
  }),
  defineRoute({
    ...{ method: 'patch', path: '/notice-channels/{channelId}', right, tag, summary: 'Change a channel' },
    ...{ params: channel, body: editNoticeChannelSchema, response: noticeChannelSchema, ifMatch: true },
    handler: async ({ ctx, params, body, version }) => {
      const changed = await editNoticeChannel(ctx, { ...params, change: body, version, sealing: deps.sealing });
      wake(params.channelId);
      return changed;
    },
  }),
  defineRoute({
    ...{ method: 'delete', path: '/notice-channels/{channelId}', right, tag, summary: 'End a channel; its log stays' },
    ...{ params: channel, ifMatch: true },
    handler: ({ ctx, params, version }) => archiveNoticeChannel(ctx, { ...params, version }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/notice-channels/{channelId}/secret', right, tag, summary: 'A new secret' },
    description: 'For a day the one before signs too.',
    ...{ params: channel, response: channelSecretSchema, secretAnswer: true },
    handler: ({ ctx, params }) => renewNoticeSecret(ctx, { ...params, sealing: deps.sealing }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/notice-channels/{channelId}/test', right, tag, summary: 'Send a test message now' },
    ...{ params: channel, body: testChannelSchema, response: testResultSchema, status: 200 },
    handler: ({ ctx, params, body }) => testNoticeChannel(ctx, { ...params, to: body.to, deps }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/notice-deliveries', right, tag, summary: 'What went out, newest first' },
    ...{ query: deliveriesQuerySchema, response: pageOf(deliverySchema) },
    handler: ({ ctx, query }) => listDeliveries(ctx, query),
  }),
  defineRoute({
    ...{ method: 'delete', path: '/notice-deliveries/{deliveryId}/hold', right, tag },
    summary: 'Have mail go again to the address from which that notice came back',
    params: z.object({ deliveryId: z.uuid() }),
    handler: ({ ctx, params }) => liftHold(ctx, params),
  }),
  defineRoute({
    ...{ method: 'post', path: '/notice-deliveries/{deliveryId}/replay', right, tag, summary: 'Send it again' },
    ...{ params: z.object({ deliveryId: z.uuid() }), response: deliverySchema, status: 200 },
    handler: ({ ctx, params }) => replayDelivery(ctx, { ...params, wake }),
  }),
];

const ownRoutes = (deps: OutwardDeps): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/tickets/{ticketId}/notices', right: 'ticket.read', tag },
    ...{ summary: 'Whom a ticket’s notices told what, over which channel' },
    ...{ params: z.object({ ticketId: z.uuid() }), response: ticketNoticesSchema },
    handler: ({ ctx, params }) => listTicketNotices(ctx, params),
  }),
  defineRoute({
    ...{ method: 'get', path: '/me/contact', right: 'self', tag, summary: 'How I am reached, and what of' },
    response: contactSchema,
    handler: ({ ctx }) => readContact(ctx, deps),
  }),
  defineRoute({
    ...{ method: 'put', path: '/me/contact/preferences', right: 'self', tag, summary: 'What I want outward' },
    ...{ body: contactPrefsSchema, response: contactSchema },
    handler: ({ ctx, body }) => editPrefs(ctx, { prefs: body, deps }),
  }),
  defineRoute({
    ...{
      method: 'delete',
      path: '/me/contact/hold',
      right: 'self',
      tag,
      summary: 'My address is right: send there again',
    },
    handler: ({ ctx }) => liftOwnHold(ctx, deps),
  }),
  defineRoute({
    ...{ method: 'post', path: '/me/contact/phone', right: 'self', tag, summary: 'Send a code to my number' },
    ...{ body: phoneSchema, response: contactSchema, status: 200 },
    handler: ({ ctx, body }) => provePhone(ctx, { ...body, deps }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/me/contact/phone/verify', right: 'self', tag, summary: 'The code that came' },
    ...{ body: codeSchema, response: contactSchema, status: 200 },
    handler: ({ ctx, body }) => confirmPhone(ctx, { ...body, deps }),
  }),
  defineRoute({
    ...{ method: 'delete', path: '/me/contact/phone', right: 'self', tag, summary: 'Forget my number' },
    handler: ({ ctx }) => forgetPhone(ctx),
  }),
];

/** Channels, their log, and how people are reached. `wake`: there is something to send over it. */
export const outwardRoutes = (deps: OutwardDeps, wake: (channelId: string) => void): AnyRoute[] => [
  ...channelRoutes(deps, wake),
  ...ownRoutes(deps),
];
