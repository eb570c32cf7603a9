import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { auditEntrySchema } from './contract.js';
import { listAudit } from './verbs/list-audit.js';

export const auditRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/audit',
    right: 'audit.read',
    tag: 'Audit',
    summary: 'Who did what to what, newest first',
    description: '`action` may be a whole action (`user.created`) or its first part (`user`).',
    query: pageQuerySchema.extend({
      actorId: z.uuid().optional(),
      action: z.string().max(100).optional(),
      targetKind: z.string().max(50).optional(),
      targetId: z.string().max(100).optional(),
      from: z.iso.datetime({ offset: true }).optional(),
      to: z.iso.datetime({ offset: true }).optional(),
      q: z.string().max(100).optional(),
    }),
    response: pageOf(auditEntrySchema),
    handler: ({ ctx, query }) => listAudit(ctx, query),
  }),
];
