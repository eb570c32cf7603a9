import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { createPlaceSchema, placeSchema, updatePlaceSchema } from './contract.js';
import { createPlace } from './verbs/create-place.js';
import { type CountPlaces, listPlaces } from './verbs/list-places.js';
import { updatePlace } from './verbs/update-place.js';

const tag = 'Places';
const placeParams = z.object({ placeId: z.uuid() });

export const placeRoutes = (deps: { readonly countPlaces?: CountPlaces } = {}): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/places',
    right: 'place.read',
    tag,
    summary: 'The tree within reach, flat, parents first',
    query: z.object({ archived: z.enum(['true', 'false']).default('false').describe('true: archived ones too') }),
    response: z.object({ items: z.array(placeSchema) }),
    handler: async ({ ctx, query }) => ({
      items: await listPlaces(ctx, { archived: query.archived === 'true' }, deps.countPlaces),
    }),
  }),
  defineRoute({
    method: 'post',
    path: '/places',
    right: 'place.write',
    tag,
    summary: 'A new region, hall or counter',
    body: createPlaceSchema,
    response: placeSchema,
    handler: ({ ctx, body }) => createPlace(ctx, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/places/{placeId}',
    right: 'place.write',
    tag,
    summary: 'Edit, move, archive or bring back a place',
    ifMatch: true,
    params: placeParams,
    body: updatePlaceSchema,
    response: placeSchema,
    handler: ({ ctx, params, body, version }) => updatePlace(ctx, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/places/{placeId}',
    right: 'place.write',
    tag,
    summary: 'Archive a place',
    ifMatch: true,
    params: placeParams,
    response: placeSchema,
    handler: ({ ctx, params, version }) => updatePlace(ctx, { ...params, archived: true, version }),
  }),
];
