import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { alarmDtoSchema } from '../alarms/contract.js';
import { eventDtoSchema } from '../events/contract.js';
import type { ProfileBook } from './profile-book.js';
import { readOverview } from './verbs/read-overview.js';

const count = z.int();
const instant = z.iso.datetime();

export const overviewSchema = z
  .object({
    serverTime: instant,
    units: z.object({
      online: count,
      neverSeen: count.describe('Made, but never connected so far'),
      total: count,
    }),
    devices: z.object({
      online: count,
      degraded: count,
      offline: count,
      stale: count,
      quarantined: count,
      total: count,
    }),
    alarms: z.object(
      Object.fromEntries(severities.map((severity) => [severity, count])) as Record<
        (typeof severities)[number],
        typeof count
      >,
    ),
    latestEvents: z.array(eventDtoSchema),
    openAlarms: z.array(alarmDtoSchema),
    uplinks: z.array(
      z.object({
        unitId: z.uuid(),
        unitName: z.string(),
        hallId: z.uuid(),
        /** `new`: it has never connected. */
        state: z.enum(['new', 'active']),
        presence: z.enum(['online', 'offline']),
        since: instant,
        pending: count.nullable(),
        oldestAt: instant.nullable(),
      }),
    ),
    /** Rows committed, by minute, of the last hour; minutes without any are 0. */
    messages: z.array(z.object({ at: instant, count })),
  })
  .openapi('Overview');
export type Overview = z.infer<typeof overviewSchema>;

export const overviewRoutes = (deps: { readonly profiles: ProfileBook }): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/overview',
    right: 'hall.read',
    tag: 'Overview',
    summary: 'What a hall, or all of them, look like now',
    query: z.object({ hallId: z.uuid().optional() }),
    response: overviewSchema,
    handler: ({ ctx, query }) => readOverview(ctx, deps, query),
  }),
];
