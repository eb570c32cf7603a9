import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import type { ProfileBook } from '../fleet/profile-book.js';
import { eventDtoSchema } from './contract.js';
import { listEvents } from './verbs/list-events.js';

export const eventRoutes = (deps: { readonly profiles: ProfileBook }): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/events',
    right: 'event.read',
    tag: 'Events',
    summary: 'What happened at devices, newest first',
    query: pageQuerySchema.extend({
      hallId: z.uuid().optional(),
      unitId: z.uuid().optional(),
      deviceId: z.uuid().optional(),
      severity: z.enum(severities).optional(),
      event: z.string().max(64).optional(),
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
    }),
    response: pageOf(eventDtoSchema),
    handler: ({ ctx, query }) => listEvents(ctx, deps, query),
  }),
];
