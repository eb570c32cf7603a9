import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { calendarDocumentSchema, calendarSchema, calendarSummarySchema, holidaysSchema } from './contract.js';
import { getCalendar, listCalendars } from './verbs/list-calendars.js';
import { addHolidays, setCalendar } from './verbs/set-calendar.js';

const tag = 'Calendars';
const params = z.object({ code: slugSchema });

export const calendarRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/calendars',
    right: 'ticket.read',
    tag,
    summary: 'Working calendars',
    response: z.object({ items: z.array(calendarSummarySchema) }),
    handler: ({ ctx }) => listCalendars(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/calendars/{code}',
    right: 'ticket.read',
    tag,
    summary: 'One calendar with its week, holidays and moved working days',
    params,
    response: calendarSchema,
    handler: ({ ctx, params: at }) => getCalendar(ctx, at),
  }),
  defineRoute({
    method: 'put',
    path: '/calendars/{code}',
    right: 'calendar.write',
    tag,
    summary: 'Write a calendar; clocks of running tickets follow',
    description: 'If-Match `"0"` makes a new one.',
    ifMatch: true,
    params,
    body: calendarDocumentSchema,
    response: calendarSchema,
    handler: ({ ctx, params: at, body, version }) => setCalendar(ctx, { ...at, version, document: body }),
  }),
  defineRoute({
    method: 'post',
    path: '/calendars/{code}/holidays',
    right: 'calendar.write',
    tag,
    summary: 'Add a year’s holidays and moved working days as the State Council announced them',
    params,
    query: z.object({
      year: z.coerce.number().int().min(2000).max(2100),
      replace: z.enum(['true', 'false']).default('false').describe('true: also where a day says something else'),
    }),
    response: holidaysSchema,
    status: 200,
    handler: ({ ctx, params: at, query }) =>
      addHolidays(ctx, { ...at, year: query.year, replace: query.replace === 'true' }),
  }),
];
