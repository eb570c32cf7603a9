import { setMaxListeners } from 'node:events';
import { type Clock, HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import type { MetricsRegistry } from '../../http/metrics.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { liveTopicSchema } from './contract.js';
import type { LiveBus } from './live-port.js';
import { liveStream } from './live-stream.js';

export interface LiveRouteDeps {
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  /** Aborts when the server stops: open streams end. */
  readonly stopping: AbortSignal;
}

const topicsSchema = z
  .string()
  .max(200)
  .transform((text) => text.split(',').filter(Boolean))
  .pipe(z.array(liveTopicSchema).min(1))
  .openapi({ type: 'string', example: 'devices,alarms' });

/** Browsers open one each; what is beyond is a runaway script. */
const maxStreamsPerPerson = 30;

export const liveRoutes = (deps: LiveRouteDeps): AnyRoute[] => {
  // Each open stream listens: there is no leak to warn of.
  setMaxListeners(0, deps.stopping);
  let open = 0;
  const openByPerson = new Map<string, number>();
  const count = (userId: string, by: 1 | -1): void => {
    open += by;
    const now = (openByPerson.get(userId) ?? 0) + by;
    if (now === 0) openByPerson.delete(userId);
    else openByPerson.set(userId, now);
  };
  deps.metrics.gaugeOf({ name: 'hallhub_live_streams', help: 'Open live streams' }, () => open);
  const closed = deps.metrics.counter({
    name: 'hallhub_live_streams_closed_total',
    help: 'Live streams closed, by reason',
    labels: ['reason'],
  });
  return [
    defineRoute({
      method: 'get',
      path: '/live',
      right: 'self',
      tag: 'Live',
      summary: 'One stream of changes for one browser (server-sent events)',
      description:
        'First `hello {serverTime}`, then `{topic, type, at, data}` under the event name `type`. A comment every 15 s. Nothing is replayed: after a reconnect the client refetches, and so it does after `refetch`, which says that changes of another process may have been missed.',
      query: z.object({ topics: topicsSchema, hallId: z.uuid().optional(), deviceId: z.uuid().optional() }),
      streams: 'text/event-stream',
      handler: ({ actor, session, query, c }) => {
        const answer = {
          headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
        };
        // Nobody reads the body of a HEAD, so nobody would ever end its stream.
        if (c.req.method === 'HEAD') return new Response(null, answer);
        const { userId } = session;
        if ((openByPerson.get(userId) ?? 0) >= maxStreamsPerPerson) {
          throw new HubError('rate_limited', 'Too many live streams are open', { context: { retryAfterMs: 15_000 } });
        }
        const authenticator = c.get('authenticator');
        const headers = c.req.raw.headers;
        count(userId, 1);
        const stream = liveStream({
          ...deps,
          actor,
          subscription: { ...query, topics: new Set(query.topics) },
          refresh: async () => (await authenticator.authenticate(headers, { prolong: false }))?.actor ?? null,
          signal: deps.stopping,
          onClose: (reason) => {
            count(userId, -1);
            closed.inc({ reason });
          },
        });
        return new Response(stream, answer);
      },
    }),
  ];
};
