import { evidenceStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import type { BlobStore } from '../../blobs/index.js';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { contentResponse } from './content-response.js';
import { evidenceDto } from './contract.js';
import { listEvidence } from './verbs/list-evidence.js';
import { openEvidence } from './verbs/open-evidence.js';

export const evidenceRoutes = (deps: { readonly blobs: BlobStore }): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/evidence',
    right: 'evidence.read',
    tag: 'Evidence',
    summary: 'Files that belong to events and devices, and whether they are here, newest first',
    query: pageQuerySchema.extend({
      hallId: z.uuid().optional(),
      unitId: z.uuid().optional(),
      deviceId: z.uuid().optional(),
      eventId: z.uuid().optional(),
      state: z.enum(evidenceStates).optional(),
    }),
    response: pageOf(evidenceDto),
    handler: ({ ctx, query }) => listEvidence(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/evidence/{evidenceId}/content',
    right: 'evidence.read',
    tag: 'Evidence',
    summary: 'The file itself, or a range of its bytes; each look is in the audit trail',
    params: z.object({ evidenceId: z.uuid() }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, params, c }) =>
      contentResponse(params.evidenceId, await openEvidence(ctx, deps, params), c.req.header('range') ?? null),
  }),
];
