import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { stringify } from 'yaml';
import { openDrillDatabase } from '../bench/drill/drill-database.js';
import { LiveViewer } from '../bench/live/live-viewer.js';
import { openTcpProxy } from '../faults/tcp-proxy.js';
import { freePort } from '../free-port.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { ApiClient } from './api-client.js';
import { compareBooks } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { type PartProcess, startPart } from './part-process.js';
import { testFolder } from './test-folder.js';
import { runHub } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const hasFfmpeg = !spawnSync('ffmpeg', ['-version']).error;
const missing = spawnSync('mosquitto', ['-h'], { env }).error && 'mosquitto is missing: apt-get install mosquitto';

/** The blocks of docs/operations.md that begin with `# <path>`. */
const documented = (path: string): string => {
  const text = readFileSync(fileURLToPath(new URL('../../../docs/operations.md', import.meta.url)), 'utf8');
  const block = new RegExp(`\`\`\`conf\\n# ${path.replaceAll('.', '\\.')}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (!block) throw new Error(`docs/operations.md has no ${path}`);
  return block;
};

/** The operator's own authority, by openssl as the operator would. */
const makeOwnAuthority = (folder: string): void => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const made = (name: string) => [
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
  ];
  openssl('req', '-x509', ...made('own-ca'), '-subj', '/CN=own CA');
  const signed = ['-CA', 'own-ca.pem', '-CAkey', 'own-ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  openssl(
    'req',
    '-x509',
    ...made('own-broker'),
    '-subj',
    '/CN=broker',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    ...signed,
  );
  openssl('req', '-x509', ...made('cloud'), '-subj', '/CN=hallhub-cloud', ...signed);
};

/** What a camera without ONVIF shows, again and again: few bytes, so that no line is too slow for its pictures. */
const makeFilm = (file: string): void => {
  const source = 'testsrc2=size=320x180:rate=10:duration=4';
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '45', '-pix_fmt', 'yuv420p', '-g', '10'];
  execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', source, ...codec, file]);
};

/** Until each has shown so many pictures. Whoever’s ticket is over takes another one, as a page does. */
const untilShown = (viewers: LiveViewer[], count: number, open: () => Promise<LiveViewer>) =>
  waitUntil(
    `${count} pictures for each`,
    async () => {
      for (const [at, { closedBy }] of viewers.entries()) if (closedBy !== undefined) viewers[at] = await open();
      return viewers.every(({ state, pictures }) => state === 'live' && pictures >= count);
    },
    { withinMs: 300_000, seen: () => viewers.map(({ state, pictures, closedBy }) => [state, pictures, closedBy]) },
  );

/** Mosquitto as docs/operations.md sets it up, and what its path unit does: a new list of revocations is read at once. */
const startMosquitto = async (folder: string, ports: { readonly unit: number; readonly cloud: number }) => {
  const configured = documented('/etc/mosquitto/conf.d/hallhub.conf')
    .replaceAll('/etc/mosquitto/hallhub', folder)
    .replace('listener 8883', `listener ${ports.unit} 127.0.0.1`)
    .replace('listener 8884', `listener ${ports.cloud} 127.0.0.1`);
  for (const name of ['units.acl', 'cloud.acl']) {
    writeFileSync(join(folder, name), documented(`/etc/mosquitto/hallhub/${name}`));
    // It refuses lists that others may change.
    chmodSync(join(folder, name), 0o600);
  }
  const asUs = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(join(folder, 'mosquitto.conf'), `${asUs}log_dest stderr\n${configured}`);
  const child: ChildProcess = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'pipe', env });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  await waitUntil('mosquitto', () => {
    if (child.exitCode !== null) throw new Error(`mosquitto ended: ${said}`);
    return /running/.test(said);
  });
  const seen = watch(folder, (_event, name) => name === 'crl.pem' && child.kill('SIGHUP'));
  return {
    async [Symbol.asyncDispose]() {
      seen.close();
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
};

t.test('two cloud processes, a broker of one’s own, a unit by its certificate', { skip: missing }, async (t) => {
  const folder = testFolder(t);
  const [broker, unitDir] = [join(folder, 'broker'), join(folder, 'edge')];
  for (const one of [broker, unitDir]) mkdirSync(one);
  makeOwnAuthority(broker);
  const database = await openDrillDatabase(join(folder, 'database'));
  t.teardown(() => database[Symbol.asyncDispose]());
  const ports = { unit: await freePort(), cloud: await freePort(), gateway: await freePort(), hall: await freePort() };
  const http = [await freePort(), await freePort()] as const;
  const line = await openTcpProxy({ port: ports.unit });
  t.teardown(() => line[Symbol.asyncDispose]());
  const shared = {
    ...{ DATABASE_URL: database.url, HALLHUB_SECRET: 'a secret that both processes share, long enough' },
    ...{ HALLHUB_MQTT_URL: `mqtts://127.0.0.1:${ports.cloud}`, HALLHUB_MQTT_CA: join(broker, 'own-ca.pem') },
    ...{ HALLHUB_MQTT_CERT: join(broker, 'cloud.pem'), HALLHUB_MQTT_KEY: join(broker, 'cloud.key') },
    ...{ HALLHUB_UNIT_MQTT_URL: `mqtts://127.0.0.1:${line.port}`, HALLHUB_UNIT_HOSTS: '127.0.0.1' },
    ...{ HALLHUB_BACKUP: 'off', HALLHUB_LOG_LEVEL: 'warn' },
  };
  const startCloud = (at: 0 | 1, flags: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<PartProcess> => {
    const off = ['--mqtt-port', 'off', '--mqtts-port', 'off'];
    const args = ['--data', join(folder, 'cloud'), '--port', String(http[at]), ...off, ...flags];
    return startPart('cloud/src/main.ts', { args, env: { ...shared, ...more } });
  };
  // The documented order: the cloud writes what the broker needs before it dials it.
  const starting = startCloud(0, ['--unit-port', String(ports.gateway), '--seed-demo'], {
    HALLHUB_BROKER_FILES: broker,
  });
  starting.catch(() => undefined);
  const files = ['trust.pem', 'crl.pem', 'broker.pem', 'broker.key'].map((name) => join(broker, name));
  await waitUntil('the files of the broker', () => files.every((file) => existsSync(file)));
  const mosquitto = await startMosquitto(broker, ports);
  t.teardown(() => mosquitto[Symbol.asyncDispose]());
  const first = await starting;
  t.teardown(() => first.stop());
  const second = await startCloud(1, ['--unit-port', 'off']);
  t.teardown(() => second.kill());

  const ready = first.ready as unknown as {
    firstUser: { userName: string; oneTimePassword: string };
    demoUnit: { unitId: string; enrolment: { code: string; gateway: string } };
  };
  const { unitId, enrolment } = ready.demoUnit;
  const config = {
    version: 1,
    broker: { host: '127.0.0.1', port: ports.hall },
    // A machine that is busy with other tests answers late, which looks like a slow line.
    link: { lowData: 'off' },
    join: { policy: 'window', until: new Date(Date.now() + 86_400_000).toISOString() },
    ...(hasFfmpeg ? { vision: { cameras: [{ id: 'hall', file: 'film.mp4' }] } } : {}),
  };
  if (hasFfmpeg) makeFilm(join(unitDir, 'film.mp4'));
  writeFileSync(join(unitDir, 'edge.yaml'), stringify(config));
  const hub = (...args: string[]) => runHub(unitDir, ...args);
  const enrolled = await hub('enrol', enrolment.code, '--cloud', enrolment.gateway);
  t.equal(enrolled.code, 0, enrolled.err);
  t.match(JSON.parse(readFileSync(join(unitDir, 'unit.json'), 'utf8')), {
    cloud: { mqtt: `mqtts://127.0.0.1:${line.port}` },
  });
  const edge = await startPart('edge/src/main.ts', { args: ['--data', unitDir] });
  t.teardown(() => edge.stop());
  const counting = new CountingDevice('OWN-1', 100);
  const device = new NativeDevice({ url: `mqtt://127.0.0.1:${ports.hall}`, behaviour: counting, retryMs: 200 });
  t.teardown(() => device[Symbol.asyncDispose]());
  device.start();

  const api = new ApiClient(`http://127.0.0.1:${http[0]}`);
  await api.signInFirst(ready.firstUser.userName, ready.firstUser.oneTimePassword, 'A hall of our own 1');
  const deviceId = await waitUntil('the device in the cloud', async () => {
    const devices = await api.all<{ id: string; serial: string; state: string }>('/devices');
    return devices.find(({ serial, state }) => serial === 'OWN-1' && state === 'active')?.id;
  });
  const more = (count: number) => {
    const before = counting.acknowledgedValues.length;
    return waitUntil('more values', () => counting.acknowledgedValues.length >= before + count);
  };
  await more(20);

  let cameraId: string | undefined;
  await t.test('a viewer at one process, the unit’s pictures at the other', { skip: !hasFfmpeg }, async (t) => {
    cameraId = await waitUntil(
      'the camera in the cloud',
      async () => (await api.all<{ deviceId: string }>('/vision/cameras'))[0]?.deviceId,
    );
    const document = { purpose: 'test', views: [{ id: crypto.randomUUID(), name: 'all', rules: [] }] };
    const put = await api.request('PUT', `/api/v1/vision/cameras/${cameraId}`, document, { 'if-match': '"0"' });
    t.equal(put.status, 200, JSON.stringify(put.body));
    const there = new ApiClient(`http://127.0.0.1:${http[1]}`);
    await there.signIn(ready.firstUser.userName, 'A hall of our own 1');
    const id = cameraId;
    const open = () => LiveViewer.open(there, id);
    const viewers = [await open(), await open()];
    t.teardown(() => {
      for (const viewer of viewers) viewer[Symbol.dispose]();
    });
    // The unit posts to the only gateway there is: the first process's.
    await untilShown(viewers, 20, open);
    t.same([...new Set(viewers.map(({ width }) => width))], [320]);
    const openHere = () => LiveViewer.open(api, id);
    // A third one, where the pictures come in.
    const here = [await openHere()];
    await untilShown(here, 5, openHere);
    for (const viewer of [...viewers, ...here]) viewer[Symbol.dispose]();
    const gone = async () => {
      const { vision } = JSON.parse((await hub('status', '--json')).out) as { vision: { live: unknown[] } };
      return vision.live.length === 0;
    };
    await waitUntil('the unit to stop', gone, { everyMs: 1_000 });
  });

  await second.kill();
  await more(20);

  const listBefore = readFileSync(join(broker, 'crl.pem'), 'utf8');
  await device[Symbol.asyncDispose]();
  t.match(await compareBooks({ api, hub }, deviceId, counting), {
    ...{ missingValues: [], doubleValues: [], missingEvents: [], doubleEvents: [] },
  });
  const looking: LiveViewer[] = [];
  t.teardown(() => looking[0]?.[Symbol.dispose]());
  if (cameraId) {
    const id = cameraId;
    const open = () => LiveViewer.open(api, id);
    looking.push(await open());
    await untilShown(looking, 5, open);
  }
  await api.post(`/units/${unitId}/certificates/revoke`, { reason: 'lost' });
  await waitUntil('a new list of revocations', () => readFileSync(join(broker, 'crl.pem'), 'utf8') !== listBefore);
  const refused = await waitUntil('the refusal', async () => {
    const { identity, uplink } = JSON.parse((await hub('status', '--json')).out);
    // Until it has read the list, the broker takes the unit back.
    if (uplink.state === 'online') line.reset();
    return identity.state === 'refused' && uplink.state !== 'online' && `${identity.reason} ${uplink.reason}`;
  });
  t.match(refused, /revoked/);
  let shown = -1;
  const stands = () => {
    const before = shown;
    shown = looking[0]?.pictures ?? 0;
    return shown === before;
  };
  await waitUntil('no more pictures of a revoked unit', stands, { everyMs: 1_500 });
});
