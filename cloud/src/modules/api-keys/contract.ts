import { z } from '@hono/zod-openapi';
import { grantScopeSchema } from '../access/contract.js';

export const apiKeyStateSchema = z.enum(['active', 'expired', 'revoked']);

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    /** The part that people may see: `hk_ab12cd34`. */
    prefix: z.string(),
    rights: z.array(z.string()),
    scope: grantScopeSchema,
    scopeName: z.string().nullable(),
    allowedFrom: z.array(z.string()),
    state: apiKeyStateSchema,
    expiresAt: z.iso.datetime().nullable(),
    createdBy: z.object({ id: z.uuid(), name: z.string() }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
    lastUsedIp: z.string().nullable(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .openapi('ApiKey');
export type ApiKey = z.infer<typeof apiKeySchema>;

export const createApiKeySchema = z
  .object({
    name: z.string().trim().min(1).max(100),
    rights: z.array(z.string()).min(1).max(200),
    scope: grantScopeSchema,
    /** At most two years away; null: until it is revoked. */
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
    /** Addresses or CIDR ranges that may use it; empty: any. */
    allowedFrom: z.array(z.string().max(50)).max(50).default([]),
  })
  .openapi('CreateApiKey');
export type CreateApiKey = z.infer<typeof createApiKeySchema>;
