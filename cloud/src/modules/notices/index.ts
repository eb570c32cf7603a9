import type { Clock } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { type Database, withSystem } from '../../db/index.js';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import type { JobDefinition } from '../../jobs/index.js';
import { noticeSchema } from './contract.js';
import { countNotices, listNotices, readNotices } from './own-notices.js';

export { noticeHook } from './notice-hook.js';

const tag = 'Tickets';
const keepDays = 180;

export const noticeRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/me/notices',
    right: 'self',
    tag,
    summary: 'What I was told, the newest first',
    query: pageQuerySchema.extend({ unread: z.stringbool().optional() }),
    response: pageOf(noticeSchema),
    handler: ({ ctx, query }) => listNotices(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/me/notices/count',
    right: 'self',
    tag,
    summary: 'How many I have not read',
    response: z.object({ unread: z.int() }),
    handler: ({ ctx }) => countNotices(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/me/notices/read',
    right: 'self',
    tag,
    summary: 'I have read these, or all',
    body: z.strictObject({ ids: z.union([z.literal('all'), z.array(z.uuid()).min(1).max(200)]) }),
    status: 204,
    handler: ({ ctx, body }) => readNotices(ctx, body),
  }),
];

/** Half a year back: what was told later than that stands in the tickets’ history. */
export const noticeJobs = ({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): JobDefinition[] => [
  {
    name: 'notices.sweep',
    cron: '52 3 * * *',
    run: () =>
      withSystem(database, (tx) =>
        tx.$client.query('DELETE FROM notices WHERE made_at < $1', [new Date(clock.now() - keepDays * 86_400_000)]),
      ),
  },
];
