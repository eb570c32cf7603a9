import { deviceStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import {
  deviceDtoSchema,
  deviceModelSchema,
  deviceSummarySchema,
  deviceValueSchema,
  historySchema,
  presenceChangeSchema,
  profileDtoSchema,
} from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { getProfile, listPresence, listValues, readHistory } from '../verbs/device-history.js';
import { getDevice, listDevices } from '../verbs/list-devices.js';
import { listModels } from '../verbs/list-models.js';

const deviceParams = z.object({ deviceId: z.uuid() });
const historyQuery = pageQuerySchema.extend({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});

export const deviceRoutes = (deps: FleetDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/devices',
    right: 'device.read',
    tag: 'Devices',
    summary: 'Devices, by name; retired and refused ones only when asked for',
    query: pageQuerySchema.extend({
      hallId: z.uuid().optional(),
      unitId: z.uuid().optional(),
      counterId: z.uuid().optional(),
      class: z.string().max(64).optional(),
      presence: z.enum(['online', 'degraded', 'offline', 'unknown', 'stale']).optional(),
      state: z.enum(deviceStates).optional(),
      q: z.string().max(100).optional(),
    }),
    response: pageOf(deviceSummarySchema),
    handler: ({ ctx, query }) => listDevices(ctx, deps, query),
  }),
  defineRoute({
    method: 'get',
    path: '/devices/{deviceId}',
    right: 'device.read',
    tag: 'Devices',
    summary: 'One device with its thing model and values',
    params: deviceParams,
    response: deviceDtoSchema,
    handler: ({ ctx, params }) => getDevice(ctx, deps, params),
  }),
  defineRoute({
    method: 'get',
    path: '/devices/{deviceId}/values',
    right: 'device.read',
    tag: 'Devices',
    summary: 'The latest value of every property',
    params: deviceParams,
    response: z.object({ items: z.array(deviceValueSchema) }),
    handler: ({ ctx, params }) => listValues(ctx, deps, params),
  }),
  defineRoute({
    method: 'get',
    path: '/devices/{deviceId}/history',
    right: 'device.read',
    tag: 'Devices',
    summary: 'A property over time',
    params: deviceParams,
    query: z.object({
      property: z.string().min(1).max(64),
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      maxPoints: z.coerce.number().int().min(2).max(10_000).optional(),
    }),
    response: historySchema,
    handler: ({ ctx, params, query }) => readHistory(ctx, deps, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/devices/{deviceId}/presence',
    right: 'device.read',
    tag: 'Devices',
    summary: 'When the device came and went, why, and by what evidence',
    params: deviceParams,
    query: historyQuery,
    response: pageOf(presenceChangeSchema),
    handler: ({ ctx, params, query }) => listPresence(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'get',
    path: '/device-models',
    right: 'device.read',
    tag: 'Devices',
    summary: 'The device models that units have told of, with how many devices of each are in use',
    query: z.object({ hallId: z.uuid().optional() }),
    response: z.object({ items: z.array(deviceModelSchema) }),
    handler: ({ ctx, query }) => listModels(ctx, deps, query),
  }),
  defineRoute({
    method: 'get',
    path: '/profiles/{hash}',
    right: 'device.read',
    tag: 'Devices',
    summary: 'A device profile by its hash',
    params: z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) }),
    response: profileDtoSchema,
    handler: ({ ctx, params }) => getProfile(ctx, params),
  }),
];
