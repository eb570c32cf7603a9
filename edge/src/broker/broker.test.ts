import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { promisify } from 'node:util';
import { systemClock } from '@hallhub/shared';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import t, { type Test } from 'tap';
import { silentLogger } from '../ports/index.js';
import { answered } from './__fixtures__/answered.js';
import { Broker } from './broker.js';
import type { BrokerClient, BrokerHandlers, BrokerMessageIn } from './broker-contract.js';

const deviceId = '01900000-0000-7000-8000-00000000000d';
const otherId = '01900000-0000-7000-8000-00000000000e';
const telemetry = `hh/1/d/${deviceId}/telemetry`;
const commandTopic = `hh/1/d/${deviceId}/command`;

interface Rig {
  readonly port: number;
  readonly broker: Broker;
  readonly messages: { client: BrokerClient; message: BrokerMessageIn }[];
  readonly refused: string[];
  readonly gone: string[];
  readonly floods: boolean[];
  hold: ((message: BrokerMessageIn) => Promise<void>) | undefined;
  clientOf(id: string): BrokerClient | undefined;
  connect(options?: IClientOptions): Promise<MqttClient>;
}

const start = async (test: Test, options: { rate?: number; maxConnections?: number } = {}): Promise<Rig> => {
  const clients: BrokerClient[] = [];
  const handlers: BrokerHandlers = {
    authenticate: ({ clientId, userName, password }) => {
      if (userName === 'join') return { kind: 'stranger', clientId };
      if (userName === 'acme')
        return {
          kind: 'account',
          clientId,
          account: { userName, password: 'x', publish: ['acme/#'], subscribe: ['acme/#'] },
        };
      if (password?.toString() !== 'right') return 'credential';
      return userName === deviceId || userName === otherId
        ? { kind: 'device', deviceId: userName, clientId }
        : 'credential';
    },
    onConnected: (client) => void clients.push(client),
    onDisconnected: (_client, reason) => void rig.gone.push(reason),
    onMessage: async (client, message) => {
      rig.messages.push({ client, message });
      await rig.hold?.(message);
    },
    onRefused: (_address, reason) => void rig.refused.push(reason),
    onFlood: (_client, disconnected) => void rig.floods.push(disconnected),
  };
  const { rate = 100_000, maxConnections = 100 } = options;
  const broker = new Broker({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
    handlers,
    maxConnections,
    maxMessagesPerSecond: rate,
  });
  await broker.start();
  const port = broker.port ?? 0;
  const opened: MqttClient[] = [];
  const rig: Rig = {
    port,
    broker,
    messages: [],
    refused: [],
    gone: [],
    floods: [],
    hold: undefined,
    clientOf: (id) => clients.findLast(({ principal }) => principal.kind === 'device' && principal.deviceId === id),
    connect: (more = {}) =>
      new Promise((resolve, reject) => {
        const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
          username: deviceId,
          password: 'right',
          reconnectPeriod: 0,
          connectTimeout: 5_000,
          ...more,
        });
        opened.push(client);
        client.once('connect', () => resolve(client));
        client.once('error', reject);
        client.once('close', () => reject(new Error('closed')));
      }),
  };
  test.teardown(async () => {
    for (const client of opened) client.end(true);
    await broker.stop();
  });
  return rig;
};

const until = async (condition: () => boolean, what: string): Promise<void> => {
  const end = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const rawConnect = (overrides: object = {}) =>
  mqttPacket.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: 'raw',
    clean: true,
    keepalive: 30,
    username: 'join',
    ...overrides,
  } as never);

/** Sends bytes and returns what came back until the other side closed. */
const exchange = (port: number, ...chunks: Uint8Array[]): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const got: Buffer[] = [];
    socket.on('data', (chunk) => got.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(got)));
    socket.setTimeout(30_000, () => reject(new Error('the broker left the connection open')));
    for (const chunk of chunks) socket.write(chunk);
  });

t.test('a QoS 1 publish is acknowledged after it was taken in, and not before', async (t) => {
  const rig = await start(t);
  let release = () => {};
  rig.hold = () => new Promise((resolve) => (release = resolve));
  const client = await rig.connect();
  let acknowledged = false;
  const publishing = client.publishAsync(telemetry, '{"values":{"a":1}}', { qos: 1 }).then(() => {
    acknowledged = true;
  });
  await until(() => rig.messages.length === 1, 'the message');
  await client.publishAsync(telemetry, '{}', { qos: 0 });
  t.equal(acknowledged, false);
  rig.hold = undefined;
  release();
  await publishing;
  t.equal(acknowledged, true);
});

t.test('what the store refused is not acknowledged and the connection ends', async (t) => {
  const rig = await start(t);
  rig.hold = () => Promise.reject(new Error('disk full'));
  const client = await rig.connect();
  const outcome = client.publishAsync(telemetry, '{}', { qos: 1 }).then(
    () => 'acknowledged',
    () => 'lost',
  );
  await until(() => rig.gone.length === 1, 'the end');
  client.end(true);
  t.equal(await Promise.race([outcome, new Promise((resolve) => setTimeout(() => resolve('lost'), 100))]), 'lost');
  t.same(rig.gone, ['store']);
});

t.test('rights: others’ topics, wildcards, $SYS and $share are not for a device', async (t) => {
  const rig = await start(t);
  const client = await rig.connect();
  for (const filter of [`hh/1/d/${otherId}/command`, '#', '+/1/d/+/command', '$SYS/#', `$share/g/${commandTopic}`]) {
    const granted = await client.subscribeAsync(filter).catch((error) => error);
    t.ok(granted instanceof Error || granted[0]?.qos === 128, filter);
  }
  const [own] = await client.subscribeAsync(commandTopic, { qos: 1 });
  t.equal(own?.qos, 1);
  for (const topic of [`hh/1/d/${otherId}/telemetry`, commandTopic, 'hh/1/join/x', '$SYS/x', 'acme/x']) {
    const one = await rig.connect({ clientId: `escape-${topic.length}` });
    one.publish(topic, 'x', { qos: 1 });
    await until(
      () => rig.refused.includes(`publish to ${topic} is not allowed`) && !one.connected,
      `put out for ${topic}`,
    );
  }
  t.equal(rig.messages.length, 0);
});

t.test('a stranger has its join topic and nothing else', async (t) => {
  const rig = await start(t);
  const stranger = await rig.connect({ username: 'join', password: undefined, clientId: 'new-one' });
  const granted = async (filter: string) => (await stranger.subscribeAsync(filter).catch(() => [{ qos: 128 }]))[0]?.qos;
  t.equal(await granted('hh/1/join/new-one/reply'), 0);
  t.equal(await granted('hh/1/join/other/reply'), 128);
  t.equal(await granted('hh/1/join/+/reply'), 128);
  await stranger.publishAsync('hh/1/join/new-one', '{}', { qos: 1 });
  t.equal(rig.messages.length, 1);
  stranger.publish(telemetry, '{}', { qos: 1 });
  await until(() => rig.gone.includes('not_authorized'), 'put out');
  t.equal(rig.messages.length, 1);
});

t.test('a stranger with a device’s client id does not throw the device out', async (t) => {
  const rig = await start(t);
  const device = await rig.connect({ clientId: 'same' });
  await rig.connect({ clientId: 'same', username: 'join', password: undefined });
  await device.publishAsync(telemetry, '{}', { qos: 1 });
  t.equal(device.connected, true);
});

t.test('a second connection of a device takes over from the first', async (t) => {
  const rig = await start(t);
  const first = await rig.connect({ clientId: 'one' });
  const closed = new Promise<void>((resolve) => first.once('close', () => resolve()));
  const second = await rig.connect({ clientId: 'two' });
  await closed;
  t.equal(second.connected, true);
});

t.test('wrong secrets are refused with return code 4', async (t) => {
  const rig = await start(t);
  for (const login of [
    { password: 'wrong' },
    { password: undefined },
    { username: undefined, password: undefined },
    { username: 'nobody' },
  ]) {
    await t.rejects(rig.connect(login), { code: 4 });
  }
});

t.test('an empty client id with a session to keep is refused with return code 2', async (t) => {
  const rig = await start(t);
  const packet = rawConnect({ clientId: '' });
  // The writer of this library refuses to say it: clear CleanSession (3.1.1 section 3.1.2.4) by hand.
  packet[9] = (packet[9] ?? 0) & ~0x02;
  const got = await exchange(rig.port, packet);
  t.same([...got], [0x20, 2, 0, 2]);
});

t.test('malformed bytes end that connection alone', async (t) => {
  const rig = await start(t);
  const device = await rig.connect();
  const publish = (bytes: number) =>
    mqttPacket.generate({
      cmd: 'publish',
      topic: 'hh/1/join/raw',
      payload: Buffer.alloc(bytes),
      qos: 0,
      dup: false,
      retain: false,
    });
  await exchange(rig.port, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  await exchange(rig.port, Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]));
  await exchange(rig.port, publish(3));
  await exchange(rig.port, rawConnect(), Buffer.from([0xf0, 0]));
  await exchange(rig.port, rawConnect(), rawConnect());
  await exchange(rig.port, rawConnect(), Buffer.from([0x36, 4, 0, 1, 0x61, 0]));
  await exchange(rig.port, rawConnect({ protocolVersion: 4, clientId: 'x'.repeat(20_000) }));
  await exchange(rig.port, rawConnect(), publish(300_000).subarray(0, 70_000));
  t.match(rig.refused, /./);
  t.ok(rig.refused.some((reason) => reason.includes('over')));
  await device.publishAsync(telemetry, '{}', { qos: 1 });
  t.equal(device.connected, true);
});

t.test('256 KiB pass, more ends the connection', async (t) => {
  const rig = await start(t);
  const client = await rig.connect();
  await client.publishAsync(telemetry, Buffer.alloc(262_144), { qos: 1 });
  t.equal(rig.messages[0]?.message.payload.length, 262_144);
  client.publish(telemetry, Buffer.alloc(300_000), { qos: 1 });
  await until(() => rig.gone.length === 1, 'the end');
  t.match(rig.gone[0], /oversize/);
});

t.test(
  'accounts: what is retained comes to who subscribes, and a session is kept; to the hall it came but once',
  async (t) => {
    const rig = await start(t);
    const acme = await rig.connect({ username: 'acme', clientId: 'a', clean: false });
    await acme.publishAsync('acme/x', 'kept', { qos: 1, retain: true });
    t.equal(rig.messages[0]?.message.retain, false, 'live, whatever the broker does with it');
    t.match(rig.broker.retained('acme/+'), [{ topic: 'acme/x', retain: true }]);
    const got: string[] = [];
    acme.on('message', (topic, payload, { retain }) => got.push(`${topic} ${payload}${retain ? ' retained' : ''}`));
    await acme.subscribeAsync('acme/#', { qos: 1 });
    await until(() => got.length === 1, 'the retained message');
    await acme.endAsync();
    await rig.broker.publish('acme/cmd', 'while away', { qos: 1 });
    const back = mqtt.connect(`mqtt://127.0.0.1:${rig.port}`, { username: 'acme', clientId: 'a', clean: false });
    t.teardown(() => back.end(true));
    back.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
    const present = await new Promise((resolve) =>
      back.once('connect', ({ sessionPresent }) => resolve(sessionPresent)),
    );
    t.equal(present, true);
    await until(() => got.length === 2, 'what came meanwhile');
    t.same(got, ['acme/x kept retained', 'acme/cmd while away']);
    await back.publishAsync('acme/x', '', { retain: true });
    await until(() => rig.broker.retained('#').length === 0, 'an empty one clears it');
    t.equal(rig.broker.kept.queued, 0);
  },
);

t.test('what comes later is what is kept, whatever its QoS', async (t) => {
  const rig = await start(t);
  const acme = await rig.connect({ username: 'acme', clientId: 'order' });
  const publish = (payload: string, qos: 0 | 1 | 2, messageId: number) =>
    mqttPacket.generate({ cmd: 'publish', topic: 'acme/kept', payload, qos, messageId, dup: false, retain: true });
  // In one piece, so that nothing lies between them.
  acme.stream.write(Buffer.concat([publish('first', 1, 101), publish('second', 2, 102), publish('third', 1, 103)]));
  await until(() => rig.messages.length === 3, 'all three');
  await acme.publishAsync('acme/mark', 'x', { qos: 1 });
  t.equal(rig.broker.retained('acme/kept')[0]?.payload.toString(), 'third');
});

t.test('of the unit’s own devices nothing is retained and no session is kept', async (t) => {
  const rig = await start(t);
  const device = await rig.connect({ clean: false, clientId: 'd' });
  await device.subscribeAsync(commandTopic, { qos: 1 });
  await device.publishAsync(telemetry, '{}', { qos: 1, retain: true });
  t.same(rig.broker.kept, { retained: 0, retainedBytes: 0, sessions: 0, queued: 0 });
  await device.endAsync();
  const back = mqtt.connect(`mqtt://127.0.0.1:${rig.port}`, {
    username: deviceId,
    password: 'right',
    clean: false,
    clientId: 'd',
  });
  t.teardown(() => back.end(true));
  t.equal(await new Promise((resolve) => back.once('connect', (packet) => resolve(packet.sessionPresent))), false);
});

t.test('a will, a goodbye and a cut are told apart', async (t) => {
  const rig = await start(t);
  const will = {
    topic: `hh/1/d/${deviceId}/state`,
    payload: Buffer.from('{"online":false}'),
    qos: 1 as const,
    retain: false,
  };
  const first = await rig.connect({ will });
  await first.endAsync();
  await until(() => rig.gone.length === 1, 'goodbye');
  const second = await rig.connect({ will });
  second.stream.destroy();
  await until(() => rig.gone.length === 2, 'cut');
  t.same(rig.gone, ['goodbye', 'lost']);
  t.same(
    rig.messages.map(({ message }) => message.isWill),
    [true],
  );
});

t.test('a frozen subscriber does not hold up the others', async (t) => {
  const rig = await start(t);
  const frozen = net.connect(rig.port, '127.0.0.1');
  t.teardown(() => frozen.destroy());
  frozen.write(rawConnect({ username: otherId, password: Buffer.from('right') }));
  frozen.write(
    mqttPacket.generate({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: `hh/1/d/${otherId}/command`, qos: 0 }],
    } as never),
  );
  await answered(frozen, 'suback');
  frozen.pause();
  const device = await rig.connect();
  const victim = rig.clientOf(otherId);
  const payload = 'x'.repeat(200_000);
  for (let i = 0; i < 100; i++) victim?.send(`hh/1/d/${otherId}/command`, payload, 0).catch(() => {});
  let meanwhile = 0;
  for (let i = 0; i < 20; i++) {
    await device.publishAsync(telemetry, '{}', { qos: 1 });
    if (rig.gone.length === 0) meanwhile++;
  }
  t.ok(meanwhile > 1, `${meanwhile} acknowledgements for another before the frozen one was put out`);
  await until(() => rig.gone.length === 1, 'the frozen one is put out');
});

t.test('a flood is slowed down and told once', async (t) => {
  const rig = await start(t, { rate: 50 });
  const client = await rig.connect();
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: 550 }, () => client.publishAsync(telemetry, '{}', { qos: 1 })));
  t.ok(Date.now() - startedAt >= 900, 'fifty over the burst take a second');
  t.same(rig.floods, [false]);
});

t.test('a stranger that says more than ten things at once is slowed down to one a second', async (t) => {
  const rig = await start(t, { rate: 10_000 });
  const client = await rig.connect({ clientId: 'qm-1', username: 'join', password: undefined });
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: 11 }, () => client.publishAsync('hh/1/join/qm-1', '{}', { qos: 1 })));
  t.ok(Date.now() - startedAt >= 900, 'the eleventh waits a second');
  t.same(rig.floods, [false]);
});

t.test('more connections than allowed are dropped', async (t) => {
  const rig = await start(t, { maxConnections: 2 });
  await rig.connect({ clientId: 'a', username: 'acme' });
  await rig.connect({ clientId: 'b', username: 'acme' });
  await t.rejects(rig.connect({ clientId: 'c', username: 'acme' }));
});

t.test('a port in use says so, and what to do', async (t) => {
  const rig = await start(t);
  const handlers = {} as BrokerHandlers;
  const second = new Broker({
    host: '127.0.0.1',
    port: rig.port,
    clock: systemClock,
    logger: silentLogger,
    handlers,
    maxConnections: 1,
    maxMessagesPerSecond: 1,
  });
  await t.rejects(second.start(), { code: 'configuration', message: /in use/, hint: /broker\.port/ });
});

const mosquitto = existsSync('/usr/bin/mosquitto_pub') && existsSync('/usr/bin/mosquitto_sub');
t.test(
  'mosquitto’s clients publish and receive',
  { skip: mosquitto ? false : 'mosquitto-clients are missing: apt-get install mosquitto-clients' },
  async (t) => {
    const rig = await start(t);
    const run = promisify(execFile);
    const login = ['-h', '127.0.0.1', '-p', String(rig.port), '-u', deviceId, '-P', 'right'];
    await run('/usr/bin/mosquitto_pub', [...login, '-t', telemetry, '-q', '1', '-m', '{"values":{}}']);
    await run('/usr/bin/mosquitto_pub', [...login, '-t', telemetry, '-q', '2', '-m', '{"values":{}}']);
    t.same(
      rig.messages.map(({ message }) => message.payload.toString()),
      ['{"values":{}}', '{"values":{}}'],
    );
    const receiving = run('/usr/bin/mosquitto_sub', [...login, '-t', commandTopic, '-C', '1', '-W', '5']);
    await until(() => rig.broker.clients.length === 1, 'the subscriber');
    const timer = setInterval(
      () =>
        rig
          .clientOf(deviceId)
          ?.send(commandTopic, 'go', 0)
          .catch(() => {}),
      50,
    );
    t.teardown(() => clearInterval(timer));
    t.equal((await receiving).stdout.trim(), 'go');
  },
);
