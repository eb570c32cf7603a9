import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { systemClock } from '@hallhub/shared';
import mqtt from 'mqtt';
import t from 'tap';
import { silentLogger } from '../ports/index.js';
import { Broker } from './broker.js';
import type { BrokerHandlers } from './broker-contract.js';
import { readTls } from './listener.js';
import { hashPassword, PasswordCheck } from './password.js';

const skip = spawnSync('openssl', ['version']).error ? 'openssl is missing: apt-get install openssl' : false;
const refused: string[] = [];
const handlers: BrokerHandlers = {
  authenticate: ({ clientId }) => ({
    kind: 'account',
    clientId,
    account: { userName: 'a', publish: ['a/#'], subscribe: ['a/#'] },
  }),
  onConnected: () => {},
  onDisconnected: () => {},
  onMessage: () => Promise.resolve(),
  onRefused: (_address, reason) => void refused.push(reason),
  onFlood: () => {},
};
const rest = {
  host: '127.0.0.1',
  port: 0,
  clock: systemClock,
  logger: silentLogger,
  handlers,
  maxConnections: 10,
  maxMessagesPerSecond: 100,
};

t.test('TLS beside the plain port', { skip }, async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hub-tls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const files = ['-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')];
  const name = ['-subj', '/CN=hall', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...make, ...files, ...name], { stdio: 'ignore' });
  const secure = readTls({ port: 0, cert: 'cert.pem', key: 'key.pem' }, folder);
  const broker = new Broker({ ...rest, tls: secure });
  await broker.start();
  t.teardown(() => broker.stop());
  const options = { username: 'a', ca: secure.cert, reconnectPeriod: 0 };
  const safe = await mqtt.connectAsync(`mqtts://127.0.0.1:${broker.tlsPort}`, options);
  const plain = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'a', reconnectPeriod: 0 });
  t.teardown(() => {
    safe.end(true);
    plain.end(true);
  });
  const heard = new Promise((resolve) => plain.once('message', (_topic, payload) => resolve(payload.toString())));
  await plain.subscribeAsync('a/x');
  await safe.publishAsync('a/x', 'over TLS', { qos: 1 });
  t.equal(await heard, 'over TLS');

  const old = new Promise<string>((resolve) => {
    const socket = tls.connect({
      host: '127.0.0.1',
      port: broker.tlsPort ?? 0,
      ca: secure.cert,
      maxVersion: 'TLSv1.1',
    });
    socket.on('error', (error) => resolve(String(error)));
    socket.on('secureConnect', () => resolve('connected'));
  });
  t.not(await old, 'connected', 'nothing older than TLS 1.2');
  const wrong = mqtt.connectAsync(`mqtt://127.0.0.1:${broker.tlsPort}`, { username: 'a', reconnectPeriod: 0 }, false);
  await t.rejects(wrong, 'plain bytes on the TLS port');
  t.equal(broker.clients.length, 2);
});

t.test('a certificate that cannot be used stops the start with a hint', async (t) => {
  t.throws(() => readTls({ port: 0, cert: 'no.pem', key: 'no.pem' }, os.tmpdir()), { code: 'configuration' });
  const broker = new Broker({ ...rest, tls: { port: 0, cert: Buffer.from('x'), key: Buffer.from('y') } });
  await t.rejects(broker.start(), { code: 'configuration', hint: /broker\.tls/ });
  t.equal(broker.port, undefined, 'and the plain port is closed again');
});

t.test('passwords of accounts by their hash', async (t) => {
  const hash = await hashPassword('right');
  t.match(hash, /^scrypt:[A-Za-z0-9_-]{22}:[A-Za-z0-9_-]{43}$/);
  t.not(await hashPassword('right'), hash, 'salted');
  const check = new PasswordCheck();
  t.equal(await check.fits(hash, Buffer.from('wrong')), false);
  t.equal(await check.fits(hash, Buffer.from('right')), true);
  t.equal(await check.fits(hash, Buffer.from('right')), true, 'remembered');
  t.equal(await check.fits(await hashPassword('other'), Buffer.from('right')), false);
});
