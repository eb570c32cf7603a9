import type { Clock } from '@hallhub/shared';
import type { GatewayStreamModule } from '../../../gateway/gateway-module.js';
import type { MetricsRegistry } from '../../../http/metrics.js';
import type { AnyRoute } from '../../../http/route.js';
import type { AnswerRelay } from './answer-relay.js';
import { playbackGateway } from './playback-gateway.js';
import { playbackRoutes } from './playback-routes.js';
import { PlaybackTickets } from './playback-ticket.js';
import { RecordingAsks } from './recording-asks.js';

export interface PlaybackOptions {
  /** The installation's. */
  readonly secret: string;
  readonly relay: AnswerRelay;
  /** To a unit; never throws. */
  readonly tell: (topic: string, message: object) => void;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
}

export interface Playback {
  readonly routes: readonly AnyRoute[];
  readonly gateway: GatewayStreamModule;
  close(): void;
}

/** What cameras recorded, from the units that keep it to browsers, a bounded piece at a time. */
export const openPlayback = ({ secret, relay, tell, clock, metrics }: PlaybackOptions): Playback => {
  const asks = new RecordingAsks({ clock, relay, tell });
  metrics.gaugeOf(
    { name: 'hallhub_recording_asks', help: 'Questions to units about recordings that are being answered' },
    () => asks.figures.pending,
  );
  return {
    routes: playbackRoutes({ asks, tickets: new PlaybackTickets(secret) }),
    gateway: playbackGateway(asks),
    close: () => asks.close(),
  };
};
