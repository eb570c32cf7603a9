import { once } from 'node:events';
import net from 'node:net';
import { HubError } from '@hallhub/shared';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import { corpus, TestHost } from '../test-host.js';
import { mappedMqttConfigSchema } from './config.js';
import { MappedMqttAdapter } from './mapped-adapter.js';
import { Mosquitto, mosquittoMissing } from './test-mosquitto.js';

const profiles = corpus();
const plug = profiles.find((one) => one.id === 'tasmota/plug-am2301');
if (!plug) throw new Error('no profile of the plug');
const skip = mosquittoMissing;
const sensor = (temperature: number) =>
  JSON.stringify({ Time: '2026-03-01T08:00:00', AM2301: { Temperature: temperature, Humidity: 45.6 } });

const bench = async (t: Test, more: object = {}, external: object = {}) => {
  const broker = new Mosquitto(
    'topic readwrite tele/#\ntopic readwrite stat/#\ntopic readwrite cmnd/#\ntopic write shellies/#',
  );
  await broker.start();
  const host = new TestHost([plug], 'away');
  const config = mappedMqttConfigSchema.parse({
    id: 'away',
    discover: false,
    ...more,
    external: { url: broker.url, username: 'unit', password: 'right', ...external },
  });
  const adapter = new MappedMqttAdapter(config, host);
  t.teardown(async () => {
    await adapter.stop();
    await broker.stop();
  });
  const view = host.device('tasmota/plug-am2301#plug_7', plug, 'mqtt');
  adapter.attach(view);
  await adapter.start();
  const running = () => host.until('the link', () => adapter.status().state === 'running');
  return { broker, host, adapter, view, running };
};

const request = (deviceId: string, command: string, input: Record<string, unknown> = {}) => ({
  commandId: '01900000-0000-7000-8000-00000000000a',
  deviceId,
  command,
  input,
  remainingMs: 60_000,
  signal: AbortSignal.timeout(60_000),
});

t.test('values, presence, commands over a real broker with MQTT 5', { skip }, async (t) => {
  const { broker, host, adapter, view, running } = await bench(t, { discover: true });
  await running();
  // User properties, a content type and an expiry are MQTT 5's own and change nothing.
  const own = ['-D', 'publish', 'user-property', 'a', 'b', '-D', 'publish', 'message-expiry-interval', '60'];
  broker.publish('tele/plug_7/SENSOR', sensor(21.5), ...own);
  broker.publish('tele/plug_7/LWT', 'Online', '-r');
  await host.until('values', () => host.value('temperature') === 21.5);
  await host.until('presence', () => host.lastEvidence('presence')?.ok === true);
  broker.publish('tele/plug_9/SENSOR', sensor(1));
  await host.until('a stranger', () => host.foundDevices.some((one) => one.address.endsWith('#plug_9')));

  const device = await mqtt.connectAsync(broker.url, { protocolVersion: 5, username: 'unit', password: 'right' });
  t.teardown(() => device.end(true));
  await device.subscribeAsync('cmnd/plug_7/POWER', { qos: 1 });
  device.on('message', () => void device.publishAsync('stat/plug_7/RESULT', '{"POWER":"ON"}'));
  t.same(await adapter.execute(request(view.deviceId, 'toggle')), { power: true });
  await adapter.write(view.deviceId, { power: false }, AbortSignal.timeout(60_000));
  t.same(host.faults, []);
});

t.test('the broker dies and comes back: devices are told, subscriptions are restored', { skip }, async (t) => {
  const { broker, host, adapter, view, running } = await bench(t);
  await running();
  await broker.kill();
  await host.until('the loss', () => adapter.status().state === 'waiting');
  t.match(adapter.status().reason, /connection was lost|ECONNREFUSED|ECONNRESET/);
  t.match(host.lastEvidence('presence'), { ok: false, reason: 'link_down', decisive: true });
  await t.rejects(adapter.execute(request(view.deviceId, 'blink', { times: 1 })), { code: 'link_lost' });
  await broker.start();
  await running();
  // The subscription is under way when the link is up.
  await host.until('values again', () => {
    broker.publish('tele/plug_7/SENSOR', sensor(22));
    return host.value('temperature') === 22;
  });
});

t.test('what comes while the unit is away waits in its session', { skip }, async (t) => {
  const { broker, host, adapter, running } = await bench(t);
  await running();
  broker.publish('tele/plug_7/SENSOR', sensor(1));
  await host.until('subscribed', () => host.value('temperature') === 1);
  await adapter.stop();
  broker.publish('tele/plug_7/SENSOR', sensor(30));
  t.equal(host.value('temperature'), 1);
  await adapter.start();
  await host.until('what waited', () => host.value('temperature') === 30);
});

t.test('a message is acknowledged when it is stored, and comes again when it was not', { skip }, async (t) => {
  const { broker, host, running } = await bench(t);
  await running();
  broker.publish('tele/plug_7/SENSOR', sensor(1));
  await host.until('subscribed', () => host.value('temperature') === 1);
  const take = host.reading.bind(host);
  let failures = 0;
  host.reading = (reading) => {
    if (failures++ === 0) return Promise.reject(new HubError('store_full', 'no space'));
    return take(reading);
  };
  broker.publish('tele/plug_7/SENSOR', sensor(2));
  await host.until('the second delivery', () => host.value('temperature') === 2);
  t.ok(failures >= 2);
});

t.test(
  'reasons are told: a wrong password, a filter that is not granted, a file that is not there',
  { skip },
  async (t) => {
    const wrong = await bench(t, {}, { password: 'wrong' });
    await wrong.host.until('the refusal', () => /not allowed|not accept/.test(wrong.adapter.status().reason ?? ''));
    t.equal(wrong.adapter.status().state, 'waiting');

    const old = await bench(t, {}, { password: 'wrong', protocolVersion: 4 });
    await old.host.until('the refusal', () => /not allowed|not accept/.test(old.adapter.status().reason ?? ''));

    const { adapter } = await bench(t, {}, { protocolVersion: 4 });
    t.teardown(() => adapter.stop());

    const host = new TestHost([plug], 'x');
    const config = (external: object) =>
      mappedMqttConfigSchema.parse({ external: { url: 'mqtt://127.0.0.1:1', ...external } });
    await t.rejects(new MappedMqttAdapter(config({ ca: '/nowhere.pem' }), host).start(), { code: 'configuration' });
    t.throws(() => config({ cert: 'x' }));
  },
);

t.test('a filter that the broker does not grant is a fault with its reason', async (t) => {
  // mosquitto's list of rights grants every filter and withholds the messages: a broker that says no is needed.
  const aedes = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic.startsWith('stat/') ? null : subscription),
  });
  const server = net.createServer((socket) => void aedes.handle(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = new TestHost([plug], 'x');
  const url = `mqtt://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  const config = mappedMqttConfigSchema.parse({ discover: false, external: { url, protocolVersion: 4 } });
  const adapter = new MappedMqttAdapter(config, host);
  t.teardown(async () => {
    await adapter.stop();
    server.close();
    aedes.close();
  });
  adapter.attach(host.device('tasmota/plug-am2301#plug_7', plug, 'mqtt'));
  await adapter.start();
  await host.until('the fault', () => host.faults.length > 0);
  t.match(host.faults, [{ code: 'broker_refused', message: /refuses stat\/plug_7\/POWER/ }]);
});

t.test('a broker that is not there is waited for', async (t) => {
  const host = new TestHost([plug], 'x');
  const config = mappedMqttConfigSchema.parse({ external: { url: 'mqtt://127.0.0.1:1' } });
  const adapter = new MappedMqttAdapter(config, host);
  t.teardown(() => adapter.stop());
  await adapter.start();
  await host.until('the reason', () => /ECONNREFUSED/.test(adapter.status().reason ?? ''));
  t.equal(adapter.status().state, 'waiting');
});
