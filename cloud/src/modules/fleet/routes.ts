import { deviceStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { commandDtoSchema } from '../commands/contract.js';
import { issueUnitCommand } from '../commands/verbs/issue-command.js';
import {
  approveDeviceSchema,
  asideDtoSchema,
  createUnitSchema,
  deviceDtoSchema,
  deviceModelSchema,
  deviceSummarySchema,
  deviceValueSchema,
  faultDtoSchema,
  gapDtoSchema,
  historySchema,
  newUnitSchema,
  presenceChangeSchema,
  profileDtoSchema,
  refuseDeviceSchema,
  sealDtoSchema,
  setJoinPolicySchema,
  unitDtoSchema,
  unitPresenceChangeSchema,
  updateDeviceSchema,
  updateUnitSchema,
} from './contract.js';
import type { FleetDeps } from './fleet-deps.js';
import { archiveUnit, reissueSecret, updateUnit } from './verbs/change-unit.js';
import { createUnit } from './verbs/create-unit.js';
import { getProfile, listPresence, listValues, readHistory } from './verbs/device-history.js';
import { directDevice, updateDevice } from './verbs/direct-device.js';
import { getUnit, listUnits } from './verbs/get-unit.js';
import { getDevice, listDevices } from './verbs/list-devices.js';
import { listModels } from './verbs/list-models.js';
import { listAside, listFaults, listGaps, listSeals, listUnitPresence } from './verbs/unit-history.js';

const unitParams = z.object({ unitId: z.uuid() });
const deviceParams = z.object({ deviceId: z.uuid() });
const period = { from: z.iso.datetime().optional(), to: z.iso.datetime().optional() };
const historyQuery = pageQuerySchema.extend(period);

export const fleetRoutes = (deps: FleetDeps): AnyRoute[] => [
  ...unitRoutes(deps),
  ...unitHistoryRoutes(),
  ...deviceRoutes(deps),
  ...deviceOrderRoutes(deps),
];

const unitRoutes = (deps: FleetDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/units',
    right: 'unit.read',
    tag: 'Units',
    summary: 'Units, by name',
    query: pageQuerySchema.extend({
      hallId: z.uuid().optional(),
      q: z.string().max(100).optional(),
      presence: z.enum(['online', 'offline']).optional(),
      archived: z.stringbool().optional(),
    }),
    response: pageOf(unitDtoSchema),
    handler: ({ ctx, query }) => listUnits(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/units/{unitId}',
    right: 'unit.read',
    tag: 'Units',
    summary: 'One unit',
    params: unitParams,
    response: unitDtoSchema,
    handler: ({ ctx, params }) => getUnit(ctx, params),
  }),
  defineRoute({
    method: 'post',
    path: '/units',
    right: 'unit.write',
    tag: 'Units',
    summary: 'Enrol a unit in a hall; its secret is in this answer and nowhere else',
    body: createUnitSchema,
    response: newUnitSchema,
    secretAnswer: true,
    handler: ({ ctx, body }) => createUnit(ctx, body),
  }),
  defineRoute({
    method: 'post',
    path: '/units/{unitId}/secret',
    right: 'unit.write',
    tag: 'Units',
    summary: 'Give the unit a new secret; the old one ends at once',
    params: unitParams,
    response: z.object({ secret: z.string() }),
    secretAnswer: true,
    status: 200,
    handler: ({ ctx, params }) => reissueSecret(ctx, deps, params),
  }),
  defineRoute({
    method: 'patch',
    path: '/units/{unitId}',
    right: 'unit.write',
    tag: 'Units',
    summary: 'Rename a unit, or move it to another hall',
    ifMatch: true,
    params: unitParams,
    body: updateUnitSchema,
    response: unitDtoSchema,
    handler: ({ ctx, params, body, version }) => updateUnit(ctx, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/units/{unitId}',
    right: 'unit.write',
    tag: 'Units',
    summary: 'Archive a unit: it cannot connect any more, what it sent stays',
    ifMatch: true,
    params: unitParams,
    handler: ({ ctx, params, version }) => archiveUnit(ctx, deps, { ...params, version }),
  }),
  defineRoute({
    method: 'put',
    path: '/units/{unitId}/join-policy',
    right: 'device.approve',
    tag: 'Units',
    summary: 'Who may join at this unit',
    ifMatch: false,
    params: unitParams,
    body: setJoinPolicySchema,
    response: commandDtoSchema,
    status: 202,
    handler: ({ ctx, params, body }) =>
      issueUnitCommand(ctx, deps, {
        unitId: params.unitId,
        right: 'device.approve',
        name: 'join.policy',
        input: {
          policy: body.policy,
          ...(body.until === undefined ? undefined : { untilMs: Date.parse(body.until) }),
        },
      }),
  }),
];

const unitHistoryRoutes = (): AnyRoute[] => [
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

const deviceRoutes = (deps: FleetDeps): AnyRoute[] => [
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

const deviceOrderRoutes = (deps: FleetDeps): AnyRoute[] => [
  defineRoute({
    method: 'patch',
    path: '/devices/{deviceId}',
    right: 'device.write',
    tag: 'Devices',
    summary: 'Name or place a device: a command to its unit',
    ifMatch: true,
    params: deviceParams,
    body: updateDeviceSchema,
    response: z.object({ device: deviceDtoSchema, command: commandDtoSchema }),
    status: 202,
    handler: ({ ctx, params, body, version }) => updateDevice(ctx, deps, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/devices/{deviceId}/approve',
    right: 'device.approve',
    tag: 'Devices',
    summary: 'Approve a device that waits',
    params: deviceParams,
    body: approveDeviceSchema,
    response: commandDtoSchema,
    status: 202,
    handler: ({ ctx, params, body }) =>
      directDevice(ctx, deps, { ...params, name: 'device.approve', right: 'device.approve', input: body }),
  }),
  defineRoute({
    method: 'post',
    path: '/devices/{deviceId}/refuse',
    right: 'device.approve',
    tag: 'Devices',
    summary: 'Refuse a device that waits',
    params: deviceParams,
    body: refuseDeviceSchema,
    response: commandDtoSchema,
    status: 202,
    handler: ({ ctx, params, body }) =>
      directDevice(ctx, deps, { ...params, name: 'device.refuse', right: 'device.approve', input: body }),
  }),
  defineRoute({
    method: 'post',
    path: '/devices/{deviceId}/retire',
    right: 'device.approve',
    tag: 'Devices',
    summary: 'Take a device out of use',
    params: deviceParams,
    response: commandDtoSchema,
    status: 202,
    handler: ({ ctx, params }) =>
      directDevice(ctx, deps, { ...params, name: 'device.retire', right: 'device.approve', input: {} }),
  }),
];
