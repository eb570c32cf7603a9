import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { HttpEnv } from './env.js';
import { apiPrefix } from './mount-routes.js';
import { problemSchema } from './problem.js';
import type { AnyRoute } from './route.js';

const anyJson = ['string', 'number', 'boolean', 'object', 'array', 'null'] as const;

/** `z.json()` is made of itself: the generator, which follows schemas to their end, is told what it is instead. */
const tellJson = (schema: unknown, seen = new Set<unknown>()): void => {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return;
  seen.add(schema);
  if (schema instanceof z.ZodLazy) {
    // Schemas of shared may be older than the extension, and lack the method that others have.
    z.ZodType.prototype.openapi.call(schema, { type: [...anyJson], description: 'Any JSON' });
    return;
  }
  const def: unknown = schema instanceof z.ZodType ? schema.def : schema;
  for (const inner of Object.values(def as object)) {
    if (Array.isArray(inner)) for (const one of inner) tellJson(one, seen);
    else tellJson(inner, seen);
  }
};

const problemContent = { 'application/problem+json': { schema: problemSchema } };

/** One route in OpenAPI's words; the right it needs is `x-right`. */
const describeRoute = (route: AnyRoute): RouteConfig => {
  const headers = z.object({
    ...(route.ifMatch
      ? { 'if-match': z.string().describe('ETag of the version that was changed, such as `"7"`') }
      : {}),
    ...(route.method === 'post' && route.right !== 'public'
      ? { 'idempotency-key': z.string().max(200).optional().describe('Repeats within 24 h get the first answer') }
      : {}),
  });
  const status =
    route.response === undefined && !route.streams ? 204 : (route.status ?? (route.method === 'post' ? 201 : 200));
  const content = route.streams
    ? { [route.streams]: { schema: z.string() } }
    : route.response && { 'application/json': { schema: route.response } };
  return {
    method: route.method,
    path: apiPrefix + route.path,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, `Right: \`${route.right}\`.`].filter(Boolean).join('\n\n'),
    operationId: `${route.method}${route.path.replace(/[/{}]+(\w?)/g, (_all: string, first: string) => first.toUpperCase()).replace(/\W/g, '')}`,
    security:
      route.right === 'public' ? [] : route.right === 'self' ? [{ session: [] }] : [{ session: [] }, { apiKey: [] }],
    'x-right': route.right,
    request: {
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...(Object.keys(headers.shape).length > 0 ? { headers } : {}),
      ...(route.body ? { body: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    },
    responses: {
      [status]: { description: 'Done', ...(content ? { content } : {}) },
      default: { description: 'A problem (RFC 9457)', content: problemContent },
    },
  };
};

/** The OpenAPI 3.1 document of all routes. */
export const openApiDocument = (routes: readonly AnyRoute[], version: string): object => {
  const api = new OpenAPIHono<HttpEnv>();
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'hallhub.session_token',
    description: 'Made by POST /api/v1/session. Writes need an Origin header that equals the address called.',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'hk_…',
    description: 'Made by POST /api/v1/api-keys. Needs no Origin.',
  });
  const seen = new Set<unknown>();
  for (const route of routes) {
    for (const schema of [route.body, route.response, route.query]) tellJson(schema, seen);
    api.openAPIRegistry.registerPath(describeRoute(route));
  }
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'HallHub',
      version,
      description:
        'Errors are problem+json with a closed `code`. Lists are paged by `cursor`. What has a `version` is changed with If-Match.',
      license: { name: 'Apache-2.0' },
    },
  });
};
