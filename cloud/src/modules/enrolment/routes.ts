import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { enrolmentCodeSchema, makeCodeSchema, newCodeSchema } from './contract.js';
import type { EnrolmentDeps } from './enrolment-deps.js';
import { listCodes, makeCode, withdrawCode } from './verbs/enrolment-codes.js';

const unitParams = z.object({ unitId: z.uuid() });

export const enrolmentRoutes = (deps: Pick<EnrolmentDeps, 'pki' | 'addresses'>): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/units/{unitId}/enrolment-codes',
    right: 'unit.enrol',
    tag: 'Units',
    summary: 'A code by which hardware becomes this unit: good once, for a day; an earlier one ends',
    params: unitParams,
    body: makeCodeSchema,
    response: newCodeSchema,
    secretAnswer: true,
    handler: ({ ctx, params, body }) => makeCode(ctx, deps, { ...params, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/enrolment-codes',
    right: 'unit.read',
    tag: 'Units',
    summary: "The unit's last codes, without what they say",
    params: unitParams,
    response: z.object({ items: z.array(enrolmentCodeSchema) }),
    handler: ({ ctx, params }) => listCodes(ctx, params),
  }),
  defineRoute({
    method: 'delete',
    path: '/units/{unitId}/enrolment-codes/{codeId}',
    right: 'unit.enrol',
    tag: 'Units',
    summary: 'Withdraw a code that waits',
    ifMatch: false,
    params: unitParams.extend({ codeId: z.uuid() }),
    handler: ({ ctx, params }) => withdrawCode(ctx, params),
  }),
];
