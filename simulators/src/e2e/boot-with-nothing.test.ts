import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });
const can = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
/** Mounts and network namespaces are root's; where the suite is not root the unit tests of the store and the link stand for these. */
const isRoot = process.getuid?.() === 0;
const canMount = isRoot && can('unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');
const canUnplug = isRoot && can('unshare', '-n', 'true');

const writeConfig = async (dir: string): Promise<{ mqtt: string; port: number }> => {
  const port = await freePort();
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const config = { version: 1, broker: { host: '127.0.0.1', port }, join: { policy: 'window', until } };
  writeFileSync(join(dir, 'edge.yaml'), stringify(config));
  return { mqtt: `mqtt://127.0.0.1:${port}`, port };
};

/** A disk of its own in a folder. */
const smallDisk = (t: Test, size: string): string => {
  const folder = testFolder(t);
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
  t.teardown(() => run('umount', folder));
  return folder;
};

/** Until not a byte more goes in. */
const fill = (folder: string): string => {
  const file = join(folder, 'somebody-elses');
  spawnSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k']);
  return file;
};

const start = async (t: Test, dir: string, options: { execPath?: string } = {}) => {
  const unit = await startPart(edgeMain, { args: ['--data', dir], ...options });
  t.teardown(() => unit.stop());
  return unit;
};

const letsIn = async (t: Test, mqtt: string, serial: string): Promise<NativeDevice> => {
  const device = new NativeDevice({ url: mqtt, behaviour: new QueueMachine({ serial }), retryMs: 200 });
  t.teardown(() => device[Symbol.asyncDispose]());
  device.start();
  await waitUntil('the device to be let in', () => device.state === 'online');
  return device;
};

interface Check {
  readonly check: string;
  readonly verdict: string;
  readonly message: string;
}
const checksOf = async (dir: string): Promise<Record<string, Check>> => {
  const { out } = await runHub(dir, 'doctor', '--json');
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return Object.fromEntries(checks.map((one) => [one.check, one]));
};

t.test('no name can be resolved: the hall is served, and the line says which name', async (t) => {
  const dir = testFolder(t);
  const { mqtt } = await writeConfig(dir);
  const credential = {
    unitId: '01900000-0000-7000-8000-00000000000a',
    ...{ secret: 'x'.repeat(80), cloud: { mqtt: 'mqtt://cloud.hallhub.invalid:18830' } },
  };
  writeFileSync(join(dir, 'unit.json'), JSON.stringify(credential), { mode: 0o600 });
  await start(t, dir);
  await letsIn(t, mqtt, 'NO-DNS-1');
  const status = await waitUntil('the line to have been tried', async () => {
    const { out } = await runHub(dir, 'status');
    return /cloud\.hallhub\.invalid/.test(out) && out;
  });
  t.match(status, /Uplink +(?!online)/);
  t.match((await checksOf(dir)).cloud, { verdict: 'failed', message: /cloud\.hallhub\.invalid/ });
});

t.test(
  'a data folder that can only be read: it says so and ends with 2',
  { skip: !canMount && 'needs mounts' },
  async (t) => {
    const dir = smallDisk(t, '20m');
    await writeConfig(dir);
    run('mount', '-o', 'remount,ro', dir);
    const { fatal, exitCode } = await failToStart(edgeMain, { args: ['--data', dir] });
    t.match(fatal, { code: 'store_unwritable', message: dir, hint: /read-only/ });
    t.equal(exitCode, 2);
  },
);

t.test(
  'a full disk: a new unit says so; one that ran before serves its hall',
  { skip: !canMount && 'needs mounts' },
  async (t) => {
    const dir = smallDisk(t, '40m');
    const { mqtt } = await writeConfig(dir);
    const stuffing = fill(dir);
    const { fatal, exitCode } = await failToStart(edgeMain, { args: ['--data', dir] });
    t.match(fatal, { code: 'store_full', message: dir, hint: /[Ff]ree some space/ });
    t.equal(exitCode, 2);

    rmSync(stuffing);
    const before = await startPart(edgeMain, { args: ['--data', dir] });
    const device = await letsIn(t, mqtt, 'FULL-1');
    await before.kill();
    await waitUntil('the device to be cut off', () => device.state !== 'online');
    fill(dir);
    t.equal(statfsSync(dir).bavail, 0);
    await start(t, dir);
    await waitUntil('the device to be back', () => device.state === 'online');
    const { disk, broker } = await checksOf(dir);
    t.match(disk, { verdict: 'failed', message: /0\.0 GB are free/ });
    t.match(broker, { verdict: 'ok' });
  },
);

t.test(
  'no network but the machine’s own: the hall is served',
  { skip: !canUnplug && 'needs namespaces' },
  async (t) => {
    const dir = testFolder(t);
    const { port } = await writeConfig(dir);
    const credential = {
      unitId: '01900000-0000-7000-8000-00000000000a',
      ...{ secret: 'x'.repeat(80), cloud: { mqtt: 'mqtt://192.0.2.1:18830' } },
    };
    writeFileSync(join(dir, 'unit.json'), JSON.stringify(credential), { mode: 0o600 });
    const unplugged = join(dir, 'unplugged.sh');
    const script = `#!/bin/sh\nexec unshare -n sh -c 'ip link set lo up; exec "${process.execPath}" "$@"' node "$@"\n`;
    writeFileSync(unplugged, script, { mode: 0o755 });
    const unit = await start(t, dir, { execPath: unplugged });
    const interfaces = run('nsenter', '-t', String(unit.pid), '-n', 'ls', '/sys/class/net').toString();
    t.ok(interfaces.length > 0);
    // From inside: nothing else is there to come from.
    const knock = `require('net').connect(${port},'127.0.0.1').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))`;
    t.ok(can('nsenter', '-t', String(unit.pid), '-n', process.execPath, '-e', knock), 'its broker answers');
    const { cloud, broker } = await checksOf(dir);
    t.match(broker, { verdict: 'ok' });
    t.match(cloud, { verdict: 'failed', message: /192\.0\.2\.1|network/ });
  },
);
