import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type HubError, isHubError } from '@hallhub/shared';
import { type LineSettings, lineSchema } from '@hallhub/shared/profile';
import t, { type Test } from 'tap';
import type { ByteLink } from './byte-link.js';
import { lockedBy, openedBy } from './port-holder.js';
import { portRefused } from './port-refusal.js';
import { serialLinkOpener } from './serial-link.js';
import { noPtys, openPtyPair } from './test-pty-pair.js';

const skip = noPtys() ?? false;
const line = lineSchema.parse({ baudRate: 9600 });

const open = (file: string, settings: LineSettings = line): Promise<ByteLink> =>
  serialLinkOpener(file, settings).open(new AbortController().signal);
const refusal = async (opening: Promise<ByteLink>): Promise<HubError> => {
  try {
    await (await opening).close();
  } catch (error) {
    if (isHubError(error)) return error;
    throw error;
  }
  throw new Error('it was opened');
};
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));
const pair = async (t: Test) => {
  const made = await openPtyPair();
  t.teardown(() => made.remove());
  return made;
};
const collect = (link: ByteLink) => {
  const got: Buffer[] = [];
  let tell: (() => void) | undefined;
  link.listen({
    data: (bytes) => {
      got.push(bytes);
      tell?.();
    },
    closed: () => undefined,
  });
  const text = () => Buffer.concat(got).toString('latin1');
  return {
    text,
    until: (wanted: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${JSON.stringify(text())} and not ${wanted}`)), 60_000);
        tell = () => {
          if (!text().includes(wanted)) return;
          clearTimeout(late);
          resolve();
        };
        tell();
      }),
  };
};

t.test(
  'a port that another process has locked: the message names it, and its line is left alone',
  { skip },
  async (t) => {
    const { near } = await pair(t);
    // flock(1) holds the lock as another agent or a gateway program would.
    const other: ChildProcess = spawn('flock', ['--exclusive', near, '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // flock's child inherits the lock: both are ended together.
      detached: true,
    });
    const end = () =>
      other.exitCode === null && other.signalCode === null && process.kill(-(other.pid as number), 'SIGKILL');
    t.teardown(end);
    if (other.stdout) await once(other.stdout, 'data');
    other.stdout?.destroy();
    const error = await refusal(open(near));
    t.match(error, { code: 'link_refused', context: { errno: 'EBUSY' } });
    t.match(error.hint, /held by (?:flock|sh|sleep) \(pid \d+\)/);
    const gone = once(other, 'exit');
    end();
    await gone;
  },
);

t.test('two entries of edge.yaml with one port', { skip }, async (t) => {
  const { near } = await pair(t);
  const first = await open(near);
  t.teardown(() => first.close());
  t.match((await refusal(open(near))).hint, /held by this agent itself, by another entry of edge.yaml/);
});

t.test('a lock file of minicom or pppd counts, but not that of a process that is gone', { skip }, async (t) => {
  const { near } = await pair(t);
  const device = readlinkSync(near);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-locks-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, `LCK..${path.basename(device)}`);
  writeFileSync(file, `      ${process.pid} node root\n`);
  t.match(await lockedBy(device, folder), { pid: process.pid });
  writeFileSync(file, '  999999999\n');
  t.equal(await lockedBy(device, folder), undefined);
  const reader = spawn('cat', [near], { stdio: 'ignore' });
  t.teardown(() => reader.kill());
  for (const endMs = Date.now() + 60_000; !(await openedBy(device)) && Date.now() < endMs; ) await pause(20);
  t.match([(await openedBy(device))?.name], [/cat|socat/]);
});

t.test('no right to the port: the message says which group', async (t) => {
  const denied = new Error('Error: Permission denied, cannot open /dev/ttyUSB0');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-port-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.match((await portRefused('/dev/ttyUSB0', path.join(folder, 'gone'), denied)).hint, /group dialout/);
  t.match(await portRefused('/dev/ttyUSB0', folder, denied), { code: 'link_refused', context: { errno: 'EACCES' } });
  t.match(await portRefused('/dev/x', '/dev/x', new Error('Invalid parity setting 3')), {
    context: { errno: 'EINVAL' },
  });
});

t.test('settings that the machine cannot make are told, and the port is free again', { skip }, async (t) => {
  const { near } = await pair(t);
  t.match(await refusal(open(near, lineSchema.parse({ baudRate: 9600, parity: 'mark' }))), { code: 'link_refused' });
  await (await open(near)).close();
});

t.test(
  'flow control: XOFF holds the bytes back, XON lets them go; RTS/CTS is no error where there is none',
  { skip },
  async (t) => {
    const { near, far } = await pair(t);
    const unit = await open(near, lineSchema.parse({ baudRate: 9600, flowControl: 'xonxoff' }));
    const device = await open(far);
    t.teardown(() => Promise.all([unit.close(), device.close()]));
    const heard = collect(device);
    const answers = collect(unit);
    unit.write(Buffer.from('one'));
    await heard.until('one');
    // XOFF is not heard itself; what comes behind it is.
    device.write(Buffer.from([0x13, 0x78]));
    await answers.until('x');
    unit.write(Buffer.from('two'));
    await pause(150);
    t.equal(heard.text(), 'one', 'the device has asked for silence');
    device.write(Buffer.from([0x11]));
    await heard.until('two');
    const other = await pair(t);
    const hardware = await open(other.near, lineSchema.parse({ baudRate: 9600, flowControl: 'rtscts' }));
    await hardware.close();
  },
);

t.test('what a device never takes does not pile up, and the port can be closed', { skip }, async (t) => {
  const { near, far } = await pair(t);
  const unit = await open(near, lineSchema.parse({ baudRate: 9600, flowControl: 'xonxoff' }));
  const device = await open(far);
  t.teardown(() => device.close());
  const answers = collect(unit);
  device.write(Buffer.from([0x13, 0x78]));
  await answers.until('x');
  let refused: unknown;
  for (let turn = 0; turn < 200 && !refused; turn++) {
    try {
      unit.write(Buffer.alloc(4_096, 0x41));
    } catch (error) {
      refused = error;
    }
  }
  t.match(refused, { code: 'unavailable', message: /flow control holds them back/ });
  const startedMs = performance.now();
  await unit.close();
  t.ok(performance.now() - startedMs < 20_000, 'what cannot go is not waited for');
});

t.test('a stable name leads to another tty after a replug', { skip }, async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-by-id-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [first, second] = [await pair(t), await pair(t)];
  const byId = path.join(folder, 'usb-Acme_Serial_0001-if00-port0');
  symlinkSync(first.near, byId);
  const before = await open(byId);
  const lost = new Promise<HubError | undefined>((resolve) =>
    before.listen({ data: () => undefined, closed: resolve }),
  );
  await first.unplug();
  rmSync(byId);
  t.match(await lost, { code: 'link_lost' });
  t.match(await refusal(open(byId)), { context: { errno: 'ENOENT' } });
  symlinkSync(second.near, byId);
  const after = await open(byId);
  const device = await open(second.far);
  t.teardown(() => Promise.all([after.close(), device.close()]));
  const heard = collect(device);
  after.write(Buffer.from('here'));
  await heard.until('here');
  t.equal(after.name, byId, 'it keeps its stable name');
});

t.test('a picture may be longer than what may wait for the line', { skip }, async (t) => {
  const { near, far } = await pair(t);
  const [mine, peer] = [await open(near), await open(far)];
  t.teardown(() => Promise.all([mine.close(), peer.close()]));
  const heard = collect(peer);
  mine.write(Buffer.from(`${'A'.repeat(150_000)}end`));
  t.throws(() => mine.write(Buffer.from('more')), { code: 'unavailable' }, 'what comes behind it has to wait');
  await heard.until('Aend');
  t.equal(heard.text().length, 150_003);
});
