import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { commandDtoSchema } from '../../commands/contract.js';
import { issueUnitCommand } from '../../commands/verbs/issue-command.js';
import { createUnitSchema, newUnitSchema, setJoinPolicySchema, unitDtoSchema, updateUnitSchema } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { archiveUnit, reissueSecret, updateUnit } from '../verbs/change-unit.js';
import { createUnit } from '../verbs/create-unit.js';
import { getUnit, listUnits } from '../verbs/get-unit.js';

const unitParams = z.object({ unitId: z.uuid() });

export const unitRoutes = (deps: FleetDeps): AnyRoute[] => [
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
