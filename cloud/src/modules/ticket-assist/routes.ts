import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  assistStateSchema,
  placeSuggestionSchema,
  sensitiveHitSchema,
  sensitiveWordSchema,
  suggestBodySchema,
  suggestionsSchema,
  testSensitiveSchema,
} from './contract.js';
import { suggestForTicket } from './suggest-for-ticket.js';
import {
  completePlace,
  listSensitiveWords,
  putSensitiveWords,
  readAssistState,
  retrain,
  testSensitive,
} from './verbs.js';

const tag = 'Tickets';

export const ticketAssistRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/ticket-assist/suggest',
    right: 'ticket.read',
    tag,
    summary: 'What a ticket is likely to be, whom it may be for, what it resembles, words to be warned of',
    description: 'Of the fields as they are so far; nothing is written. Suggestions are learned from closed tickets.',
    body: suggestBodySchema,
    response: suggestionsSchema,
    status: 200,
    handler: ({ ctx, body }) => suggestForTicket(ctx, body),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-assist/places',
    right: 'ticket.read',
    tag,
    summary: 'Places that hold what was typed, the most named first',
    query: z.object({ q: z.string().trim().min(1).max(100) }),
    response: z.object({ items: z.array(placeSuggestionSchema) }),
    handler: async ({ ctx, query }) => ({ items: await completePlace(ctx, query) }),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-assist',
    right: 'ticketkind.read',
    tag,
    summary: 'What was learned, and of how many tickets',
    response: assistStateSchema,
    handler: ({ ctx }) => readAssistState(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-assist/retrain',
    right: 'ticketkind.write',
    tag,
    summary: 'Forget everything and learn anew from the closed tickets',
    status: 204,
    handler: ({ ctx }) => retrain(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-assist/sensitive-words',
    right: 'ticketkind.read',
    tag,
    summary: 'Words to be warned of',
    response: z.object({ words: z.array(sensitiveWordSchema) }),
    handler: async ({ ctx }) => ({ words: await listSensitiveWords(ctx) }),
  }),
  defineRoute({
    method: 'put',
    path: '/ticket-assist/sensitive-words',
    right: 'ticketkind.write',
    tag,
    summary: 'Replace the words to be warned of',
    body: z.strictObject({ words: z.array(sensitiveWordSchema).max(5_000) }),
    response: z.object({ words: z.array(sensitiveWordSchema) }),
    handler: async ({ ctx, body }) => ({ words: await putSensitiveWords(ctx, body) }),
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-assist/sensitive-words/test',
    right: 'ticketkind.read',
    tag,
    summary: 'What a text would be warned of, by a list that need not be saved yet',
    body: testSensitiveSchema,
    response: z.object({ hits: z.array(sensitiveHitSchema) }),
    status: 200,
    handler: async ({ ctx, body }) => ({ hits: await testSensitive(ctx, body) }),
  }),
];
