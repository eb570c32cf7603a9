import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { GatewayStreamModule } from '../../../gateway/gateway-module.js';
import type { MetricsRegistry } from '../../../http/metrics.js';
import type { AnyRoute } from '../../../http/route.js';
import type { MediaBrokerOptions } from '../media-broker.js';
import { brokerAnswerRelay, noAnswerRelay } from './answer-relay.js';
import { playbackGateway } from './playback-gateway.js';
import { playbackRoutes } from './playback-routes.js';
import { PlaybackTickets } from './playback-ticket.js';
import { RecordingAsks } from './recording-asks.js';

export interface PlaybackOptions {
  /** The installation's. */
  readonly secret: string;
  /** Null: this process is alone. */
  readonly mqttUrl: string | null;
  readonly tls?: MediaBrokerOptions['tls'];
  /** To a unit; never throws. */
  readonly tell: (topic: string, message: object) => void;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly log: Logger;
}

export interface Playback {
  readonly routes: readonly AnyRoute[];
  readonly gateway: GatewayStreamModule;
  close(): Promise<void>;
}

/** What cameras recorded, from the units that keep it to browsers, a bounded piece at a time. */
export const openPlayback = ({ secret, mqttUrl, tls, tell, clock, metrics, log }: PlaybackOptions): Playback => {
  const relay = mqttUrl === null ? noAnswerRelay() : brokerAnswerRelay({ url: mqttUrl, tls, log });
  const asks = new RecordingAsks({ clock, relay, tell });
  metrics.gaugeOf(
    { name: 'hallhub_recording_asks', help: 'Questions to units about recordings that are being answered' },
    () => asks.figures.pending,
  );
  return {
    routes: playbackRoutes({ asks, tickets: new PlaybackTickets(secret) }),
    gateway: playbackGateway(asks),
    close: async () => {
      asks.close();
      await relay.close();
    },
  };
};
