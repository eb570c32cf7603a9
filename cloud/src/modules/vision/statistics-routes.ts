import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  flowAnswerSchema,
  flowQuerySchema,
  heatAnswerSchema,
  privacySchema,
  statisticsQuerySchema,
  statisticsSchema,
} from './statistics-contract.js';
import { readFlow, readHeat } from './verbs/people-flow.js';
import { type PrivacyDeps, readPrivacyReceipt } from './verbs/privacy-receipt.js';
import { readStatistics } from './verbs/statistics.js';

const tag = 'Vision';
const cameraParams = z.object({ deviceId: z.uuid() });

export const statisticsRoutes = (deps: PrivacyDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/vision/statistics',
    right: 'vision.read',
    tag,
    summary: 'What was found and what became of it, by algorithm, camera, hall, day and hour',
    query: statisticsQuerySchema,
    response: statisticsSchema,
    handler: ({ ctx, query }) => readStatistics(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/flow',
    right: 'vision.read',
    tag,
    summary: 'People in and out, how many at once, how long they stayed',
    query: flowQuerySchema,
    response: flowAnswerSchema,
    handler: ({ ctx, query }) => readFlow(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/cameras/{deviceId}/heat',
    right: 'vision.read',
    tag,
    summary: 'Where people stood in one view of a camera',
    params: cameraParams,
    query: z.object({ viewId: z.uuid(), from: z.iso.datetime(), to: z.iso.datetime() }),
    response: heatAnswerSchema,
    handler: ({ ctx, params, query }) => readHeat(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/cameras/{deviceId}/privacy',
    right: 'vision.read',
    tag,
    summary: 'Privacy receipt of a camera’s day: why it films, what left the hall, what is kept, who looked',
    params: cameraParams,
    query: z.object({ day: z.iso.date() }),
    response: privacySchema,
    handler: ({ ctx, params, query }) => readPrivacyReceipt(ctx, deps, { ...params, ...query }),
  }),
];
