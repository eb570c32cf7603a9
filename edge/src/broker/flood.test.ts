import { execFile } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@hallhub/shared';
import mqtt from 'mqtt';
import mqttPacket from 'mqtt-packet';
import t, { type Test } from 'tap';
import { until } from '../__fixtures__/until.js';
import { silentLogger } from '../ports/index.js';
import { answered } from './__fixtures__/answered.js';
import { Broker } from './broker.js';

const flooder = path.join(path.dirname(fileURLToPath(import.meta.url)), '__fixtures__', 'flooder.mjs');
/** Who is held up waits until the flood ends, three seconds: for half of the messages at least it is less. On a busy machine single ones wait as long. */
const unharmedMs = 2_000;

const start = async (test: Test, ratePerSecond = 200) => {
  const account = { userName: 'site', password: 'pass', publish: ['site/#'], subscribe: ['site/#'] };
  const taken = new Map<string, number>();
  const gone: string[] = [];
  const floods: boolean[] = [];
  const broker = new Broker({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
    handlers: {
      authenticate: ({ clientId }) => ({ kind: 'account', clientId, account }),
      onConnected: () => {},
      onDisconnected: ({ principal }, reason) =>
        void gone.push(`${principal.kind === 'account' ? principal.clientId : '?'} ${reason}`),
      onMessage: async ({ principal }) => {
        const name = principal.kind === 'account' ? principal.clientId : '?';
        taken.set(name, (taken.get(name) ?? 0) + 1);
      },
      onRefused: () => {},
      onFlood: (_client, disconnected) => void floods.push(disconnected),
    },
    maxConnections: 200,
    maxMessagesPerSecond: ratePerSecond,
  });
  await broker.start();
  const neighbour = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'site', clientId: 'calm' });
  test.teardown(async () => {
    neighbour.end(true);
    await broker.stop();
  });
  return { broker, neighbour, taken, gone, floods };
};

/** Twenty acknowledged messages a second while `busy` runs; the median, the 95th percentile and the worst in ms. */
const latencyDuring = async (neighbour: mqtt.MqttClient, busy: Promise<unknown>) => {
  const took: number[] = [];
  let over = false;
  const end = busy.finally(() => (over = true));
  while (!over) {
    const before = performance.now();
    await neighbour.publishAsync('site/calm', '1', { qos: 1 });
    took.push(performance.now() - before);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await end;
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.floor((took.length - 1) * share)] ?? 0;
  return { count: took.length, median: at(0.5), p95: at(0.95), worst: at(1) };
};

const run = promisify(execFile);

for (const kind of ['tiny', 'acknowledged', 'large', 'pings', 'subscriptions']) {
  t.test(`a flood of ${kind}: slowed down or put out, and a neighbour does not feel it`, async (t) => {
    const { broker, neighbour, taken, gone, floods } = await start(t);
    const flooding = run(process.execPath, [flooder, String(broker.port), kind, '3']);
    const { median, p95, worst, count } = await latencyDuring(neighbour, flooding);
    const { why, sent } = JSON.parse((await flooding).stdout);
    t.comment(
      `${kind}: ${why} after ${sent} bytes; neighbour p95 ${p95.toFixed(1)} ms, worst ${worst.toFixed(1)} ms of ${count}`,
    );
    t.ok(median < unharmedMs, 'the neighbour is answered');
    await until(() => floods.length > 0, 'that it is told');
    // Ten seconds’ worth at once, the rate for the three seconds, and what one read brought on top.
    t.ok((taken.get('flooder') ?? 0) < 200 * 13 + 8_000, `${taken.get('flooder')} were taken in`);
    if (kind === 'pings' || kind === 'subscriptions') {
      await until(() => floods.includes(true), 'that it is put out');
      // Who is put out before it was told as connected is not told as gone.
      t.same([...new Set([...gone, 'flooder flood'])], ['flooder flood']);
    }
    t.ok(neighbour.connected);
  });
}

t.test('malformed connections by the hundred harm nobody', async (t) => {
  const { broker, neighbour } = await start(t);
  const port = broker.port ?? 0;
  const hello = mqttPacket.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: 'm',
    clean: true,
    keepalive: 5,
    username: 'site',
  });
  const wrong = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.concat([hello, Buffer.from([0x3f, 2, 0, 0])]),
    Buffer.concat([hello, Buffer.from([0x82, 1, 0])]),
    Buffer.concat([hello, Buffer.from([0x00, 0x00, 0x00])]),
    hello.subarray(0, 7),
  ];
  const attack = async () => {
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        wrong.map(
          (bytes) =>
            new Promise<void>((resolve) => {
              const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
              socket.on('error', () => {});
              socket.on('close', () => resolve());
              socket.setTimeout(30, () => socket.destroy());
              socket.resume();
            }),
        ),
      );
    }
  };
  const { median } = await latencyDuring(neighbour, attack());
  t.ok(median < unharmedMs, `${median.toFixed(1)} ms`);
  await until(() => broker.clients.length === 1, 'that the neighbour alone is left');
});

t.test('an account’s subscriber that does not read is put out, and those who publish to it do not wait', async (t) => {
  const { broker, neighbour, gone } = await start(t, 10_000);
  const frozen = net.connect(broker.port ?? 0, '127.0.0.1');
  t.teardown(() => frozen.destroy());
  const hello = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'frozen', clean: true } as const;
  frozen.write(mqttPacket.generate({ ...hello, keepalive: 60, username: 'site' }));
  frozen.write(
    mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'site/#', qos: 1 }] } as never),
  );
  await answered(frozen, 'suback');
  frozen.pause();
  const loud = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'site', clientId: 'loud' });
  t.teardown(() => loud.end(true));
  const payload = 'x'.repeat(200_000);
  const shouting = (async () => {
    const end = Date.now() + 30_000;
    while (!gone.some((one) => one.startsWith('frozen')) && Date.now() < end)
      await loud.publishAsync('site/loud', payload, { qos: 1 });
  })();
  const { worst, count } = await latencyDuring(neighbour, shouting);
  t.comment(`worst ${worst.toFixed(0)} ms of ${count}`);
  t.ok(count > 3, `${count} acknowledgements for the neighbour before the frozen one was put out`);
  t.match(gone, [/^frozen /]);
});
