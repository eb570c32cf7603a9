import { z } from '@hono/zod-openapi';

export const signInSchema = z
  .object({ userName: z.string().min(1).max(200), password: z.string().min(1).max(1_000) })
  .openapi('SignIn');

export const changePasswordSchema = z
  .object({ current: z.string().min(1).max(1_000), next: z.string().min(1).max(1_000) })
  .openapi('ChangePassword');

export const localeSchema = z.enum(['zh', 'en']);

export const updateMeSchema = z
  .object({ displayName: z.string().trim().min(1).max(100).optional(), locale: localeSchema.optional() })
  .openapi('UpdateMe');

/** Where one right holds. `tenant: true`: everywhere; else these regions and halls (region grants are resolved). */
export const rightScopeSchema = z.object({
  right: z.string(),
  tenant: z.literal(true).optional(),
  regionIds: z.array(z.uuid()),
  hallIds: z.array(z.uuid()),
});

export const meSchema = z
  .object({
    user: z.object({
      id: z.uuid(),
      userName: z.string(),
      displayName: z.string(),
      email: z.string().nullable(),
      locale: localeSchema,
      mustChangePassword: z.boolean(),
    }),
    tenant: z.object({ id: z.uuid(), name: z.string() }),
    rights: z.array(z.string()),
    scopes: z.array(rightScopeSchema),
    serverTime: z.iso.datetime(),
  })
  .openapi('Me');
export type Me = z.infer<typeof meSchema>;

export const mySessionSchema = z
  .object({
    id: z.uuid(),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    current: z.boolean(),
  })
  .openapi('MySession');
export type MySession = z.infer<typeof mySessionSchema>;
