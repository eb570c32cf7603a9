import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { freePort } from '../free-port.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { failToStart, startPart } from './part-process.js';
import { testFolder } from './test-folder.js';
import { runHub } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const edgeMain = 'edge/src/main.ts';
const corpus = fileURLToPath(new URL('../../../firmware-profiles', import.meta.url));

/** A unit's data folder; what `config` does not say is as in any hall. */
const unitFolder = async (t: Test, config: Record<string, unknown> = {}, name = '单元 一') => {
  const dir = join(testFolder(t), name);
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const whole = {
    version: 1,
    broker: { host: '127.0.0.1', port },
    join: { policy: 'window', until: new Date(Date.now() + 86_400_000).toISOString() },
    ...config,
  };
  writeFileSync(join(dir, 'edge.yaml'), stringify(whole));
  return { dir, port, mqtt: `mqtt://127.0.0.1:${port}` };
};

const startUnit = async (t: Test, dir: string) => {
  const unit = await startPart(edgeMain, { args: ['--data', dir] });
  t.teardown(() => unit.stop());
  return unit;
};

const joinsAndIsLive = async (t: Test, unit: { dir: string; mqtt: string }, serial: string) => {
  const device = new NativeDevice({ url: unit.mqtt, behaviour: new QueueMachine({ serial }), retryMs: 200 });
  t.teardown(() => device[Symbol.asyncDispose]());
  device.start();
  await waitUntil('the device to be let in', () => device.state === 'online');
  await waitUntil('the unit to list it as live', async () => {
    const { out } = await runHub(unit.dir, 'devices', 'list', '--json');
    const { devices } = JSON.parse(out) as {
      devices: { state: string; presence: string; identity: { serial: string } }[];
    };
    return devices.some((d) => d.identity.serial === serial && d.state === 'active' && d.presence === 'online');
  });
};

t.test('the port of its broker is in use: fatal names the port and the way out, exit code 2', async (t) => {
  const { dir, port } = await unitFolder(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { fatal, exitCode, log } = await failToStart(edgeMain, { args: ['--data', dir] });
  t.match(fatal, { code: 'configuration', message: `port 127.0.0.1:${port} is in use`, hint: /broker\.port/ });
  t.equal(exitCode, 2);
  t.match(log, `port 127.0.0.1:${port} is in use`, 'it stands in the log as well');
});

t.test('a data folder that cannot be made is named with what to do, exit code 2', async (t) => {
  // Nobody can make a folder there, root included; one of them answers EPERM, the other ENOENT.
  for (const dataDir of ['/sys/hallhub-edge', '/proc/hallhub-edge/deep']) {
    const { fatal, exitCode } = await failToStart(edgeMain, { args: ['--data', dataDir] });
    t.match(fatal, { code: 'store_unwritable', message: dataDir.split('/deep')[0], hint: /./ }, dataDir);
    t.equal(exitCode, 2);
  }
  const { dir } = await unitFolder(t);
  const inTheWay = join(dir, 'edge.yaml');
  t.match(await failToStart(edgeMain, { args: ['--data', join(inTheWay, 'edge')] }), {
    fatal: { message: inTheWay, hint: /./ },
    exitCode: 2,
  });
  if (process.getuid?.() === 0) return;
  chmodSync(dir, 0o555);
  const refused = await failToStart(edgeMain, { args: ['--data', dir] }).finally(() => chmodSync(dir, 0o755));
  t.match(refused, { fatal: { code: 'store_unwritable', message: dir, hint: /./ }, exitCode: 2 });
});

t.test('what is wrong in edge.yaml is told by file, line and a sentence, exit code 2', async (t) => {
  const { dir } = await unitFolder(t);
  const file = join(dir, 'edge.yaml');
  for (const [text, line, said] of [
    ['version: 1\nbroker:\n  port: many\n', 3, /number/],
    ['version: 1\nbroker: {port: 1883\njoin: [\n', 2, /./],
    ['version: 1\nbrokr: {}\n', 2, /brokr/],
    ['version: 1\njoin: {policy: window}\n', 2, /until/],
  ] as const) {
    writeFileSync(file, text);
    const { fatal, exitCode } = await failToStart(edgeMain, { args: ['--data', dir] });
    t.match(fatal, { code: 'configuration', message: said, hint: file });
    t.match(fatal?.message, new RegExp(`edge\\.yaml:[${line}${line + 1}]`), String(fatal?.message));
    t.equal(exitCode, 2);
  }
});

t.test(
  'a broken profile, a broken bus and a half-written unit.json: each is told, the hall goes on without them',
  async (t) => {
    const unit = await unitFolder(t, {
      profiles: './profiles',
      modbus: [{ id: 'wrong', url: 'gopher://nowhere', unitIds: [1] }],
    });
    const profiles = join(unit.dir, 'profiles');
    cpSync(corpus, profiles, { recursive: true, dereference: true });
    writeFileSync(join(profiles, 'hallhub', 'ev-100.yaml'), 'profile: 1\nvendor: hallhub\n  model: [broken\n');
    writeFileSync(join(profiles, 'hallhub', 'zz-1.yaml'), Buffer.from([0xff, 0xfe, 0, 1, 2, 3]));
    writeFileSync(join(unit.dir, 'unit.json'), '{"unitId":"0198c0de-0000-7000-8000-0000000');
    const part = await startUnit(t, unit.dir);
    // Ready is told on another way than the log is.
    await waitUntil('the log to name the file', () => /unit\.json is not complete JSON/.test(part.log()));

    const doctor = await runHub(unit.dir, 'doctor', '--json');
    t.not(doctor.code, 0, 'doctor does not call this healthy');
    const { checks } = JSON.parse(doctor.out) as {
      checks: { check: string; verdict: string; message: string; facts: { issues?: string[] } }[];
    };
    const profileCheck = checks.find(({ check }) => check === 'profiles');
    t.match(profileCheck, { verdict: 'warning', message: /hallhub\/(ev-100|zz-1)\.yaml:\d+/ });
    const issues = profileCheck?.facts.issues?.join('\n') ?? '';
    t.match(issues, /hallhub\/ev-100\.yaml:[23]:\d+/, 'the line of the mistake');
    t.match(issues, /hallhub\/zz-1\.yaml/, 'bytes that are no text as well');
    t.match(
      checks.find(({ check }) => check === 'adapter wrong'),
      { verdict: 'failed', message: /edge\.yaml:\d+:\d+.*url/s },
    );
    t.match(
      checks.find(({ check }) => check === 'cloud'),
      { verdict: 'failed', message: /unit\.json is not complete JSON/ },
      'doctor says that the file is broken, not that it is missing',
    );
    const status = await runHub(unit.dir, 'status');
    t.match(status.out, /unit\.json is not complete JSON/, 'and so does hub status');
    await joinsAndIsLive(t, unit, 'ALONE-1');

    const stranger = new NativeDevice({
      url: unit.mqtt,
      behaviour: {
        identity: { vendor: 'hallhub', model: 'ev-100', serial: 'ALONE-2', firmware: '1' },
        start: () => ({ [Symbol.dispose]: () => undefined }),
        execute: () => undefined,
      },
    });
    t.teardown(() => stranger[Symbol.asyncDispose]());
    stranger.start();
    await waitUntil('the model whose profile is broken to wait', () => stranger.state === 'pending');
    await waitUntil('it to be listed as waiting', async () =>
      /ev-100 +ALONE-2 +mqtt +quarantined/.test((await runHub(unit.dir, 'devices', 'list')).out),
    );
  },
);
