import type { Clock } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import type { Database } from '../../db/index.js';
import type { GatewayStreamModule } from '../../gateway/gateway-module.js';
import type { MetricsRegistry } from '../../http/metrics.js';
import type { AnyRoute } from '../../http/route.js';
import { liveGateway } from './live-gateway.js';
import { LiveHub } from './live-hub.js';
import type { LiveRelay } from './live-relay.js';
import { LiveSockets } from './live-sockets.js';
import { LiveTickets } from './live-ticket.js';
import { mayStillWatch } from './may-still-watch.js';
import { videoRoutes } from './routes.js';
import { steerRoutes } from './steering/steer-routes.js';
import { SteerTickets } from './steering/steer-ticket.js';

export interface VideoOptions {
  readonly database: Database;
  /** The installation's. */
  readonly secret: string;
  readonly relay: LiveRelay;
  /** To a unit; never throws. */
  readonly tell: (topic: string, message: object) => void;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly log: Logger;
}

export interface Video {
  readonly routes: readonly AnyRoute[];
  readonly gateway: GatewayStreamModule;
  readonly sockets: LiveSockets;
  readonly hub: LiveHub;
  close(): void;
}

/** Live pictures: from units, over whichever process they reach, to browsers. */
export const openVideo = (options: VideoOptions): Video => {
  const { database, relay, clock, log, metrics } = options;
  const tickets = new LiveTickets(options.secret);
  const hub = new LiveHub({
    ...{ clock, relay },
    ask: ({ unitId, deviceId, form = 'copy', despiteMetered, want }, leaseMs) =>
      options.tell(unitTopics.downLive(unitId), {
        ...{ v: 1, deviceId, leaseMs, want, at: clock.now() },
        ...(form === 'copy' ? {} : { form }),
        ...(despiteMetered ? { despiteMetered } : {}),
      }),
  });
  const steerTickets = new SteerTickets(options.secret);
  const steering = { database, clock, log, tickets: steerTickets, tell: options.tell };
  const sockets = new LiveSockets({ hub, tickets, clock, log, steering, mayStill: mayStillWatch(database) });
  metrics.gaugeOf(
    { name: 'hallhub_live_video_viewers', help: 'Pictures that somebody looks at' },
    () => hub.figures.viewers,
  );
  metrics.gaugeOf(
    { name: 'hallhub_live_video_feeds', help: 'Cameras whose stream comes to this process' },
    () => hub.figures.feeds,
  );
  metrics.gaugeOf(
    { name: 'hallhub_live_video_sent_bytes', help: 'Bytes of live pictures that browsers were sent since the start' },
    () => sockets.figures.bytes,
  );
  metrics.gaugeOf(
    {
      name: 'hallhub_live_video_left_out',
      help: 'Pictures left out since the start because a browser did not keep up',
    },
    () => sockets.figures.leftOut,
  );
  return {
    routes: [...videoRoutes({ tickets }), ...steerRoutes({ tickets: steerTickets, tell: options.tell })],
    gateway: liveGateway({ database, hub, clock }),
    sockets,
    hub,
    close: () => {
      sockets.close();
      hub.close();
    },
  };
};
