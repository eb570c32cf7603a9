import { z } from '@hono/zod-openapi';
import { pageOf } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  channelSecretSchema,
  channelTestSchema,
  comparisonSchema,
  createChannelSchema,
  dropMessageSchema,
  editChannelSchema,
  exchangeChannelSchema,
  exchangeMessageDetailSchema,
  exchangeMessageRowSchema,
  messagesQuerySchema,
} from './contract.js';
import type { ExchangeDeps } from './exchange-deps.js';
import {
  archiveChannel,
  createChannel,
  editChannel,
  listChannels,
  readChannel,
  renewSecret,
} from './verbs/channels.js';
import { dropMessage, listMessages, readMessage, replayMessage } from './verbs/messages.js';
import { listComparisons, runComparison, testChannel } from './verbs/probe.js';

const tag = 'Ticket exchange';
const right = 'ticketexchange.write';
const channel = z.object({ channelId: z.uuid() });
const message = channel.extend({ messageId: z.uuid() });

/** Channels to outside platforms, and the log of all that went either way. `wake`: there is something to send to it. */
export const exchangeRoutes = (deps: ExchangeDeps, wake: (channelId: string) => void): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/exchange-channels', right, tag, summary: 'Channels to outside platforms' },
    response: z.object({ items: z.array(exchangeChannelSchema) }),
    handler: ({ ctx }) => listChannels(ctx),
  }),
  defineRoute({
    ...{ method: 'post', path: '/exchange-channels', right, tag, summary: 'A new channel, with its secret' },
    body: createChannelSchema,
    response: channelSecretSchema,
    secretAnswer: true,
    handler: ({ ctx, body }) => createChannel(ctx, { ...body, sealing: deps.sealing }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/exchange-channels/{channelId}', right, tag, summary: 'One channel and how it stands' },
    params: channel,
    response: exchangeChannelSchema,
    handler: ({ ctx, params }) => readChannel(ctx, params),
  }),
  defineRoute({
    ...{ method: 'patch', path: '/exchange-channels/{channelId}', right, tag, summary: 'Change or pause a channel' },
    ...{ params: channel, body: editChannelSchema, response: exchangeChannelSchema, ifMatch: true },
    handler: async ({ ctx, params, body, version }) => {
      const changed = await editChannel(ctx, { ...params, change: body, version });
      wake(params.channelId);
      return changed;
    },
  }),
  defineRoute({
    ...{
      method: 'delete',
      path: '/exchange-channels/{channelId}',
      right,
      tag,
      summary: 'End a channel; its log stays',
    },
    ...{ params: channel, ifMatch: true },
    handler: ({ ctx, params, version }) => archiveChannel(ctx, { ...params, version }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/exchange-channels/{channelId}/secret', right, tag, summary: 'A new secret' },
    description: 'The one before is good for another day.',
    ...{ params: channel, response: channelSecretSchema, secretAnswer: true },
    handler: ({ ctx, params }) => renewSecret(ctx, { ...params, sealing: deps.sealing }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/exchange-channels/{channelId}/test', right, tag, summary: 'Call the platform now' },
    ...{ params: channel, response: channelTestSchema, status: 200 },
    handler: ({ ctx, params }) => testChannel(ctx, { ...params, deps }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/exchange-channels/{channelId}/messages', right, tag, summary: 'The log, newest first' },
    ...{ params: channel, query: messagesQuerySchema, response: pageOf(exchangeMessageRowSchema) },
    handler: ({ ctx, params, query }) => listMessages(ctx, { ...params, ...query }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/exchange-channels/{channelId}/messages/{messageId}', right, tag },
    ...{ summary: 'One message with every try', params: message, response: exchangeMessageDetailSchema },
    handler: ({ ctx, params }) => readMessage(ctx, { ...params, sealing: deps.sealing }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/exchange-channels/{channelId}/messages/{messageId}/replay', right, tag },
    ...{ summary: 'Send it, or take it, again', params: message, response: exchangeMessageRowSchema, status: 200 },
    handler: ({ ctx, params }) => replayMessage(ctx, { ...params, deps, wake }),
  }),
  defineRoute({
    ...{ method: 'post', path: '/exchange-channels/{channelId}/messages/{messageId}/drop', right, tag },
    ...{ summary: 'Give a message up', params: message, body: dropMessageSchema },
    ...{ response: exchangeMessageRowSchema, status: 200 },
    handler: async ({ ctx, params, body }) => {
      const dropped = await dropMessage(ctx, { ...params, ...body });
      wake(params.channelId);
      return dropped;
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/exchange-channels/{channelId}/comparisons', right, tag },
    ...{ summary: 'Compare both ends’ books now', params: channel, response: comparisonSchema },
    handler: ({ ctx, params }) => runComparison(ctx, { ...params, deps }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/exchange-channels/{channelId}/comparisons', right, tag },
    ...{ summary: 'The last comparisons', params: channel, response: z.object({ items: z.array(comparisonSchema) }) },
    handler: ({ ctx, params }) => listComparisons(ctx, params),
  }),
];
