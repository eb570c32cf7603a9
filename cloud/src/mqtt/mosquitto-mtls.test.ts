import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, systemClock, uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import mqtt from 'mqtt';
import pino from 'pino';
import t from 'tap';
import { withSystem } from '../db/index.js';
import { startTestDatabase } from '../db/testing.js';
import { until } from '../listeners/testing.js';
import { revocationLists } from '../modules/pki/index.js';
import { addTestCertificate, openTestPki } from '../modules/pki/testing.js';
import { addTestHall, addTestUnit } from '../modules/streams/testing.js';
import { keepBrokerFiles } from './broker-files.js';
import type { UnitMessage } from './cloud-messaging.js';
import { connectExternalBroker } from './connect-external-broker.js';

const log = pino({ level: process.env.LOG ?? 'silent' });
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const missing = spawnSync('mosquitto', ['-h'], { env }).error
  ? 'mosquitto is missing: apt-get install mosquitto'
  : false;

/** The blocks of docs/operations.md that begin with `# <path>`. */
const documented = (path: string): string => {
  const text = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const block = new RegExp(`\`\`\`conf\\n# ${path.replaceAll('.', '\\.')}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (!block) throw new Error(`docs/operations.md has no ${path}`);
  return block;
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** The operator's own authority, by openssl as the operator would. */
const makeOwnAuthority = (folder: string): void => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'own-ca.key', '-out', 'own-ca.pem', '-subj', '/CN=own', '-days', '2');
  for (const [name, cn, extra] of [
    ['own-broker', 'broker', 'subjectAltName=IP:127.0.0.1'],
    ['cloud', 'hallhub-cloud', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${cn}`);
    writeFileSync(join(folder, `${name}.ext`), extra);
    const signer = ['-CA', 'own-ca.pem', '-CAkey', 'own-ca.key', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-extfile', `${name}.ext`, '-out', `${name}.pem`);
  }
};

t.test('mosquitto by the documented configuration, with our certificates', { skip: missing }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-mosquitto-'));
  const database = await startTestDatabase(t);
  const clock = new ManualClock(Date.now());
  const pki = await openTestPki(t, database, { clock });
  const lists = revocationLists(database, systemClock, pki);
  const files = await keepBrokerFiles({ folder, pki, revocationLists: lists, clock, log });
  t.teardown(() => files.close());
  t.equal(statSync(join(folder, 'broker.key')).mode & 0o777, 0o640);
  makeOwnAuthority(folder);
  const [unitPort, cloudPort] = [await freePort(), await freePort()];
  const configured = documented('/etc/mosquitto/conf.d/hallhub.conf')
    .replaceAll('/etc/mosquitto/hallhub', folder)
    .replace('listener 8883', `listener ${unitPort} 127.0.0.1`)
    .replace('listener 8884', `listener ${cloudPort} 127.0.0.1`);
  writeFileSync(join(folder, 'units.acl'), documented('/etc/mosquitto/hallhub/units.acl'));
  writeFileSync(join(folder, 'cloud.acl'), documented('/etc/mosquitto/hallhub/cloud.acl'));
  // Started by root it would become another user, who may not read the test's folder.
  writeFileSync(join(folder, 'mosquitto.conf'), `user root\nlog_dest stderr\n${configured}`);
  const broker: ChildProcess = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'pipe', env });
  let said = '';
  broker.stderr?.on('data', (chunk) => (said += chunk));
  t.teardown(() => {
    broker.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => /running/.test(said) || broker.exitCode !== null);
  t.equal(broker.exitCode, null, 'it takes the configuration', { said });

  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const url = `mqtts://127.0.0.1:${cloudPort}`;
  const tls = { ca: read('own-ca.pem'), cert: read('cloud.pem'), key: read('cloud.key') };
  const cloud = await connectExternalBroker({ url, tls, log });
  t.teardown(() => cloud.close());
  const seen: UnitMessage[] = [];
  cloud.onMessage((message) => seen.push(message));
  await t.rejects(connectExternalBroker({ url, tls: { ca: tls.ca }, log, connectTimeoutMs: 1_500 }), {
    code: 'configuration',
  });

  const hall = await addTestHall(database);
  const one = {
    unitId: hall.unitId,
    ...(await addTestCertificate(t, database, hall.unitId, { pki, nowMs: Date.now() })),
  };
  const { unitId: otherId } = await addTestUnit(database, hall);
  const other = { unitId: otherId, ...(await addTestCertificate(t, database, otherId, { pki, nowMs: Date.now() })) };
  const clients: mqtt.MqttClient[] = [];
  t.teardown(() => {
    for (const client of clients) client.end(true);
  });
  const connect = (as?: typeof one, given: mqtt.IClientOptions = {}) =>
    new Promise<mqtt.MqttClient>((resolve, reject) => {
      const client = mqtt.connect(`mqtts://127.0.0.1:${unitPort}`, {
        ...{ ca: read('trust.pem'), reconnectPeriod: 0, connectTimeout: 3_000 },
        ...(as ? { cert: as.row.certificate, key: as.privateKeyPem } : {}),
        ...given,
      });
      clients.push(client);
      client.once('connect', () => resolve(client));
      client.on('error', reject);
      client.once('close', () => reject(new Error('closed')));
    });
  const mine = await connect(one);
  const theirs = await connect(other, { username: one.unitId });
  const got: string[] = [];
  mine.on('message', (topic) => got.push(`mine ${topic}`));
  theirs.on('message', (topic) => got.push(`theirs ${topic}`));
  await mine.subscribeAsync(unitTopics.down(one.unitId), { qos: 1 });
  await theirs.subscribeAsync([unitTopics.all(one.unitId), unitTopics.down(other.unitId), '#'], { qos: 1 });
  await mine.publishAsync(unitTopics.hello(one.unitId), 'mine', { qos: 1 });
  await until(() => seen.length === 1);
  t.match(seen[0], { unitId: one.unitId, channel: 'hello' });
  await theirs.publishAsync(unitTopics.hello(one.unitId), 'escape', { qos: 1 });
  await theirs.publishAsync(unitTopics.hello(other.unitId), 'theirs', { qos: 1 });
  await until(() => seen.length === 2);
  t.match(seen[1], { unitId: other.unitId }, "another's topic is dropped, whatever user name was claimed");
  await cloud.publish(unitTopics.downAck(one.unitId), '{}');
  await cloud.publish(unitTopics.downAck(other.unitId), '{}');
  const down = () => got.filter((line) => line.includes('/down/')).sort();
  await until(() => down().length === 2);
  t.same(down(), [`mine ${unitTopics.downAck(one.unitId)}`, `theirs ${unitTopics.downAck(other.unitId)}`]);
  t.notOk(
    got.some((line) => line.startsWith('theirs') && line.includes(one.unitId)),
    'nobody hears another',
  );
  // What cloud processes tell one another: theirs alone.
  const heard: string[] = [];
  const process = await mqtt.connectAsync(url, { ...tls, reconnectPeriod: 0 });
  clients.push(process);
  process.on('message', (topic, body) => heard.push(`${topic} ${body}`));
  await process.subscribeAsync('hh/1/live/#', { qos: 1 });
  await mine.subscribeAsync(['hh/1/live/#', '#', 'hh/1/live/tenant'], { qos: 1 }).catch(() => undefined);
  await mine.publishAsync('hh/1/live/tenant', 'forged', { qos: 1 });
  await process.publishAsync('hh/1/live/tenant', 'real', { qos: 1 });
  await until(() => heard.length > 0);
  t.same(heard, ['hh/1/live/tenant real'], 'a unit cannot say it');
  // Down to this unit by the same broker: whatever was sent before it has been delivered or never will be.
  await cloud.publish(unitTopics.downAck(one.unitId), '{}');
  await until(() => down().length === 3);
  t.notOk(
    got.some((line) => line.includes('hh/1/live/')),
    'nor hear it',
  );
  await t.rejects(connect(undefined, { username: uuidv7(), password: 'x' }), 'no certificate');

  await withSystem(database, (tx) =>
    tx.$client.query(
      `UPDATE unit_certificates SET revoked_at = now(), revoked_why = 'lost', revoked_seen = clock_timestamp() WHERE unit_id = $1`,
      [one.unitId],
    ),
  );
  const before = read('crl.pem');
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await pki.refresh();
  await until(() => read('crl.pem') !== before);
  broker.kill('SIGHUP');
  await until(() => /Reloading config/.test(said));
  await mine.endAsync(true);
  await t.rejects(connect(one), 'revoked');
  t.ok((await connect(other)).connected, 'others get in');
});
