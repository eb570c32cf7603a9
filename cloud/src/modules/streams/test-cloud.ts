import { type Clock, systemClock } from '@hallhub/shared';
import pino from 'pino';
import type { Database } from '../../db/index.js';
import { type HasTeardown, startTestDatabase } from '../../db/testing.js';
import type { CloudMessaging } from '../../mqtt/index.js';
import { openCloudBroker } from '../../mqtt/open-cloud-broker.js';
import type { AlarmWatcher } from '../alarms/watch-port.js';
import { unitAuthenticator } from '../fleet/authenticate-unit.js';
import type { LiveEvent } from '../live/live-port.js';
import { createTelemetry, type Telemetry } from '../telemetry/index.js';
import { telemetryWriter } from './sample-writer.js';
import { addTestHall, type TestHall } from './testing.js';
import { startUnitLink, type UnitLink } from './unit-link.js';

export interface TestCloud extends TestHall {
  readonly database: Database;
  readonly messaging: CloudMessaging;
  readonly url: string;
  readonly link: UnitLink;
  readonly telemetry: Telemetry;
  readonly published: LiveEvent[];
  /** One column of one row, as the system sees it. */
  rows<T extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]>;
}

const quietAlarms: AlarmWatcher = {
  onSamples: async () => {},
  onEvents: async () => {},
  onPresence: async () => {},
  onDevicesGone: async () => {},
};

/** Broker, link and database in this process, with one hall and one unit. */
export const startTestCloud = async (
  t: HasTeardown,
  options: { readonly alarms?: AlarmWatcher; readonly clock?: Clock } = {},
): Promise<TestCloud> => {
  const clock = options.clock ?? systemClock;
  const log = pino({ level: process.env.LOG ?? 'silent' });
  const database = await startTestDatabase(t);
  const hall = await addTestHall(database);
  const telemetry = createTelemetry({ database, logger: log, clock });
  const messaging = await openCloudBroker({
    host: '127.0.0.1',
    port: 0,
    authenticator: unitAuthenticator(database),
    log,
  });
  const published: LiveEvent[] = [];
  const link = startUnitLink({
    ...{ database, clock, log, messaging },
    live: { publish: (event) => void published.push(event) },
    writers: { samples: telemetryWriter(telemetry), alarms: options.alarms ?? quietAlarms },
    onUnitOnline: async () => [],
    onUnitOffline: async () => [],
    onMet: () => {},
  });
  t.teardown(async () => {
    await link.close();
    await messaging.close();
  });
  return {
    ...hall,
    ...{ database, messaging, link, telemetry, published },
    url: messaging.url!,
    rows: async (sql, values = []) => (await database.ownerPool.query(sql, values)).rows,
  };
};
