import { createHash } from 'node:crypto';
import { uuidv7 } from '@hallhub/shared';
import { type Profile, profileHash, profileSchema } from '@hallhub/shared/profile';
import pino from 'pino';
import type { HasTeardown } from '../../db/testing.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../http/testing.js';
import { type CloudLink, startCloudLink, type UnitAuthenticator } from '../../mqtt/index.js';
import { openCloudBroker } from '../../mqtt/open-cloud-broker.js';
import { unitAuthenticator } from '../fleet/authenticate-unit.js';
import { createUnit } from '../fleet/verbs/create-unit.js';
import { createTelemetry } from '../telemetry/index.js';
import { TestStream, TestUnit } from './testing.js';

/** A small device model with everything that the cloud reads of a profile. */
export const testProfile: Profile = profileSchema.parse({
  schema: 1,
  vendor: 'acme',
  vendorLabel: { zh: '样机厂' },
  model: 'meter-1',
  label: { zh: '样机电表', en: 'Sample meter' },
  class: 'meter',
  version: '1.0.0',
  source: { kind: 'own', document: 'test' },
  match: { mqtt: [{ vendor: 'acme', model: 'meter-1' }] },
  thing: {
    properties: [
      { id: 'power', label: { zh: '功率', en: 'Power' }, type: 'number', unit: 'W', role: 'primary' },
      { id: 'text', label: { zh: '文字' }, type: 'string' },
      { id: 'period', label: { zh: '周期' }, type: 'integer', access: 'rw', range: [1, 60], role: 'setting' },
    ],
    events: [{ id: 'opened', label: { zh: '开盖', en: 'Opened' }, severity: 'warning', fields: [] }],
    commands: [
      {
        id: 'setLimit',
        label: { zh: '设限', en: 'Set limit' },
        input: [{ id: 'limit', label: { zh: '限值' }, type: 'integer', range: [0, 100] }],
      },
    ],
  },
  bindings: { mqtt: { native: true } },
  alarms: [
    {
      id: 'overload',
      label: { zh: '过载', en: 'Overload' },
      severity: 'critical',
      kind: 'threshold',
      property: 'power',
      above: 100,
      hysteresis: 10,
    },
    { id: 'tamper', label: { zh: '开盖告警' }, severity: 'warning', kind: 'event', event: 'opened' },
  ],
} as unknown);

export interface TestLink extends TestApp {
  readonly link: CloudLink;
  readonly url: string;
  readonly unit: { readonly unitId: string; readonly secret: string };
  connect(of?: { readonly unitId: string; readonly secret: string }): Promise<TestUnit>;
}

/** The whole app with broker and link in this process, and one unit in its first hall. */
export const startTestLink = async (
  t: HasTeardown,
  options: Pick<TestAppOptions, 'routes'> = {},
): Promise<TestLink> => {
  const log = pino({ level: process.env.LOG ?? 'silent' });
  let authenticator: UnitAuthenticator | undefined;
  const messaging = await openCloudBroker({
    host: '127.0.0.1',
    port: 0,
    log,
    authenticator: { authenticateUnit: async (...given) => (await authenticator?.authenticateUnit(...given)) ?? false },
  });
  let link: CloudLink | undefined;
  const app = await startTestApp(t, {
    routes: (deps) => {
      const { db: database, clock, bus: live, metrics } = deps;
      authenticator = unitAuthenticator(database);
      const telemetry = createTelemetry({ database, logger: log, clock });
      link = startCloudLink({ database, clock, live, log, telemetry, metrics, messaging });
      return [...link.routes, ...(options.routes?.(deps) ?? [])];
    },
  });
  t.teardown(() => link?.close());
  const made = await createUnit(app.systemContext(), { name: '一号单元', hallId: app.hallId });
  const unit = { unitId: made.unit.id, secret: made.secret };
  return {
    ...app,
    ...{ link: link!, url: messaging.url!, unit },
    connect: async (of = unit) => {
      const connected = await TestUnit.connect(messaging.url!, of);
      t.teardown(() => connected.close());
      return connected;
    },
  };
};

/** A stable id for a name. */
export const idOf = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export const deviceRow = (deviceId: string, revision: number, at: number, change: object = {}) => ({
  kind: 'device',
  at,
  deviceId,
  revision,
  state: 'active',
  identity: { vendor: 'acme', model: 'meter-1', serial: `S-${deviceId.slice(0, 4)}` },
  deviceClass: 'meter',
  name: '一号电表',
  protocol: 'mqtt',
  address: 'mqtt',
  profile: { id: 'acme/meter-1', version: '1.0.0', hash: profileHash(testProfile) },
  ...change,
});

export const profileRow = (at: number) => ({
  kind: 'profile',
  at,
  hash: profileHash(testProfile),
  document: testProfile,
});

/** A unit that said hello, with one active device that its profile describes. */
export const bringUpDevice = async (cloud: TestLink) => {
  const unit = await cloud.connect();
  const events = new TestStream(cloud.unit, 'events');
  const live = new TestStream(cloud.unit, 'live');
  const deviceId = uuidv7();
  const at = cloud.clock.now();
  await unit.hello([events, live]);
  const send = async (stream: TestStream, ...rows: object[]) => {
    const from = stream.head + 1;
    stream.append(...rows);
    return unit.sendBatch(stream, stream.batch(from));
  };
  await send(events, profileRow(at), deviceRow(deviceId, 1, at), {
    ...{ kind: 'presence', at, deviceId, state: 'online', reason: 'joined' },
    evidence: [{ check: 'traffic', ok: true, at }],
  });
  return { unit, events, live, deviceId, send };
};
