import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { calendarWhatIf } from './calendar-what-if.js';
import {
  calendarWhatIfSchema,
  clocksWhatIfSchema,
  kindWhatIfSchema,
  ticketIfSchema,
  ticketWhatIfSchema,
} from './contract.js';
import { kindWhatIf } from './kind-what-if.js';
import { ticketWhatIf } from './ticket-what-if.js';

const code = z.object({ code: slugSchema });

export const whatIfRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/calendars/{code}/what-if',
    right: 'calendar.write',
    tag: 'Calendars',
    summary:
      'Which running clocks would move, and which promises break, if the calendar were this one; nothing is stored',
    params: code,
    body: calendarWhatIfSchema,
    response: clocksWhatIfSchema,
    status: 200,
    handler: ({ ctx, params, body }) => calendarWhatIf(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-kinds/{code}/what-if',
    right: 'ticketkind.write',
    tag: 'Ticket kinds',
    summary: 'Which running clocks would move if the kind’s tickets went on by this document; nothing is stored',
    params: code,
    body: kindWhatIfSchema,
    response: clocksWhatIfSchema,
    status: 200,
    handler: ({ ctx, params, body }) => kindWhatIf(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets/{ticketId}/clocks/what-if',
    right: 'ticket.read',
    tag: 'Tickets',
    summary:
      'A ticket’s clocks as they are and as another level, an extension or a pause would make them; nothing is stored',
    params: z.object({ ticketId: z.uuid() }),
    body: ticketIfSchema,
    response: ticketWhatIfSchema,
    status: 200,
    handler: ({ ctx, params, body }) => ticketWhatIf(ctx, { ...params, ...body }),
  }),
];
