import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { apiKeySchema, createApiKeySchema } from './contract.js';
import { createApiKey } from './verbs/create-api-key.js';
import { listApiKeys } from './verbs/list-api-keys.js';
import { revokeApiKey } from './verbs/revoke-api-key.js';

const tag = 'API keys';

export const apiKeyRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/api-keys',
    right: 'apikey.write',
    tag,
    summary: 'Keys for programs, newest first',
    query: pageQuerySchema,
    response: pageOf(apiKeySchema),
    handler: ({ ctx, query }) => listApiKeys(ctx, query),
  }),
  defineRoute({
    method: 'post',
    path: '/api-keys',
    right: 'apikey.write',
    tag,
    summary: 'A new key',
    description: 'Use it as `Authorization: Bearer hk_…`. It never may do more than the person who made it may do now.',
    body: createApiKeySchema,
    response: z.object({ apiKey: apiKeySchema, key: z.string().describe('Shown this once') }),
    secretAnswer: true,
    handler: ({ ctx, body }) => createApiKey(ctx, body),
  }),
  defineRoute({
    method: 'delete',
    path: '/api-keys/{keyId}',
    right: 'apikey.write',
    tag,
    summary: 'End a key for good, at once',
    ifMatch: false,
    params: z.object({ keyId: z.uuid() }),
    response: apiKeySchema,
    handler: ({ ctx, params }) => revokeApiKey(ctx, params),
  }),
];
