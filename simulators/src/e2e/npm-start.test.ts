import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort } from '../free-port.js';
import { partNames } from '../hall-parts.js';
import { ApiClient } from './api-client.js';
import { footageCache, lacksVision, seeWhatCamerasSee } from './demo-cameras.js';
import { testFolder } from './test-folder.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What `npm start` runs, in a process group of its own, so that Ctrl-C reaches all of it as in a terminal. */
const npmStart = (args: readonly string[]) => {
  const child: ChildProcess = spawn(process.execPath, ['.dev/start.mjs', '--json', ...args], {
    cwd: root,
    detached: true,
    env: { ...process.env, HALLHUB_FOOTAGE_CACHE: footageCache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as Line);
    });
  }
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const first = (type: string) =>
    waitUntil(`a ${type} line`, () => lines.find((line) => line.type === type), {
      withinMs: 240_000,
      seen: () => [errors.slice(-500), lines.slice(-3)],
    });
  return {
    lines,
    first,
    exited,
    ctrlC: async () => {
      if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
      return exited;
    },
  };
};

interface Device {
  readonly id: string;
  readonly serial: string;
  readonly state: string;
  readonly presence: string;
}

t.test(
  'one command brings a living hall; Ctrl-C ends it; the second start goes on with what is there',
  { timeout: 600_000 },
  async (t) => {
    const data = join(testFolder(t), '数据 one');
    const port = await freePort();
    const args = [
      '--port',
      String(port),
      '--mqtt-port',
      String(await freePort()),
      '--edge-port',
      String(await freePort()),
      '--data',
      data,
    ];
    const first = npmStart(args);
    t.teardown(() => first.ctrlC());
    const ready = await first.first('ready');
    const readyAt = Date.now();
    t.match(ready, { console: `http://127.0.0.1:${port}`, user: 'admin' });
    const password = String(ready.oneTimePassword);
    t.match(password, /^\S{12,}$/, 'a one-time password is shown');
    const api = new ApiClient(`http://127.0.0.1:${port}`);
    await api.signInFirst('admin', password, 'A hall of our own 1');
    const live = async (client: ApiClient) => {
      const devices = await client.all<Device>('/devices');
      const online = devices.filter((d) => d.state === 'active' && d.presence === 'online');
      return online.length === partNames.length && online;
    };
    const devices = await waitUntil('all devices to be live', () => live(api));
    t.comment(`live ${Date.now() - readyAt} ms after ready`);
    await t.test('its cameras see', { skip: await lacksVision(first) }, (t) =>
      seeWhatCamerasSee(t, { api, unit: join(data, 'edge'), lines: first.lines }),
    );
    t.equal(await first.ctrlC(), 0);
    t.equal(await first.exited, 0);

    const second = npmStart(args);
    t.teardown(() => second.ctrlC());
    const again = await second.first('ready');
    t.notOk(again.oneTimePassword, 'no password is shown twice');
    const later = new ApiClient(`http://127.0.0.1:${port}`);
    await later.signIn('admin', 'A hall of our own 1');
    const kept = await waitUntil('the same devices', () => live(later));
    t.notOk(
      second.lines.some(({ part }) => part === 'models'),
      'what is there is not fetched again',
    );
    t.same(kept.map((d) => d.id).sort(), devices.map((d) => d.id).sort(), 'the devices kept their identity');

    const third = npmStart(args);
    t.not(await third.exited, 0, 'a second hall on the same data is refused');
    t.equal(await second.ctrlC(), 0);
  },
);
