import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openCamera } from '../camera.js';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const credential = { userName: 'operator', password: 'secret of a test' };

const run = async (command: string, args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const part of [child.stdout, child.stderr]) {
    part.on('data', (chunk) => {
      out += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, out };
};

const noZeep =
  spawnSync('/usr/bin/python3', ['-c', 'import zeep']).status !== 0 && 'zeep is missing: apt-get install python3-zeep';

t.test('zeep, which checks each answer against the schema', { skip: noZeep }, async (t) => {
  const camera = await openCamera({
    identity: { manufacturer: 'HallHub', model: 'Dome-2', firmware: '3.1.0', serial: 'T1', hardware: 'A' },
    credential,
    discovery: false,
  });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const { userName, password } = credential;
  const { code, out } = await run('/usr/bin/python3', [
    '-W',
    'ignore',
    here('./zeep-client.py'),
    camera.server.address,
    userName,
    password,
  ]);
  t.equal(code, 0, out);
  const told = JSON.parse(out.trim().split('\n').at(-1) ?? '');
  t.match(told, {
    information: { Manufacturer: 'HallHub', Model: 'Dome-2', SerialNumber: 'T1' },
    clock: new Date().getUTCFullYear(),
    profiles: ['main', 'sub'],
    video: ['H264', 640, 360, 12],
    source: 'vs',
    stream: camera.streamUrl,
    snapshot: /\/snapshot\.jpg$/,
    position: [0.25, -0.5, 0.5],
    presets: { 1: 'Entrance', 2: 'Counters', 3: 'Kasse & Tür 柜台' },
    left: 2,
    imaging: [70, 50, 'OFF', 'ON'],
    relays: ['relay1', 'relay2'],
    faults: {
      preset: [/preset does not exist/, ['NoToken']],
      password: [/not authorized/, ['NotAuthorized']],
      clock: [/not authorized/, ['NotAuthorized']],
    },
  });
  t.match(camera.state, { imaging: { brightness: 70, wideDynamicRange: true }, position: { pan: 0.25 } });
  t.equal(camera.state.relays.get('relay1'), true);
  t.equal(camera.server.signIn.refused, 2);
});

const noUtil =
  (spawnSync('onvif-util', ['-h']).error && 'onvif-util is missing: apt-get install onvif-tools') ||
  (spawnSync('unshare', [
    '--map-root-user',
    '--net',
    'ip',
    'link',
    'add',
    'hall0',
    'type',
    'veth',
    'peer',
    'name',
    'hall1',
  ]).status !== 0 &&
    'no networks can be made here: unshare, or veth, is not allowed');

t.test(
  'onvif-util, from another network: finds it, signs in, reads and sets, restarts',
  { skip: noUtil || false },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hallhub-onvif-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const node = [process.execPath, '--import=tsx', '--conditions=hallhub-source', here('./lone-camera.ts')];
    const { code, out } = await run(
      'timeout',
      [
        '240',
        'unshare',
        '--map-root-user',
        '--net',
        'sh',
        here('./two-networks.sh'),
        ...node,
        '10.77.0.1',
        'operator',
        'demo',
      ],
      { FIFO: join(folder, 'camera'), PASSWORD: 'demo' },
    );
    t.equal(code, 0, out);
    t.match(out, /Found 1 cameras\s+10\.77\.0\.1 camera\(Dome-2\)/);
    t.match(out, /successfully connected to host[\s\S]*name: +Dome-2\s+serial: T1/);
    // Both clocks are read to the second, one after the other.
    t.match(out, /Time Offset: -?\d seconds/);
    t.match(out, /Token 0: main\s+Token 1: sub/);
    t.match(out, /rtsp:\/\/\S+/);
    t.match(out, /Brightness: 50[\s\S]*Brightness was set to 61[\s\S]*Brightness: 61/);
    t.match(out, /Camera date and time has been synchronized/);
    t.match(out, /Camera is rebooting/);
    t.match(out, /\{"brightness":61,"reboots":1,"refused":0\}/);
  },
);
