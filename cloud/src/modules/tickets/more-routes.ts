import { fieldKeySchema, partyViewSchema, splitTicketSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { sheetResponse } from '../../http/sheet-response.js';
import {
  savedFilterSchema,
  saveFilterSchema,
  splitResultSchema,
  ticketEventGroupSchema,
  ticketFilterSchema,
} from './contract.js';
import { tag, ticketParams } from './routes.js';
import { chooseParties } from './verbs/choose-parties.js';
import { exportTickets } from './verbs/export-tickets.js';
import { readEvent } from './verbs/read-event.js';
import { revealField } from './verbs/reveal-field.js';
import { dropFilter, listFilters, saveFilter } from './verbs/saved-filters.js';
import { splitTicket } from './verbs/split-ticket.js';

export const moreRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/tickets/{ticketId}/event',
    right: 'ticket.read',
    tag,
    summary: 'The tickets that are tied to this one as the same event, and how many people asked how often',
    params: ticketParams,
    response: ticketEventGroupSchema,
    handler: ({ ctx, params }) => readEvent(ctx, params),
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/{ticketId}/parties',
    right: 'ticket.act',
    tag,
    summary: 'Offices and people whom the reader may choose, by a part of the name',
    params: ticketParams,
    query: z.object({ q: z.string().max(60).optional() }),
    response: z.object({ items: z.array(partyViewSchema.extend({ officeName: z.string().nullable() })) }),
    handler: ({ ctx, params, query }) => chooseParties(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets/{ticketId}/split',
    right: 'ticket.act',
    tag,
    summary:
      'Split children off, all or none; the parent’s step must allow it. Of another kind, or elsewhere: ticket.make as well',
    params: ticketParams,
    body: splitTicketSchema,
    response: splitResultSchema,
    handler: ({ ctx, params, body }) => splitTicket(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: '/tickets/{ticketId}/reveal',
    right: 'ticket.read',
    tag,
    summary: 'One personal field in clear; stands in the audit trail with the reason',
    params: ticketParams,
    body: z.strictObject({ field: fieldKeySchema, reason: z.string().trim().min(1).max(500) }),
    response: z.object({ value: z.unknown() }),
    secretAnswer: true,
    status: 200,
    handler: ({ ctx, params, body }) => revealField(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/export',
    right: 'ticket.export',
    tag,
    summary:
      'A list as a sheet (xlsx) or csv, a million rows at most, without personal fields; stands in the audit trail',
    query: ticketFilterSchema.extend({
      format: z.enum(['xlsx', 'csv']).default('xlsx'),
      language: z.enum(['zh', 'en']).default('zh'),
    }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, query }) => {
      const body = await exportTickets(ctx, query);
      return sheetResponse({ body, name: `hallhub-tickets.${query.format}` }, query.format);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-filters',
    right: 'ticket.read',
    tag,
    summary: 'One’s own saved filters, by name',
    response: z.object({ items: z.array(savedFilterSchema) }),
    handler: ({ ctx }) => listFilters(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-filters',
    right: 'ticket.read',
    tag,
    summary: 'Save a filter under a name, fifty at most',
    body: saveFilterSchema,
    response: savedFilterSchema,
    handler: ({ ctx, body }) => saveFilter(ctx, body),
  }),
  defineRoute({
    method: 'delete',
    path: '/ticket-filters/{filterId}',
    right: 'ticket.read',
    tag,
    summary: 'Remove a saved filter of one’s own',
    params: z.object({ filterId: z.uuid() }),
    handler: ({ ctx, params }) => dropFilter(ctx, params),
  }),
];
