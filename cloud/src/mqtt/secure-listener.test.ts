import { spawn } from 'node:child_process';
import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import mqtt from 'mqtt';
import pino from 'pino';
import t from 'tap';
import type { Refusal } from '../listeners/index.js';
import {
  connectPacket,
  dial,
  makeTestPki,
  type TestPki,
  type UnitIdentity,
  until,
  untilClosed,
} from '../listeners/testing.js';
import type { UnitMessage } from './cloud-messaging.js';
import { openCloudBroker } from './open-cloud-broker.js';

const log = pino({ level: process.env.LOG ?? 'silent' });

const setup = async (
  t: { teardown(fn: () => unknown): unknown },
  options: { pki?: TestPki; recheckMs?: number } = {},
) => {
  const pki = options.pki ?? (await makeTestPki());
  const refused: Refusal[] = [];
  const seen: UnitMessage[] = [];
  const broker = await openCloudBroker({
    ...{ host: '127.0.0.1', port: null, log },
    authenticator: { authenticateUnit: async () => true },
    secure: { host: '127.0.0.1', port: 0, pki, recheckMs: options.recheckMs },
    onRefused: (refusal) => refused.push(refusal),
  });
  broker.onMessage((message) => seen.push(message));
  const clients: mqtt.MqttClient[] = [];
  t.teardown(async () => {
    for (const client of clients) client.end(true);
    await broker.close();
  });
  const connect = async (identity: UnitIdentity | null, given: mqtt.IClientOptions = {}) => {
    const client = mqtt.connect(broker.secureUrl!, {
      ...{ ca: [...pki.trust().certificates], reconnectPeriod: 0, connectTimeout: 60_000 },
      ...(identity ?? {}),
      ...given,
    });
    clients.push(client);
    return new Promise<mqtt.MqttClient>((resolve, reject) => {
      client.once('connect', () => resolve(client));
      client.on('error', reject);
      client.once('close', () => reject(new Error('closed without a word')));
    });
  };
  return { pki, broker, refused, seen, connect };
};

t.test('a certificate says who it is; a user name may only say the same', async (t) => {
  const { pki, broker, refused, seen, connect } = await setup(t);
  t.equal(broker.url, null);
  const [mine, other] = [uuidv7(), uuidv7()];
  const identity = await pki.issue(mine);
  const client = await connect(identity);
  await client.subscribeAsync(unitTopics.down(mine), { qos: 1 });
  const got: string[] = [];
  client.on('message', (topic, payload) => got.push(`${topic} ${payload}`));
  await client.publishAsync(unitTopics.hello(mine), 'x', { qos: 1 });
  await until(() => seen.length === 1);
  t.match(seen[0], { unitId: mine, channel: 'hello' });
  await broker.publish(unitTopics.downAck(mine), '{}');
  await until(() => got.length === 1);
  t.ok((await connect(identity, { username: mine })).connected);
  await t.rejects(connect(identity, { username: other, password: 'x' }), { code: 5 });
  t.match(refused.at(-1), { reason: 'wrong_unit', unitId: mine, listener: 'mqtts' });
  const escaped = await connect(identity);
  escaped.publish(unitTopics.hello(other), 'x', { qos: 1 });
  await until(() => !escaped.connected);
  await until(() => refused.some(({ reason }) => reason === 'topic'));
  t.match(refused.at(-1), { unitId: mine, certificate: { commonName: mine } });
  t.equal(seen.filter(({ unitId }) => unitId === other).length, 0);
});

t.test('who is refused, and how it is told', async (t) => {
  const { pki, refused, connect } = await setup(t);
  const foreign = await makeTestPki();
  const unitId = uuidv7();
  await t.rejects(connect(null, { username: unitId, password: 's'.repeat(72) }), /closed/, 'no certificate');
  await t.rejects(connect(await foreign.issue(unitId)), /closed/, 'another authority');
  await t.rejects(connect(await pki.issue(unitId, { unbooked: true })), { code: 5 }, 'ours, but not in the books');
  await t.rejects(connect(await pki.issue(unitId, { bornMs: Date.now() - 200 * 86_400_000 })), { code: 5 }, 'expired');
  t.match(refused.at(-1), { reason: 'certificate_expired', unitId });
  // Anybody can write any name into a certificate of their own that has run out.
  const forged = await foreign.issue(unitId, { bornMs: Date.now() - 200 * 86_400_000 });
  await t.rejects(connect(forged));
  t.match(refused.pop(), { unitId: null }, 'nothing is told about a unit of ours that it did not do');
  const good = await pki.issue(unitId);
  const server = pki.serverCredentials();
  await t.rejects(
    connect({ cert: server.cert, key: server.key }),
    /closed/,
    "the server's own certificate is no unit's",
  );
  pki.away = true;
  await t.rejects(connect(good), { code: 3 }, 'it may try again');
  pki.away = false;
  pki.revoke(unitId, 'archived');
  await t.rejects(connect(good), { code: 5 });
  pki.revoke(unitId, 'revoked');
  await t.rejects(connect(good), { code: 5 });
  t.same(
    refused.map(({ reason }) => reason),
    [
      ...['no_certificate', 'foreign_certificate', 'certificate_unknown', 'certificate_expired', 'foreign_certificate'],
      ...['unit_archived', 'certificate_revoked'],
    ],
  );
  t.match(refused[1], { certificate: { commonName: unitId, sha256: /^[0-9a-f]{64}$/ }, address: '127.0.0.1' });
});

t.test('revoked: the connection ends at once, others stay; found again by looking', async (t) => {
  const { pki, broker, refused, connect } = await setup(t, { recheckMs: 20 });
  const [one, two, three] = [uuidv7(), uuidv7(), uuidv7()];
  const first = await connect(await pki.issue(one));
  const second = await connect(await pki.issue(two));
  pki.revoke(one);
  await until(() => !first.connected);
  t.ok(second.connected);
  t.match(refused.at(-1), { reason: 'certificate_revoked', unitId: one });
  const third = await connect(await pki.issue(three));
  pki.away = true;
  const asked = pki.asked;
  await until(() => pki.asked > asked + 4);
  t.ok(third.connected && second.connected, 'with the database away nobody is cut off');
  pki.away = false;
  const { judgeCertificate } = pki;
  pki.judgeCertificate = async () => ({ ok: false, reason: 'expired', unitId: three });
  await until(() => !third.connected && !second.connected);
  pki.judgeCertificate = judgeCertificate;
  await until(() => broker.connections() === 0);
});

t.test('certificates change without a restart, connections stay', async (t) => {
  const { pki, broker, connect } = await setup(t);
  const unitId = uuidv7();
  const old = await connect(await pki.issue(unitId));
  const before = (await dial(broker.secureUrl!, pki)).getPeerCertificate().fingerprint256;
  await pki.rotate();
  const after = await dial(broker.secureUrl!, pki);
  t.not(after.getPeerCertificate().fingerprint256, before);
  after.destroy();
  t.ok(old.connected);
  t.ok((await connect(await pki.issue(uuidv7()))).connected, 'issued by the new authority');
});

t.test('TLS as it should be', async (t) => {
  const { pki, broker, connect } = await setup(t);
  const url = broker.secureUrl!;
  const identity = await pki.issue(uuidv7());
  const bystander = await connect(await pki.issue(uuidv7()));
  await t.rejects(dial(url, pki, { ...identity, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }), 'TLS 1.1');
  await t.rejects(dial(url, pki, { ...identity, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }), 'CBC');
  for (const servername of ['evil.example', 'a'.repeat(255)]) {
    const socket = await dial(url, pki, { ...identity, servername, checkServerIdentity: () => undefined });
    t.match(
      socket.getPeerCertificate().subjectaltname,
      /127\.0\.0\.1/,
      'one name, one certificate, whatever was asked for',
    );
    socket.destroy();
  }
  await t.rejects(dial(url, pki, { ...identity, servername: 'evil.example' }), /not match|altnames/);
  const { hostname, port } = new URL(url);
  const openssl = spawn('openssl', ['s_client', '-connect', `${hostname}:${port}`, '-tls1_2'], { stdio: 'pipe' });
  let said = '';
  for (const stream of [openssl.stdout, openssl.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => openssl.once('close', resolve));
  t.teardown(() => openssl.kill('SIGKILL'));
  await until(() => /Secure Renegotiation IS/.test(said));
  openssl.stdin.on('error', () => {});
  openssl.stdin.write('R\n');
  await ended;
  t.match(said, /Cipher is ECDHE-ECDSA-AES(128|256)-GCM/);
  t.notMatch(said, /RENEGOTIATING[\s\S]*verify return/, 'no second handshake');
  const silent = await dial(url, pki, { ...identity, minVersion: 'TLSv1.3' });
  t.notOk(silent.isSessionReused());
  silent.write(connectPacket({}));
  t.match(await new Promise<Buffer>((resolve) => silent.once('data', resolve)), Buffer.from([0x20, 2, 0, 0]));
  silent.end(Buffer.from([0xe0, 0]));
  await untilClosed(silent);
  t.ok(bystander.connected);
});
