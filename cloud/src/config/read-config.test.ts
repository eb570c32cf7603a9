import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readConfig } from './read-config.js';
import { loadSessionSecret } from './session-secret.js';
import { readTlsFiles } from './tls-files.js';

t.test('defaults are for one machine', async (t) => {
  t.match(readConfig([], {}), {
    dataDir: join(process.cwd(), 'data'),
    host: '127.0.0.1',
    httpPort: 8080,
    mqttPort: 18_830,
    seedDemo: false,
    reissueUnit: false,
    databaseUrl: null,
    mqttUrl: null,
    mqttTls: null,
    trustedProxies: 0,
  });
});

t.test('flags and environment', async (t) => {
  const flags = [
    '--data',
    '/srv/厅 枢',
    '--port',
    '0',
    '--mqtt-port=1',
    '--host',
    '::1',
    '--seed-demo',
    '--reissue-unit',
  ];
  const env = {
    DATABASE_URL: 'postgres://u:p@db/hub',
    HALLHUB_MQTT_URL: 'mqtts://b',
    HALLHUB_PUBLIC_URL: 'https://hub.example',
  };
  t.match(readConfig(flags, env), {
    dataDir: '/srv/厅 枢',
    httpPort: 0,
    mqttPort: 1,
    host: '::1',
    seedDemo: true,
    reissueUnit: true,
    databaseUrl: env.DATABASE_URL,
    mqttUrl: env.HALLHUB_MQTT_URL,
    publicUrl: env.HALLHUB_PUBLIC_URL,
  });
  t.equal(readConfig([], { DATABASE_URL: '' }).databaseUrl, null, 'empty is not set');
});

t.test('what is wrong is named, all of it, and secrets are not repeated', async (t) => {
  const refused = (flags: string[], env: Record<string, string>, message: RegExp) =>
    t.throws(() => readConfig(flags, env), { code: 'configuration', message, hint: String });
  refused(['--port', '70000'], {}, /^--port: must be a port/);
  refused(['--port', '1.5', '--mqtt-port', 'x'], {}, /--port: .*; --mqtt-port: /);
  refused(['--prot', '1'], {}, /--prot/);
  refused(['stray'], {}, /stray/);
  refused([], { DATABASE_URL: 'mysql://db' }, /^DATABASE_URL: must be a URL with postgres or postgresql/);
  refused([], { HALLHUB_SECRET: 'short-hunter2' }, /^HALLHUB_SECRET: must have at least 32 characters$/);
  refused([], { HALLHUB_MQTT_TLS_CERT: '/c.pem' }, /go together/);
});

t.test('the session secret is made once, private, and survives a half-written file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-secret-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'deep/data');
  const both = await Promise.all([loadSessionSecret(data), loadSessionSecret(data)]);
  t.equal((await loadSessionSecret(data)).length, 64);
  t.ok(both.every((secret) => secret.length === 64));
  t.equal(statSync(join(data, 'session-secret')).mode & 0o777, 0o600);
  writeFileSync(join(data, 'session-secret'), '');
  const made = await loadSessionSecret(data);
  t.equal(readFileSync(join(data, 'session-secret'), 'utf8'), made);
  writeFileSync(join(folder, 'file'), '');
  await t.rejects(loadSessionSecret(join(folder, 'file')), { code: 'store_unwritable', hint: /--data/ });
  chmodSync(folder, 0o700);
});

t.test('a certificate that cannot be read names its setting', async (t) => {
  t.same(await readTlsFiles(null), {});
  await t.rejects(readTlsFiles({ certFile: '/nonexistent.pem', keyFile: '/nonexistent.key' }), {
    code: 'configuration',
    message: /^HALLHUB_MQTT_TLS_CERT: \/nonexistent\.pem/,
  });
});

t.test('listeners of units', async (t) => {
  t.match(readConfig([], {}), { mqttHost: '127.0.0.1', mqttsPort: 18_831, unitPort: 18_443, unitNetworks: null });
  const off = readConfig(['--mqtt-port', 'off', '--mqtts-port=off', '--unit-port', 'off', '--mqtt-host', '::'], {});
  t.match(off, { mqttPort: null, mqttsPort: null, unitPort: null, mqttHost: '::' });
  t.throws(() => readConfig(['--mqtts-port', 'on'], {}), { message: /--mqtts-port: must be a port number or off/ });
  const { unitNetworks } = readConfig([], { HALLHUB_UNIT_NETWORKS: '10.20.0.0/16, 192.0.2.7,2001:db8::/32' });
  for (const address of ['10.20.3.4', '::ffff:10.20.3.4', '192.0.2.7', '2001:db8:1::2'])
    t.ok(unitNetworks?.allows(address), address);
  for (const address of ['10.21.0.1', '192.0.2.8', '::1', undefined])
    t.notOk(unitNetworks?.allows(address), String(address));
  for (const wrong of ['10.0.0.0/33', 'hall', '10.0.0.0/', '::/129'])
    t.throws(() => readConfig([], { HALLHUB_UNIT_NETWORKS: wrong }), {
      code: 'configuration',
      message: /UNIT_NETWORKS/,
    });
  t.throws(() => readConfig([], { HALLHUB_MQTT_CERT: 'a.pem' }), { code: 'configuration' });
});
