import { z } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { withSystem } from '../../db/index.js';
import type { HttpEnv } from '../../http/env.js';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import type { JobDefinition } from '../../jobs/index.js';
import type { TicketHook } from '../tickets/ticket-hooks.js';
import { mountUnsubscribe } from './contact/unsubscribe.js';
import { noticeSchema } from './contract.js';
import { noticeHook } from './notice-hook.js';
import { NoticeSender, type NoticeSenderOptions } from './outward/notice-sender.js';
import type { OutwardDeps } from './outward/outward-deps.js';
import { outwardJobs } from './outward/outward-jobs.js';
import { OutwardMetrics } from './outward/outward-metrics.js';
import { outwardRoutes } from './outward/outward-routes.js';
import { mountReceipts } from './outward/receipts.js';
import { wakeWith } from './outward/wake.js';
import { countNotices, listNotices, readNotices } from './own-notices.js';

export { noticeHook } from './notice-hook.js';
export type { OutwardDeps } from './outward/outward-deps.js';

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
const sweep = ({ database, clock }: Pick<OutwardDeps, 'database' | 'clock'>): JobDefinition => ({
  name: 'notices.sweep',
  cron: '52 3 * * *',
  run: () =>
    withSystem(database, async (tx) => {
      const before = [new Date(clock.now() - keepDays * 86_400_000)];
      await tx.$client.query('DELETE FROM notices WHERE made_at < $1', before);
      await tx.$client.query('DELETE FROM notice_deliveries WHERE made_at < $1', before);
    }),
});

export interface Notices {
  readonly routes: readonly AnyRoute[];
  readonly jobs: readonly JobDefinition[];
  /** To be registered with the tickets. */
  readonly hook: TicketHook;
  readonly sender: NoticeSender;
  /** What providers of short messages and readers of mails call, beside the API. */
  mount(app: Hono<HttpEnv>): void;
  close(): Promise<void>;
}

/** What people are told, in the console and outside. */
export const openNotices = (deps: OutwardDeps, options: NoticeSenderOptions = {}): Notices => {
  const metrics = new OutwardMetrics(deps.metrics);
  const sender = new NoticeSender(deps, metrics, options).start();
  wakeWith(deps.database, () => sender.wake());
  return {
    routes: [...noticeRoutes(), ...outwardRoutes(deps, (channelId) => sender.forgive(channelId))],
    jobs: [sweep(deps), ...outwardJobs(deps)],
    ...{ hook: noticeHook, sender },
    mount: (app) => {
      mountReceipts(app, deps, metrics);
      mountUnsubscribe(app, deps);
    },
    close: () => sender.close(),
  };
};
