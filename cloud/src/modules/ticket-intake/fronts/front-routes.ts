import { z } from '@hono/zod-openapi';
import { RateLimit } from '../../../http/rate-limit.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { judgedSchema, publicTicketParams, publicTicketSchema } from '../contract.js';
import { judge } from '../forms/judge-ticket.js';
import { readProgress } from '../forms/public-ticket.js';
import { withdraw } from '../forms/withdraw-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import {
  claimSchema,
  frontRequestSchema,
  judgeRequestSchema,
  requestSentSchema,
  sendRequestSchema,
  withdrawRequestSchema,
} from './contract.js';
import { claimRequest, listRequests } from './read-requests.js';
import { sendRequest } from './send-request.js';

const tag = 'Requests of fronts';
const right = 'ticket.front';
const maxRequestBytes = 20 * 1024 * 1024;

/** For programs of the house that ask for somebody: kiosks, mini programs, a hotline’s desk (docs/protocol.md 11). */
export const frontRoutes = (deps: IntakeDeps): AnyRoute[] => {
  const sending = new RateLimit(deps.clock, { burst: 20, perMinute: 4 });
  return [
    defineRoute({
      ...{
        method: 'post',
        path: '/front-requests',
        right,
        tag,
        summary: 'Send somebody’s request',
        secretAnswer: true,
      },
      ...{ body: sendRequestSchema, response: requestSentSchema, maxBodyBytes: maxRequestBytes },
      handler: ({ ctx, body }) => {
        if (body.person !== undefined) sending.take(`${ctx.actor.tenantId}/${body.source}/${body.person}`);
        return sendRequest(deps, ctx, body);
      },
    }),
    defineRoute({
      ...{ method: 'post', path: '/front-requests/list', right, tag, status: 200, summary: 'What somebody asked' },
      ...{ body: claimSchema, response: z.object({ items: z.array(frontRequestSchema) }) },
      handler: async ({ ctx, body }) => ({ items: await listRequests(deps, ctx, body) }),
    }),
    defineRoute({
      ...{ method: 'post', path: '/front-requests/{number}/progress', right, tag, status: 200 },
      ...{ summary: 'How far somebody’s request is', params: publicTicketParams, body: claimSchema },
      response: publicTicketSchema,
      handler: async ({ ctx, params, body }) => {
        const shown = await readProgress(deps, await claimRequest(deps, ctx, { ...params, ...body }));
        return { ...shown, progress: [...shown.progress], answers: [...shown.answers], causes: [...shown.causes] };
      },
    }),
    defineRoute({
      ...{ method: 'post', path: '/front-requests/{number}/visit', right, tag, status: 200 },
      ...{ summary: 'How content they are', params: publicTicketParams, body: judgeRequestSchema },
      response: judgedSchema,
      handler: async ({ ctx, params, body: { source, person, ...judgement }, request }) =>
        judge(deps, await claimRequest(deps, ctx, { ...params, source, person }), judgement, request),
    }),
    defineRoute({
      ...{ method: 'post', path: '/front-requests/{number}/withdraw', right, tag, status: 204 },
      ...{ summary: 'Take their request back', params: publicTicketParams, body: withdrawRequestSchema },
      handler: async ({ ctx, params, body: { source, person, words }, request }) => {
        await withdraw(deps, await claimRequest(deps, ctx, { ...params, source, person }), words, request);
      },
    }),
  ];
};
