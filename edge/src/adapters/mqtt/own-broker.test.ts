import { execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '@hallhub/shared';
import mqtt from 'mqtt';
import packets from 'mqtt-packet';
import t, { type Test } from 'tap';
import { AccountBus, Broker } from '../../broker/index.js';
import { silentLogger } from '../../ports/index.js';
import { corpus, TestHost } from '../test-host.js';
import { mappedMqttConfigSchema } from './config.js';
import { MappedMqttAdapter } from './mapped-adapter.js';

const run = promisify(execFile);
const skip = spawnSync('mosquitto_pub', ['--help']).error
  ? 'mosquitto’s clients are missing: apt-get install mosquitto-clients'
  : false;
const profiles = corpus();
const named = (id: string) => {
  const profile = profiles.find((one) => one.id === id);
  if (!profile) throw new Error(`no profile ${id}`);
  return profile;
};
const plug = named('tasmota/plug-am2301');
const flood = named('shelly/flood');

/** The unit's own broker, the bus on it and the adapter: as the agent joins them. */
const start = async (test: Test, config: object = {}) => {
  const account = {
    userName: 'shop',
    password: 'x',
    publish: ['tele/#', 'stat/#', 'shellies/#'],
    subscribe: ['cmnd/#', 'shellies/#'],
  };
  const refused: string[] = [];
  const bus: AccountBus = new AccountBus(() => broker);
  const broker: Broker = new Broker({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
    handlers: {
      authenticate: ({ clientId, password }) =>
        password?.toString() === 'x' ? { kind: 'account', clientId, account } : 'credential',
      onConnected: (client) => bus.client(client, true),
      onDisconnected: (client, reason) => bus.client(client, false, reason),
      onMessage: (client, message) => bus.deliver(client, message),
      onRefused: (_address, reason) => void refused.push(reason),
      onFlood: () => {},
    },
    maxConnections: 50,
    maxMessagesPerSecond: 1_000,
  });
  await broker.start();
  const host = Object.assign(new TestHost([plug, flood], 'mqtt-mapped'), { broker: bus });
  const adapter = new MappedMqttAdapter(mappedMqttConfigSchema.parse({ discover: false, ...config }), host as never);
  test.teardown(async () => {
    await adapter.stop();
    await broker.stop();
  });
  await adapter.start();
  const login = ['-h', '127.0.0.1', '-p', String(broker.port), '-u', 'shop', '-P', 'x'];
  const publish = (topic: string, payload: string, ...more: string[]) =>
    run('mosquitto_pub', [...login, '-q', '1', '-t', topic, '-m', payload, ...more], { timeout: 60_000 });
  return { host, adapter, broker, publish, login, refused };
};

const sensor = JSON.stringify({ Time: '2026-03-01T08:00:00', AM2301: { Temperature: 23.4, Humidity: 45.6 } });
const request = (deviceId: string, command: string, input: Record<string, unknown> = {}) => ({
  commandId: '01900000-0000-7000-8000-00000000000a',
  deviceId,
  command,
  input,
  remainingMs: 60_000,
  signal: AbortSignal.timeout(60_000),
});

t.test('a Tasmota plug: values, retained presence, its will, a command answered', { skip }, async (t) => {
  const { host, adapter, publish, login } = await start(t, { discover: true });
  // What it says before anybody approved it is kept where it asked for that, and found by it.
  await publish('tele/plug_7/LWT', 'Online', '-r');
  await publish('tele/plug_7/SENSOR', sensor);
  await host.until('found', () => host.foundDevices.some(({ address }) => address === 'tasmota/plug-am2301#plug_7'));
  const view = host.devices.findByAddress('mqtt-mapped', 'tasmota/plug-am2301#plug_7');
  if (!view) return t.fail('not registered');
  adapter.attach(view);
  await host.until('online by what was retained', () => host.lastEvidence('presence')?.ok === true);
  await publish('tele/plug_7/SENSOR', sensor, '-r');
  await host.until('values', () => host.value('temperature') === 23.4);

  // The device itself: it listens for its command, and has a will.
  const device = spawn('mosquitto_sub', [
    ...login,
    ...['-i', 'plug_7', '-t', 'cmnd/plug_7/POWER', '-F', '%p'],
    ...['--will-topic', 'tele/plug_7/LWT', '--will-payload', 'Offline', '--will-qos', '1', '--will-retain'],
  ]);
  t.teardown(() => device.kill('SIGKILL'));
  device.stdout.on('data', () => void publish('stat/plug_7/RESULT', '{"POWER":"ON"}'));
  const subscribed = async (): Promise<Record<string, unknown> | undefined> => {
    for (let i = 0; i < 20; i++) {
      const quick = { ...request(view.deviceId, 'toggle'), signal: AbortSignal.timeout(1_000) };
      const answer = await adapter.execute(quick).catch(() => undefined);
      if (answer) return answer;
    }
    return undefined;
  };
  t.same(await subscribed(), { power: true });
  device.kill('SIGKILL');
  await host.until('its will', () => host.lastEvidence('presence')?.ok === false);
  t.match(host.lastEvidence('presence'), { reason: 'will', decisive: true });
});

t.test(
  'a Shelly sensor that wakes, speaks and sleeps; what was retained raises no event again',
  { skip },
  async (t) => {
    const { host, adapter, publish } = await start(t);
    await publish('shellies/cellar/sensor/flood', 'true', '-r');
    await publish('shellies/cellar/sensor/temperature', '18.5', '-r');
    adapter.attach(host.device('shelly/flood#cellar', flood, 'mqtt'));
    await host.until('retained values', () => host.value('temperature') === 18.5 && host.value('flood') === true);
    t.same(host.events, [], 'it was told when it happened, or nobody was there');
    t.notOk(
      host.evidence.some(({ ok }) => ok),
      'and says nothing about now',
    );
    await publish('shellies/cellar/sensor/flood', 'true', '-r');
    await host.until('the event', () => host.events.length === 1);
    t.match(host.events, [{ event: 'floodStarted' }]);
  },
);

t.test('QoS 2 that is sent again before its handshake is over counts once', async (t) => {
  const { host, adapter, broker } = await start(t);
  adapter.attach(host.device('shelly/flood#cellar', flood, 'mqtt'));
  const options = { username: 'shop', password: 'x', clientId: 'cellar', clean: false, reconnectPeriod: 0 };
  const first = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, options);
  // It goes away after its PUBLISH, before its PUBREL.
  const send = (client: mqtt.MqttClient, dup: boolean) =>
    client.stream.write(
      mqttPacket({ topic: 'shellies/cellar/sensor/flood', payload: 'true', qos: 2, messageId: 77, dup }),
    );
  send(first, false);
  await host.until('the event', () => host.events.length === 1);
  first.stream.destroy();
  const second = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, options);
  t.teardown(() => second.end(true));
  send(second, true);
  await second.publishAsync('shellies/cellar/sensor/temperature', '20', { qos: 1 });
  await host.until('what came after', () => host.value('temperature') === 20);
  t.equal(host.events.length, 1);
});

function mqttPacket(publish: { topic: string; payload: string; qos: 2; messageId: number; dup: boolean }): Buffer {
  return packets.generate({ cmd: 'publish', retain: false, ...publish });
}
