import {
  batchActResultSchema,
  batchActSchema,
  clockStorySchema,
  historyLineSchema,
  makeByHandSchema,
  ticketCommandSchema,
  ticketPageSchema,
  ticketRowSchema,
} from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { etagOf } from '../../http/etag.js';
import { pageOf } from '../../http/pagination.js';
import { type AnyRoute, defineRoute, Reply } from '../../http/route.js';
import { ticketCountsSchema, ticketQuerySchema } from './contract.js';
import { act, make } from './verbs/act.js';
import { actOnMany } from './verbs/act-on-many.js';
import { countTickets } from './verbs/count-tickets.js';
import { listTickets } from './verbs/list-tickets.js';
import { readTicket, readTicketClocks, readTicketHistory } from './verbs/read-ticket.js';

export const tag = 'Tickets';
export const ticketParams = z.object({ ticketId: z.uuid() });

/** `seq` is the ETag of what may be acted on. */
export const withSeq = <T extends { readonly seq: number }>(body: T): Reply<T> =>
  new Reply(body, { headers: { etag: etagOf(body.seq) } });

export const lifeRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/tickets',
    right: 'ticket.read',
    tag,
    summary:
      'Tickets of a view: one’s to-do (soonest due first), handled, initiated, done; of an office; all within reach',
    query: ticketQuerySchema,
    response: pageOf(ticketRowSchema),
    handler: ({ ctx, query }) => listTickets(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/counts',
    right: 'ticket.read',
    tag,
    summary: 'How many stand in each of one’s own lists, and how many to do are yellow and red',
    response: ticketCountsSchema,
    handler: ({ ctx }) => countTickets(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets',
    right: 'ticket.make',
    tag,
    summary: 'Make a ticket of a published kind; its first task goes to whom the kind says',
    body: makeByHandSchema,
    response: ticketRowSchema,
    handler: async ({ ctx, body }) => {
      const row = await make(ctx, body);
      return new Reply(row, { status: 201, headers: { etag: etagOf(row.seq) } });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/{ticketId}',
    right: 'ticket.read',
    tag,
    summary: 'A ticket with its kind’s document, tasks, clocks, links, files, and what the reader may do now',
    params: ticketParams,
    response: ticketPageSchema,
    handler: async ({ ctx, params }) => withSeq(await readTicket(ctx, params)),
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/{ticketId}/history',
    right: 'ticket.read',
    tag,
    summary: 'Every line of a ticket’s life, oldest first',
    params: ticketParams,
    response: z.object({ items: z.array(historyLineSchema) }),
    handler: ({ ctx, params }) => readTicketHistory(ctx, params),
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/{ticketId}/clocks',
    right: 'ticket.read',
    tag,
    summary: 'Every stretch of its clocks, why it ran or stood still, and what was noted',
    params: ticketParams,
    response: z.object({ items: z.array(clockStorySchema) }),
    handler: ({ ctx, params }) => readTicketClocks(ctx, params),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets/{ticketId}/acts',
    right: 'ticket.act',
    tag,
    summary:
      'Do one of the offered acts. 412 says who did what in between; 409 with `refusal` why the kind does not allow it',
    ifMatch: true,
    params: ticketParams,
    body: ticketCommandSchema,
    response: ticketPageSchema,
    status: 200,
    handler: async ({ ctx, params, body, version }) =>
      withSeq(await act(ctx, { ...params, seq: version, command: body })),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets/acts',
    right: 'ticket.act',
    tag,
    summary: 'Acts on up to a hundred tickets, each by itself; what could not be done is told, ticket by ticket',
    body: batchActSchema,
    response: batchActResultSchema,
    status: 200,
    handler: ({ ctx, body }) => actOnMany(ctx, body),
  }),
];
