import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  createRoleSchema,
  createUserSchema,
  grantInputSchema,
  rightSchema,
  roleSchema,
  updateRoleSchema,
  updateUserSchema,
  userSchema,
  userStateSchema,
} from './contract.js';
import { rightGroups, rightIds, rights } from './rights.js';
import { createUser } from './verbs/create-user.js';
import { getUser, listUsers } from './verbs/list-users.js';
import { resetPassword } from './verbs/reset-password.js';
import { createRole, deleteRole, listRoles, updateRole } from './verbs/roles.js';
import { setGrants } from './verbs/set-grants.js';
import { updateUser } from './verbs/update-user.js';

const tag = 'People';
const userParams = z.object({ userId: z.uuid() });
const roleParams = z.object({ roleId: z.uuid() });
const oneTimePassword = z.string().describe('Shown this once; must be changed at the first sign-in');

const userRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/users',
    right: 'user.read',
    tag,
    summary: 'People within reach',
    query: pageQuerySchema.extend({ q: z.string().max(100).optional(), state: userStateSchema.optional() }),
    response: pageOf(userSchema),
    handler: ({ ctx, query }) => listUsers(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/users/{userId}',
    right: 'user.read',
    tag,
    summary: 'One person',
    params: userParams,
    response: userSchema,
    handler: ({ ctx, params }) => getUser(ctx, params),
  }),
  defineRoute({
    method: 'post',
    path: '/users',
    right: 'user.write',
    tag,
    summary: 'A new person with a one-time password',
    body: createUserSchema,
    response: z.object({ user: userSchema, oneTimePassword }),
    secretAnswer: true,
    handler: ({ ctx, body }) => createUser(ctx, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/users/{userId}',
    right: 'user.write',
    tag,
    summary: 'Edit, disable or enable a person',
    ifMatch: true,
    params: userParams,
    body: updateUserSchema,
    response: userSchema,
    handler: ({ ctx, params, body, version }) => updateUser(ctx, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/users/{userId}/password',
    right: 'user.write',
    tag,
    summary: 'A new one-time password',
    params: userParams,
    response: z.object({ oneTimePassword }),
    status: 200,
    secretAnswer: true,
    handler: ({ ctx, params }) => resetPassword(ctx, params),
  }),
  defineRoute({
    method: 'put',
    path: '/users/{userId}/grants',
    right: 'grant.write',
    tag,
    summary: 'Replace a person’s grants',
    ifMatch: true,
    params: userParams,
    body: z.array(grantInputSchema).max(200),
    response: userSchema,
    handler: ({ ctx, params, body, version }) => setGrants(ctx, { ...params, grants: body, version }),
  }),
];

const roleRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/roles',
    right: 'user.read',
    tag,
    summary: 'Roles',
    response: z.object({ items: z.array(roleSchema) }),
    handler: async ({ ctx }) => ({ items: await listRoles(ctx) }),
  }),
  defineRoute({
    method: 'post',
    path: '/roles',
    right: 'role.write',
    tag,
    summary: 'A role of one’s own',
    body: createRoleSchema,
    response: roleSchema,
    handler: ({ ctx, body }) => createRole(ctx, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/roles/{roleId}',
    right: 'role.write',
    tag,
    summary: 'Change a role',
    ifMatch: true,
    params: roleParams,
    body: updateRoleSchema,
    response: roleSchema,
    handler: ({ ctx, params, body, version }) => updateRole(ctx, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/roles/{roleId}',
    right: 'role.write',
    tag,
    summary: 'Delete a role that nobody holds',
    ifMatch: true,
    params: roleParams,
    handler: ({ ctx, params, version }) => deleteRole(ctx, { ...params, version }),
  }),
  defineRoute({
    method: 'get',
    path: '/rights',
    right: 'user.read',
    tag,
    summary: 'The closed list of rights',
    response: z.object({ items: z.array(rightSchema) }),
    handler: () => ({
      items: rightIds.map((right) => {
        const { label, group } = rights[right];
        return { right, label, group, groupLabel: rightGroups[group] };
      }),
    }),
  }),
];

export const accessRoutes = (): AnyRoute[] => [...userRoutes(), ...roleRoutes()];
