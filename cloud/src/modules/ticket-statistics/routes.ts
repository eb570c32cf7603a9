import { type AnyRoute, defineRoute } from '../../http/route.js';
import { ticketStatisticsQuerySchema, ticketStatisticsSchema } from './contract.js';
import { readTicketStatistics } from './read-statistics.js';

export const ticketStatisticsRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/ticket-statistics',
    right: 'ticket.read',
    tag: 'Tickets',
    summary: 'Tickets made in a span of days and what became of them, by one thing, with growth',
    query: ticketStatisticsQuerySchema,
    response: ticketStatisticsSchema,
    handler: ({ ctx, query }) => readTicketStatistics(ctx, query),
  }),
];
