import { createConnection } from 'node:net';
import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import mqtt from 'mqtt';
import pino from 'pino';
import t from 'tap';
import type { UnitMessage } from './cloud-messaging.js';
import { openCloudBroker } from './open-cloud-broker.js';

const secret = 's'.repeat(72);
const until = async (look: () => boolean): Promise<void> => {
  const endMs = performance.now() + 60_000;
  while (!look()) {
    if (performance.now() > endMs) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const setup = async (
  t: { teardown(fn: () => unknown): unknown },
  known: (unitId: string) => boolean | Error = () => true,
) => {
  const seen: UnitMessage[] = [];
  const broker = await openCloudBroker({
    host: '127.0.0.1',
    port: 0,
    log: pino({ level: 'silent' }),
    authenticator: {
      authenticateUnit: async (unitId, given) => {
        const answer = known(unitId);
        if (answer instanceof Error) throw answer;
        return answer && given === secret;
      },
    },
  });
  broker.onMessage((message) => seen.push(message));
  const clients: mqtt.MqttClient[] = [];
  t.teardown(async () => {
    for (const client of clients) client.end(true);
    await broker.close();
  });
  const connect = async (unitId: string, options: mqtt.IClientOptions = {}) => {
    const client = await mqtt.connectAsync(broker.url!, {
      ...{ username: unitId, password: secret, reconnectPeriod: 0, clientId: `c-${uuidv7()}` },
      ...options,
    });
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  return { broker, seen, connect };
};

t.test('who may connect', async (t) => {
  const [known, unknown] = [uuidv7(), uuidv7()];
  let away = false;
  const { broker, connect } = await setup(t, (unitId) => (away ? new Error('database away') : unitId === known));
  t.ok((await connect(known)).connected);
  await t.rejects(connect(unknown), { code: 4 });
  await t.rejects(connect(known, { password: 'wrong' }), { code: 4 });
  await t.rejects(connect('admin'), { code: 4 });
  await t.rejects(connect(known, { username: undefined, password: undefined }), { code: 4 });
  const long = mqtt.connect(broker.url!, { username: known, password: 'x'.repeat(10_000), reconnectPeriod: 0 });
  long.on('error', () => {});
  await new Promise<void>((resolve) => long.once('close', () => resolve()));
  t.pass('cut off at a CONNECT that is too long');
  await t.rejects(connect(known, { protocolVersion: 5 }), { code: 1 });
  away = true;
  await t.rejects(connect(known), { code: 3 }, 'it may try again: its secret may be right');
});

t.test('a unit speaks and listens below its own topics only', async (t) => {
  const { connect, seen } = await setup(t);
  const [mine, other] = [uuidv7(), uuidv7()];
  const client = await connect(mine);
  for (const topic of [unitTopics.down(other), '#', 'hh/1/u/+/hello', `$share/x/${unitTopics.down(mine)}`, '$SYS/#']) {
    await t.rejects(client.subscribeAsync(topic, { qos: 1 }), /^Suback|Unspecified|refused/i, topic);
  }
  t.match(await client.subscribeAsync(unitTopics.down(mine), { qos: 1 }), [{ qos: 1 }]);
  await client.publishAsync(unitTopics.up(mine, 'live'), 'x', { qos: 1, retain: true });
  await until(() => seen.length === 1);
  t.match(seen[0], { unitId: mine, channel: 'up/live' });
  const listener = await connect(mine);
  await listener.subscribeAsync(`hh/1/u/${mine}/#`, { qos: 1 });
  listener.on('message', () => t.fail('nothing is retained'));

  for (const topic of [unitTopics.hello(other), unitTopics.downCommand(mine), `hh/1/u/${mine}/up/secrets`, 'x']) {
    const offender = await connect(uuidv7());
    offender.publish(topic, 'x', { qos: 1 });
    await until(() => !offender.connected);
    t.pass(`cut off for ${topic}`);
  }
  t.equal(seen.length, 1);
});

t.test('answers reach the unit they are for; nobody there is no error', async (t) => {
  const { broker, connect } = await setup(t);
  const [one, two] = [uuidv7(), uuidv7()];
  const got: string[] = [];
  for (const unitId of [one, two]) {
    const client = await connect(unitId);
    client.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
    await client.subscribeAsync(unitTopics.down(unitId), { qos: 1 });
  }
  await broker.publish(unitTopics.downAck(uuidv7()), '{}');
  await broker.publish(unitTopics.downAck(two), '{"a":1}');
  await until(() => got.length === 1);
  t.same(got, [`${unitTopics.downAck(two)} {"a":1}`]);
});

t.test('one connection a unit: the newer ends the older, whatever client id it takes', async (t) => {
  const { broker, connect, seen } = await setup(t);
  const [mine, other] = [uuidv7(), uuidv7()];
  const will = {
    topic: unitTopics.presence(mine),
    payload: Buffer.from('will of the first'),
    qos: 1 as const,
    retain: false,
  };
  const first = await connect(mine, { clientId: 'same', will });
  const neighbour = await connect(other, { clientId: 'same' });
  t.ok(first.connected, 'another unit cannot take its place by its client id');
  const second = await connect(mine, { clientId: 'different' });
  await until(() => !first.connected);
  t.ok(second.connected && neighbour.connected);
  await until(() => seen.length === 1);
  t.match(Buffer.from(seen[0]!.payload).toString(), 'will of the first');
  t.equal(broker.connections(), 2);
  broker.disconnect(mine);
  await until(() => !second.connected);
  t.ok(neighbour.connected);
  broker.disconnect(uuidv7());
});

t.test('packets are measured before they are kept', async (t) => {
  const { broker, connect } = await setup(t);
  const { port } = new URL(broker.url!);
  const cutOff = (bytes: readonly number[]) =>
    new Promise<void>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port: Number(port) }, () =>
        socket.write(Buffer.from(bytes)),
      );
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
  await cutOff([0x10, 0xff, 0xff, 0xff, 0x7f]);
  t.pass('a CONNECT that announces 256 MB');
  await cutOff([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]);
  t.pass('a length of five bytes');
  const unitId = uuidv7();
  const client = await connect(unitId);
  await client.publishAsync(unitTopics.up(unitId, 'live'), Buffer.alloc(262_144), { qos: 1 });
  client.publish(unitTopics.up(unitId, 'live'), Buffer.alloc(300_000), { qos: 1 });
  await until(() => !client.connected);
  t.pass('a payload over the limit');
});

t.test('a unit that does not read is cut off and holds nobody up', async (t) => {
  const { broker, connect } = await setup(t);
  const [slow, quick] = [uuidv7(), uuidv7()];
  const frozen = await connect(slow);
  await frozen.subscribeAsync(unitTopics.down(slow), { qos: 1 });
  frozen.stream.pause();
  const lively = await connect(quick);
  let got = 0;
  lively.on('message', () => got++);
  await lively.subscribeAsync(unitTopics.down(quick), { qos: 1 });
  const big = 'x'.repeat(200_000);
  for (let i = 0; i < 60; i++) void broker.publish(unitTopics.downAck(slow), big).catch(() => {});
  const startMs = performance.now();
  await broker.publish(unitTopics.downAck(quick), '{}');
  await until(() => got === 1);
  t.comment(`it was told after ${Math.round(performance.now() - startMs)} ms; the drain time-out is 3 s`);
});

t.test('a port in use is said with what to do', async (t) => {
  const { broker } = await setup(t);
  const port = Number(new URL(broker.url!).port);
  const again = openCloudBroker({
    ...{ host: '127.0.0.1', port, log: pino({ level: 'silent' }) },
    authenticator: { authenticateUnit: async () => true },
  });
  await t.rejects(again, { code: 'configuration', hint: /--mqtt-port/ });
});
