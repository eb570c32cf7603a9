import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { commandDtoSchema } from '../../commands/contract.js';
import { approveDeviceSchema, deviceDtoSchema, refuseDeviceSchema, updateDeviceSchema } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { directDevice, updateDevice } from '../verbs/direct-device.js';

const deviceParams = z.object({ deviceId: z.uuid() });

export const deviceOrderRoutes = (deps: FleetDeps): AnyRoute[] => [
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
