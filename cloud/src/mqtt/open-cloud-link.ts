import type { Clock } from '@hallhub/shared';
import { noSpans, type SpanSink } from '@hallhub/shared/tracing';
import { defaultBatchLimits } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import type { Database } from '../db/index.js';
import type { MetricsRegistry } from '../http/metrics.js';
import type { AnyRoute } from '../http/route.js';
import type { JobDefinition } from '../jobs/index.js';
import { AlarmEngine } from '../modules/alarms/alarm-engine.js';
import { alarmRoutes } from '../modules/alarms/routes.js';
import { RuleBook } from '../modules/alarms/rule-book.js';
import { watchUnits } from '../modules/alarms/watch-units.js';
import { CommandDispatcher } from '../modules/commands/command-dispatcher.js';
import { commandRoutes } from '../modules/commands/routes.js';
import { eventRoutes } from '../modules/events/routes.js';
import { unitAuthenticator } from '../modules/fleet/authenticate-unit.js';
import type { FleetDeps } from '../modules/fleet/fleet-deps.js';
import { overviewRoutes } from '../modules/fleet/overview-routes.js';
import { ProfileBook } from '../modules/fleet/profile-book.js';
import { fleetRoutes } from '../modules/fleet/routes.js';
import type { LivePublisher } from '../modules/live/live-port.js';
import { type IngestInput, type IngestOutcome, ingestBatch } from '../modules/streams/ingest-batch.js';
import { ingestMetrics } from '../modules/streams/ingest-metrics.js';
import { telemetryWriter } from '../modules/streams/sample-writer.js';
import { sweepStreams } from '../modules/streams/sweep-streams.js';
import { startUnitLink } from '../modules/streams/unit-link.js';
import type { Telemetry } from '../modules/telemetry/index.js';
import { traceBatches } from '../observe/trace-batches.js';
import type { CloudMessaging } from './cloud-messaging.js';
import type { ExternalBrokerOptions } from './connect-external-broker.js';
import type { CloudBrokerOptions } from './open-cloud-broker.js';
import type { UnitPortWatch } from './unit-port-watch.js';

export interface CloudLinkOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly metrics: MetricsRegistry;
  /** Left out: nobody traces. */
  readonly spans?: SpanSink;
  /** A broker of our own, or the URL of one with shared subscriptions. */
  readonly mqtt:
    | Pick<CloudBrokerOptions, 'host' | 'port' | 'tls' | 'secure' | 'networks'>
    | Pick<ExternalBrokerOptions, 'url' | 'tls'>;
  readonly watch?: UnitPortWatch;
  /** Of the list of CAs, for answers to hello. */
  readonly trustVersion?: () => string;
}

/** Everything between units and cloud, as one part of the process. */
export interface CloudLink {
  /** Where units connect; null where an external broker stands between. */
  readonly url: string | null;
  /** The same with certificates. */
  readonly secureUrl: string | null;
  /** `/units`, `/devices`, `/profiles`, `/events`, `/commands`, `/alarms`, `/alarm-rules`, `/overview`. */
  readonly routes: readonly AnyRoute[];
  readonly jobs: readonly JobDefinition[];
  /** What the fleet's verbs stand on, for whoever calls them without a request. */
  readonly fleet: FleetDeps;
  /** A batch that did not come by the broker (bundles): same cursors, same writers. */
  ingest(input: IngestInput): Promise<IngestOutcome>;
  /** Ends a unit's connection (archived, or a new secret). */
  disconnect(unitId: string): void;
  /** A word to a unit that is worth nothing later. Never throws: one that is away does not get it. */
  tell(topic: string, message: object): void;
  /** For `/healthz`: throws where units cannot reach this process. */
  checkBroker(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the broker (or the connection to it) and starts serving units. Errors: `configuration` for a port or a broker that cannot be used. */
export const openCloudLink = async (options: CloudLinkOptions): Promise<CloudLink> => {
  const { mqtt, database, log } = options;
  const open = async (): Promise<CloudMessaging> => {
    // Only one of the two is needed, and each is large.
    if ('url' in mqtt) {
      const { connectExternalBroker } = await import('./connect-external-broker.js');
      return connectExternalBroker({ ...mqtt, log });
    }
    const { openCloudBroker } = await import('./open-cloud-broker.js');
    return openCloudBroker({
      ...{ ...mqtt, ...options.watch },
      ...{ authenticator: unitAuthenticator(database), log, clock: options.clock },
    });
  };
  const messaging = await open();
  try {
    return startCloudLink({ ...options, messaging });
  } catch (error) {
    await messaging.close();
    throw error;
  }
};

/** A unit's word on a command makes room for the next one of that device (modules/commands). */
const wakingLive = (live: LivePublisher, wake: () => void): LivePublisher => ({
  publish: (event) => {
    live.publish(event);
    if (event.type === 'command.state') wake();
  },
});

/** The same over a broker that is open already; closes it too. */
export const startCloudLink = (
  options: Omit<CloudLinkOptions, 'mqtt'> & { readonly messaging: CloudMessaging },
): CloudLink => {
  const { database, clock, live, log, telemetry, metrics, messaging } = options;
  const shared = { database, clock, live, log };

  const [count, trace] = [ingestMetrics(metrics), traceBatches(options.spans ?? noSpans, clock)];
  const profiles = new ProfileBook();
  const rules = new RuleBook(profiles, clock);
  const alarms = new AlarmEngine({ ...shared, rules }).start();
  const dispatcher = new CommandDispatcher({ ...shared, messaging }).start();
  const writers = { samples: telemetryWriter(telemetry), alarms };
  const waking = wakingLive(live, () => dispatcher.wake());
  const link = startUnitLink({
    ...shared,
    live: waking,
    messaging,
    writers,
    trustVersion: options.trustVersion,
    onUnitOnline: alarms.unitOnline,
    onUnitOffline: alarms.unitOffline,
    onMet: (unitId) => dispatcher.met(unitId),
    onOutcome: (lane, outcome, durationMs, unitId) => {
      count(lane, outcome, durationMs);
      trace(lane, outcome, durationMs, unitId);
    },
  });
  if (messaging.connections() !== null) {
    metrics.gaugeOf({ name: 'hallhub_unit_connections', help: 'Units connected to this process' }, () =>
      Math.max(0, messaging.connections() ?? 0),
    );
  }

  const disconnect = (unitId: string) => messaging.disconnect(unitId);
  const deps = { profiles, rules, telemetry, disconnect, wake: () => dispatcher.wake() };
  return {
    fleet: deps,
    url: messaging.url,
    secureUrl: messaging.secureUrl,
    routes: [
      ...fleetRoutes(deps),
      ...commandRoutes(deps),
      ...eventRoutes(deps),
      ...alarmRoutes(deps),
      ...overviewRoutes(deps),
    ],
    jobs: [
      { name: 'streams.sweep', cron: '41 3 * * *', expireInSeconds: 3_600, run: () => sweepStreams(database, clock) },
      { name: 'alarms.watch-units', cron: '* * * * *', run: () => watchUnits({ database, clock, live }) },
    ],
    ingest: (input) => ingestBatch({ ...shared, live: waking, writers, limits: defaultBatchLimits }, input),
    disconnect,
    tell: (topic, message) =>
      void messaging
        .publish(topic, JSON.stringify(message))
        .catch((error: unknown) => log.debug({ err: error, topic }, 'a word to a unit was lost')),
    checkBroker: () => messaging.check(),
    close: async () => {
      await link.close();
      await dispatcher.close();
      await alarms.close();
      await messaging.close();
    },
  };
};
