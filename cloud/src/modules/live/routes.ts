import type { Clock } from '@hallhub/shared';
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

export const liveRoutes = (deps: LiveRouteDeps): AnyRoute[] => {
  let open = 0;
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
        'First `hello {serverTime}`, then `{topic, type, at, data}` under the event name `type`. A comment every 15 s. Nothing is replayed: after a reconnect the client refetches.',
      query: z.object({ topics: topicsSchema, hallId: z.uuid().optional(), deviceId: z.uuid().optional() }),
      streams: 'text/event-stream',
      handler: ({ actor, query, c }) => {
        const authenticator = c.get('authenticator');
        const headers = c.req.raw.headers;
        open += 1;
        const stream = liveStream({
          ...deps,
          actor,
          subscription: { ...query, topics: new Set(query.topics) },
          refresh: async () => (await authenticator.authenticate(headers, { prolong: false }))?.actor ?? null,
          signal: deps.stopping,
          onClose: (reason) => {
            open -= 1;
            closed.inc({ reason });
          },
        });
        return new Response(stream, {
          headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
        });
      },
    }),
  ];
};
