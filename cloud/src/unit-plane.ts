import { readFile } from 'node:fs/promises';
import { type Clock, HubError } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { CloudConfig } from './config/read-config.js';
import type { Database } from './db/index.js';
import type { HealthCheck } from './http/health.js';
import { durationBuckets, type MetricsRegistry } from './http/metrics.js';
import type { AnyRoute } from './http/route.js';
import { AlarmEngine } from './modules/alarms/alarm-engine.js';
import { alarmRoutes } from './modules/alarms/routes.js';
import { RuleBook } from './modules/alarms/rule-book.js';
import { CommandDispatcher } from './modules/commands/command-dispatcher.js';
import { commandRoutes } from './modules/commands/routes.js';
import { eventRoutes } from './modules/events/routes.js';
import { unitAuthenticator } from './modules/fleet/authenticate-unit.js';
import { ProfileBook } from './modules/fleet/profile-book.js';
import { fleetRoutes } from './modules/fleet/routes.js';
import type { LiveBus } from './modules/live/live-port.js';
import { telemetryWriter } from './modules/streams/sample-writer.js';
import { startUnitLink } from './modules/streams/unit-link.js';
import type { Telemetry } from './modules/telemetry/index.js';
import { type CloudMessaging, connectExternalBroker, openCloudBroker } from './mqtt/index.js';

export interface UnitPlaneDeps {
  readonly config: CloudConfig;
  readonly db: Database;
  readonly clock: Clock;
  readonly bus: LiveBus;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly telemetry: Telemetry;
}

/** Everything between the broker and the database. */
export interface UnitPlane {
  /** Null with a broker of your own. */
  readonly mqttUrl: string | null;
  readonly routes: readonly AnyRoute[];
  readonly health: HealthCheck;
  disconnect(unitId: string): void;
  /** Stops taking batches, finishes what runs, ends the timers, then the broker. */
  close(): Promise<void>;
}

/** Takes part in nobody's conversation: a broker that takes it is alive. */
const nobody = 'hh/1/u/00000000-0000-0000-0000-000000000000/down/ack';

export const startUnitPlane = async (deps: UnitPlaneDeps): Promise<UnitPlane> => {
  const { db, clock, bus, log, metrics, telemetry } = deps;
  const messaging = await openMessaging(deps);
  const shared = { database: db, clock, live: bus, log };
  const profiles = new ProfileBook();
  const rules = new RuleBook(profiles, clock);
  const alarms = new AlarmEngine({ ...shared, rules }).start();
  const dispatcher = new CommandDispatcher({ ...shared, messaging }).start();
  const link = startUnitLink({
    ...shared,
    messaging,
    writers: { samples: telemetryWriter(telemetry), alarms },
    onUnitOnline: alarms.unitOnline,
    onUnitOffline: alarms.unitOffline,
    onMet: (unitId) => dispatcher.wake(unitId),
    onOutcome: ingestMetrics(metrics),
  });
  metrics.gaugeOf(
    { name: 'hallhub_unit_connections', help: 'Units connected to the broker of this process' },
    () => messaging.connections() ?? Number.NaN,
  );
  const commandDeps = { profiles, wake: () => dispatcher.wake() };
  const disconnect = (unitId: string) => messaging.disconnect(unitId);
  return {
    mqttUrl: messaging.url,
    routes: [
      ...fleetRoutes({ ...commandDeps, telemetry, disconnect }),
      ...commandRoutes(commandDeps),
      ...eventRoutes({ profiles }),
      ...alarmRoutes({ rules }),
    ],
    health: () => messaging.publish(nobody, ''),
    disconnect,
    close: async () => {
      await link.close();
      await dispatcher.close();
      await alarms.close();
      await messaging.close();
    },
  };
};

const openMessaging = async ({ config, db, log }: UnitPlaneDeps): Promise<CloudMessaging> => {
  if (config.mqttUrl !== null) return connectExternalBroker({ url: config.mqttUrl, log });
  const tls = config.mqttTls && {
    cert: await readPem('HALLHUB_MQTT_TLS_CERT', config.mqttTls.certFile),
    key: await readPem('HALLHUB_MQTT_TLS_KEY', config.mqttTls.keyFile),
  };
  return openCloudBroker({
    host: config.host,
    port: config.mqttPort,
    authenticator: unitAuthenticator(db),
    log,
    ...(tls ? { tls } : {}),
  });
};

const readPem = async (setting: string, file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HubError('configuration', `${setting}: ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const ingestMetrics = (metrics: MetricsRegistry): Parameters<typeof startUnitLink>[0]['onOutcome'] => {
  const labels = ['lane', 'result'] as const;
  const batches = metrics.counter({ name: 'hallhub_ingest_batches_total', help: 'Batches of units by answer', labels });
  const rows = metrics.counter({ name: 'hallhub_ingest_rows_total', help: 'Rows committed', labels: ['lane'] });
  const aside = metrics.counter({ name: 'hallhub_ingest_aside_total', help: 'Rows put aside', labels: ['lane'] });
  const durations = metrics.histogram({
    name: 'hallhub_ingest_duration_seconds',
    help: 'From a batch to its answer',
    labels: ['lane'],
    buckets: durationBuckets,
  });
  return (lane, outcome, durationMs) => {
    batches.inc({ lane, result: outcome.answer.result });
    rows.inc({ lane }, outcome.rows);
    if (outcome.aside > 0) aside.inc({ lane }, outcome.aside);
    durations.observe({ lane }, durationMs / 1_000);
  };
};
