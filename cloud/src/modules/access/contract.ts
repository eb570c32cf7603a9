import { labelSchema } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';

export const grantScopeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tenant') }),
  z.object({ kind: z.literal('region'), id: z.uuid() }),
  z.object({ kind: z.literal('hall'), id: z.uuid() }),
]);
export type GrantScope = z.infer<typeof grantScopeSchema>;

export const grantInputSchema = z.object({ roleId: z.uuid(), scope: grantScopeSchema }).openapi('GrantInput');
export type GrantInput = z.infer<typeof grantInputSchema>;

export const grantSchema = z
  .object({
    roleId: z.uuid(),
    roleKey: z.string(),
    roleLabel: labelSchema,
    scope: grantScopeSchema,
    scopeName: z.string().nullable(),
  })
  .openapi('Grant');
export type Grant = z.infer<typeof grantSchema>;

export const userStateSchema = z.enum(['active', 'disabled', 'locked']);

export const userSchema = z
  .object({
    id: z.uuid(),
    userName: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    state: userStateSchema,
    mustChangePassword: z.boolean(),
    lastSignInAt: z.iso.datetime().nullable(),
    grants: z.array(grantSchema),
    version: z.int(),
  })
  .openapi('User');
export type User = z.infer<typeof userSchema>;

const displayNameSchema = z.string().trim().min(1).max(100);
const emailSchema = z.email().max(254).nullable();

export const createUserSchema = z
  .object({
    userName: z.string().min(2).max(64),
    displayName: displayNameSchema,
    email: emailSchema.optional(),
    grants: z.array(grantInputSchema).max(200).default([]),
  })
  .openapi('CreateUser');

export const updateUserSchema = z
  .object({
    displayName: displayNameSchema.optional(),
    email: emailSchema.optional(),
    state: z.enum(['active', 'disabled']).optional(),
  })
  .openapi('UpdateUser');

export const roleSchema = z
  .object({
    id: z.uuid(),
    key: z.string(),
    label: labelSchema,
    rights: z.array(z.string()),
    builtIn: z.boolean(),
    version: z.int(),
  })
  .openapi('Role');
export type Role = z.infer<typeof roleSchema>;

export const createRoleSchema = z
  .object({
    key: z.string().regex(/^[a-z][a-z0-9-]{1,49}$/, 'Small letters, digits and "-", 2 to 50 of them'),
    label: labelSchema,
    rights: z.array(z.string()).max(200),
  })
  .openapi('CreateRole');
export const updateRoleSchema = z
  .object({ label: labelSchema.optional(), rights: z.array(z.string()).max(200).optional() })
  .openapi('UpdateRole');

export const rightSchema = z
  .object({ right: z.string(), label: labelSchema, group: z.string(), groupLabel: labelSchema })
  .openapi('Right');
