import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { asideListSchema } from './contract.js';
import { listAside, retryAside } from './list-aside.js';

export const asideRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/tickets/aside',
    right: 'ticket.supervise',
    tag: 'Tickets',
    summary: 'Tickets whose clocks the platform could not compute or note, each with the reason; the others go on',
    response: asideListSchema,
    handler: ({ ctx }) => listAside(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets/aside/retry',
    right: 'ticket.supervise',
    tag: 'Tickets',
    summary: 'Try them again with the next round',
    response: z.object({ tickets: z.int() }),
    status: 200,
    handler: ({ ctx }) => retryAside(ctx),
  }),
];
