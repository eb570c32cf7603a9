import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { type MapTiles, mapTilesSchema } from './map-tiles.js';

export const mapRoutes = ({ tiles }: { readonly tiles: MapTiles | null }): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/map',
    right: 'self',
    tag: 'Places',
    summary: 'Where tiles of a map come from, where the operator set that up',
    response: z.object({ tiles: mapTilesSchema.nullable() }),
    handler: async () => ({ tiles }),
  }),
];
