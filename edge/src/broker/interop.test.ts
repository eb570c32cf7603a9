import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@hallhub/shared';
import t from 'tap';
import { silentLogger } from '../ports/index.js';
import { Broker } from './broker.js';

const run = promisify(execFile);
const python = '/usr/bin/python3';
const skipPaho =
  spawnSync(python, ['-c', 'import paho.mqtt.client']).status === 0
    ? false
    : 'Paho is missing: apt-get install python3-paho-mqtt';
const skipMosquitto = spawnSync('mosquitto_pub', ['--help']).error
  ? 'mosquitto’s clients are missing: apt-get install mosquitto-clients'
  : false;
const script = path.join(path.dirname(fileURLToPath(import.meta.url)), '__fixtures__', 'paho-clients.py');

const start = async (): Promise<Broker> => {
  const account = { userName: 'site', password: 'pass', publish: ['site/#'], subscribe: ['site/#'] };
  const broker = new Broker({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
    handlers: {
      authenticate: ({ clientId, userName, password }) =>
        userName === account.userName && password?.toString() === account.password
          ? { kind: 'account', clientId, account }
          : 'credential',
      onConnected: () => {},
      onDisconnected: () => {},
      onMessage: () => Promise.resolve(),
      onRefused: () => {},
      onFlood: () => {},
    },
    maxConnections: 100,
    maxMessagesPerSecond: 10_000,
  });
  await broker.start();
  return broker;
};

t.test('Paho’s Python client', { skip: skipPaho }, async (t) => {
  const broker = await start();
  t.teardown(() => broker.stop());
  const { stdout } = await run(python, [script, String(broker.port)], { timeout: 90_000 });
  const lines = stdout.trim().split('\n');
  for (const line of lines) t.match(line, /^ok - /, line.replace(/^ok - /, ''));
  t.ok(lines.length >= 18, 'every check said something');
  t.same(broker.kept, { retained: 0, retainedBytes: 0, sessions: 0, queued: 0 }, 'and nothing is left behind');
});

t.test('mosquitto’s clients', { skip: skipMosquitto }, async (t) => {
  const broker = await start();
  t.teardown(() => broker.stop());
  const login = ['-h', '127.0.0.1', '-p', String(broker.port), '-u', 'site', '-P', 'pass'];
  const publish = (...args: string[]) => run('mosquitto_pub', [...login, ...args], { timeout: 90_000 });
  const subscribe = (...args: string[]) => run('mosquitto_sub', [...login, '-W', '60', ...args], { timeout: 90_000 });
  await publish('-t', 'site/m/kept', '-m', 'old', '-q', '2', '-r');
  t.equal(
    (await subscribe('-t', 'site/m/#', '-C', '1', '-F', '%r %q %t %p', '-q', '1')).stdout,
    '1 1 site/m/kept old\n',
  );

  const session = ['-i', 'keeper', '-c', '-q', '1'];
  await subscribe(...session, '-t', 'site/s/#', '-E');
  for (const text of ['one', 'two', 'three']) await publish('-t', 'site/s/x', '-m', text, '-q', '1');
  t.equal((await subscribe(...session, '-t', 'site/s/#', '-C', '3')).stdout, 'one\ntwo\nthree\n');

  const refused = await publish('-V', '5', '-t', 'site/x', '-m', 'x').catch((error) => String(error.stderr));
  t.match(refused, /unsupported protocol version|unacceptable protocol version/i, 'MQTT 5 is refused in its words');
  const wrong = await run('mosquitto_pub', [...login.slice(0, -1), 'wrong', '-t', 'site/x', '-m', 'x']).catch((error) =>
    String(error.stderr),
  );
  t.match(wrong, /not authori[sz]ed|bad user name or password/i);
  const many = await subscribe('-t', '$share/g/site/x', '-E').catch((error) => String(error.stderr));
  t.match(
    typeof many === 'string' ? many : many.stderr,
    /denied|rejected|subscri/i,
    'a shared subscription is refused',
  );
});
