import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { asideDtoSchema, faultDtoSchema, gapDtoSchema, sealDtoSchema, unitPresenceChangeSchema } from '../contract.js';
import { listAside, listFaults, listGaps, listSeals, listUnitPresence } from '../verbs/unit-history.js';

const unitParams = z.object({ unitId: z.uuid() });
const historyQuery = pageQuerySchema.extend({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});

export const unitHistoryRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/presence',
    right: 'unit.read',
    tag: 'Units',
    summary: 'When the unit came and went',
    params: unitParams,
    query: historyQuery,
    response: pageOf(unitPresenceChangeSchema),
    handler: ({ ctx, params, query }) => listUnitPresence(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/seals',
    right: 'unit.read',
    tag: 'Units',
    summary: 'What unit and cloud counted, hour by hour',
    params: unitParams,
    query: historyQuery,
    response: pageOf(sealDtoSchema),
    handler: ({ ctx, params, query }) => listSeals(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/aside',
    right: 'unit.read',
    tag: 'Units',
    summary: 'Rows that were put aside, and why',
    params: unitParams,
    query: historyQuery,
    response: pageOf(asideDtoSchema),
    handler: ({ ctx, params, query }) => listAside(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/gaps',
    right: 'unit.read',
    tag: 'Units',
    summary: 'What is known to be missing, and why',
    params: unitParams,
    query: historyQuery,
    response: pageOf(gapDtoSchema),
    handler: ({ ctx, params, query }) => listGaps(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/faults',
    right: 'unit.read',
    tag: 'Units',
    summary: 'What the unit reported about itself',
    params: unitParams,
    query: historyQuery,
    response: pageOf(faultDtoSchema),
    handler: ({ ctx, params, query }) => listFaults(ctx, { ...params, ...query }),
  }),
];
