import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import mqtt from 'mqtt';
import pino from 'pino';
import t from 'tap';
import { connectExternalBroker } from './connect-external-broker.js';

const log = pino({ level: 'silent' });
// Debian keeps it where a plain user's PATH does not look.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const missing = spawnSync('mosquitto', ['-h'], { env }).error
  ? 'mosquitto is missing: apt-get install mosquitto'
  : false;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const until = async (look: () => boolean): Promise<void> => {
  const endMs = performance.now() + 60_000;
  while (!look()) {
    if (performance.now() > endMs) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const startMosquitto = async (folder: string, port: number): Promise<ChildProcess> => {
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore', env });
  await until(() => child.exitCode === null && child.pid !== undefined);
  return child;
};

t.test(
  'several cloud processes share an external broker; each message is served once',
  { skip: missing },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hallhub-mosquitto-'));
    const port = await freePort();
    let broker = await startMosquitto(folder, port);
    t.teardown(() => {
      broker.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    const url = `mqtt://127.0.0.1:${port}`;
    const seen: string[][] = [[], []];
    const clouds = await Promise.all(seen.map(() => connectExternalBroker({ url, log })));
    clouds.forEach((cloud, i) => {
      cloud.onMessage(({ channel, payload }) => seen[i]!.push(`${channel} ${Buffer.from(payload)}`));
    });
    const unitId = uuidv7();
    const unit = await mqtt.connectAsync(url, { reconnectPeriod: 100 });
    t.teardown(async () => {
      await unit.endAsync(true);
      for (const cloud of clouds) await cloud.close();
    });
    const got: string[] = [];
    unit.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
    await unit.subscribeAsync(unitTopics.down(unitId), { qos: 1 });
    for (let i = 0; i < 20; i++) await unit.publishAsync(unitTopics.up(unitId, 'live'), String(i), { qos: 1 });
    await until(() => seen[0]!.length + seen[1]!.length === 20);
    t.equal(new Set(seen.flat()).size, 20, 'each once');
    t.ok(seen[0]!.length > 0 && seen[1]!.length > 0, 'and by both');
    await clouds[1]!.publish(unitTopics.downAck(unitId), '{"from":1}');
    await until(() => got.length === 1);
    await clouds[0]!.check();

    broker.kill('SIGKILL');
    await until(() => !unit.connected);
    await t.rejects(clouds[0]!.publish(unitTopics.downAck(unitId), '{}'), { code: 'unavailable' });
    await t.rejects(clouds[0]!.check(), { code: 'unavailable' });
    broker = await startMosquitto(folder, port);
    await until(() => unit.connected);
    for (let i = 0; seen.flat().filter((one) => one.startsWith('hello')).length === 0; i++) {
      if (i > 600) throw new Error('the subscription did not come back');
      await unit.publishAsync(unitTopics.hello(unitId), 'again', { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    t.pass('it reconnects and subscribes again by itself');
  },
);

t.test('a broker that cannot be used is said with what to check', async (t) => {
  const url = `mqtt://user:hunter2@127.0.0.1:${await freePort()}`;
  const error = await connectExternalBroker({ url, log, connectTimeoutMs: 1_500 }).catch((caught: Error) => caught);
  t.match(error, { code: 'configuration', hint: /HALLHUB_MQTT_URL/ });
  t.notMatch((error as Error).message, /hunter2/);
});
