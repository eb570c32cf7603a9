import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@hallhub/shared';
import { lineSchema } from '@hallhub/shared/profile';
import t, { type Test } from 'tap';
import { noPtys, openPtyPair, type PtyPair } from '../links/test-pty-pair.js';
import { profileOf, TestHost } from '../test-host.js';
import { modbusConfigSchema } from './config.js';
import { ModbusAdapter } from './modbus-adapter.js';
import { ModbusClient } from './modbus-client.js';
import { readRequest } from './pdu.js';
import { transportOf } from './transport.js';

const fixtures = path.join(path.dirname(fileURLToPath(import.meta.url)), '__fixtures__');
const line = lineSchema.parse({ baudRate: 19_200, parity: 'none' });

/** Every table and every function code that a profile can name. */
const profile = profileOf(`
schema: 1
vendor: acme
vendorLabel: { zh: 艾克, en: Acme }
model: peer
label: { zh: 对端, en: Peer }
class: other
version: 1.0.0
source: { kind: own, document: a test }
match: { modbus: [{ reads: [{ table: holding, address: 0, type: u16, equals: 4711 }] }] }
thing:
  properties:
    - { id: kind, label: { zh: 型号, en: Kind }, type: integer }
    - { id: temperature, label: { zh: 温度, en: Temperature }, type: number, unit: Cel }
    - { id: level, label: { zh: 液位, en: Level }, type: number, unit: '1' }
    - { id: total, label: { zh: 总量, en: Total }, type: integer }
    - { id: leak, label: { zh: 漏水, en: Leak }, type: boolean }
    - { id: missing, label: { zh: 缺失, en: Missing }, type: integer }
    - { id: setPoint, label: { zh: 设定, en: Set point }, type: number, unit: Cel, range: [5, 35], access: rw }
    - { id: limit, label: { zh: 限值, en: Limit }, type: number, unit: '1', range: [0, 1000], access: rw }
    - { id: relay, label: { zh: 继电器, en: Relay }, type: boolean, access: rw }
    - { id: valve, label: { zh: 阀, en: Valve }, type: boolean, access: rw }
    - { id: flag, label: { zh: 标志, en: Flag }, type: boolean, access: rw }
    - { id: ratio, label: { zh: 变比, en: Ratio }, type: integer, range: [0, 99999999], access: rw }
  events: []
  commands:
    - id: exchange
      label: { zh: 交换, en: Exchange }
      input: [{ id: value, label: { zh: 值, en: Value }, type: integer, range: [0, 100] }]
      output: [{ id: seen, label: { zh: 所见, en: Seen }, type: integer }]
bindings:
  modbus:
    everyMs: 100
    timeoutMs: 3000
    points:
      kind: { table: holding, address: 0, type: u16 }
      temperature: { table: holding, address: 1, type: i16, scale: 0.1 }
      level: { table: holding, address: 2, type: f32 }
      total: { table: input, address: 40, type: u32 }
      leak: { table: discrete, address: 9, type: bool }
      missing: { table: input, address: 597, type: u64 }
      setPoint: { table: holding, address: 9, type: i16, scale: 0.5, write: { fc: 6 } }
      limit: { table: holding, address: 10, type: f32, write: { fc: 16 } }
      relay: { table: coil, address: 3, type: bool, write: { fc: 5 } }
      valve: { table: coil, address: 12, type: bool, write: { fc: 15 } }
      flag: { table: holding, address: 12, type: bits, bit: 3, write: { fc: 22 } }
      ratio: { table: holding, address: 14, type: bcd32, write: { fc: 23 } }
    commands:
      exchange:
        steps:
          - exchange: { write: { table: holding, address: 30, type: u16 }, read: { table: holding, address: 30, type: u16 } }
            value: { input: value }
            equals: { input: value }
        output: { seen: { table: holding, address: 30, type: u16 } }
`);

const python = '/usr/bin/python3';
const noPymodbus =
  spawnSync(python, ['-c', 'import pymodbus, serial']).status === 0
    ? undefined
    : 'pymodbus or pyserial is missing: apt-get install python3-pymodbus python3-serial';
const noLibmodbus =
  spawnSync('gcc', ['-x', 'c', '-fsyntax-only', '-'], { input: '#include <modbus/modbus.h>' }).status === 0
    ? undefined
    : 'gcc or libmodbus is missing: apt-get install gcc libmodbus-dev';

const freePort = async (): Promise<number> => {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

/** Starts a slave and waits until it says that it serves. */
const start = async (t: Test, command: string, ...args: string[]): Promise<ChildProcess> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => end(child));
  let said = '';
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${Buffer.concat(errors)}`)));
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes;
      if (said.includes('ready')) resolve();
    });
  });
  child.removeAllListeners('exit');
  return child;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

interface Peer {
  readonly url: string;
  start(): Promise<ChildProcess>;
}

const overTcp = async (scheme: 'tcp' | 'rtu-tcp', starts: (port: string) => Promise<ChildProcess>): Promise<Peer> => {
  const port = await freePort();
  return { url: `${scheme}://127.0.0.1:${port}`, start: () => starts(String(port)) };
};

const overPtys = async (t: Test, starts: (path: string) => Promise<ChildProcess>): Promise<Peer> => {
  const pair: PtyPair = await openPtyPair();
  t.teardown(() => pair.remove());
  return { url: pair.near, start: () => starts(pair.far) };
};

const pymodbus = (t: Test, kind: string, where: string) =>
  start(t, python, path.join(fixtures, 'pymodbus-slave.py'), kind, where);

const buildFolder = t.testdir({});
let libmodbusProgram: string | undefined;
const libmodbus = (t: Test, kind: string, where: string) => {
  if (!libmodbusProgram) {
    libmodbusProgram = path.join(buildFolder, 'slave');
    execFileSync('gcc', ['-O1', path.join(fixtures, 'libmodbus-slave.c'), '-o', libmodbusProgram, '-lmodbus']);
  }
  return start(t, libmodbusProgram, kind, where);
};

const peers: [name: string, skip: string | undefined, make: (t: Test) => Promise<Peer>][] = [
  ['pymodbus over TCP', noPymodbus, (t) => overTcp('tcp', (port) => pymodbus(t, 'tcp', port))],
  ['pymodbus, RTU over TCP', noPymodbus, (t) => overTcp('rtu-tcp', (port) => pymodbus(t, 'rtu-tcp', port))],
  ['pymodbus, RTU over ptys', noPymodbus ?? noPtys(), (t) => overPtys(t, (path) => pymodbus(t, 'rtu', path))],
  ['libmodbus over TCP', noLibmodbus, (t) => overTcp('tcp', (port) => libmodbus(t, 'tcp', port))],
  ['libmodbus, RTU over ptys', noLibmodbus ?? noPtys(), (t) => overPtys(t, (path) => libmodbus(t, 'rtu', path))],
];

for (const [name, skip, make] of peers) {
  t.test(`${name}: found, read, written, lost and back`, { timeout: 200_000, ...(skip ? { skip } : {}) }, async (t) => {
    const peer = await make(t);
    const first = await peer.start();
    const config = modbusConfigSchema.parse({
      id: 'bus',
      url: peer.url,
      probeTimeoutMs: 2_000,
      ...(peer.url.startsWith('/') ? { line } : {}),
    });
    const host = new TestHost([profile], 'bus');
    const adapter = new ModbusAdapter(config, host);
    t.teardown(() => adapter.stop());
    host.onFound = (view) => adapter.attach(view);
    await adapter.start();
    await host.until(
      'values of all tables',
      () => host.value('total') !== undefined && host.value('ratio') !== undefined && host.faults.length > 0,
      20_000,
    );
    t.match(host.foundDevices, [{ profileId: 'acme/peer', certainty: 'certain' }]);
    const seen = Object.fromEntries(profile.document.thing.properties.map(({ id }) => [id, host.value(id)]));
    t.same(seen, {
      kind: 4711,
      temperature: 23.5,
      level: 12.5,
      total: 40 * 65_536 + 41,
      leak: true,
      missing: null,
      setPoint: 0,
      limit: 0,
      relay: false,
      valve: false,
      flag: false,
      ratio: 0,
    });
    t.match(host.faults, [{ code: 'registers_refused', message: /missing: unit 1 answered exception 2/ }]);
    const deviceId = host.devices.list()[0]?.deviceId ?? '';
    const signal = AbortSignal.timeout(60_000);
    const written = { setPoint: 21.5, limit: 230.25, relay: true, valve: true, flag: true, ratio: 12_345_678 };
    await adapter.write(deviceId, written, signal);
    t.same((await adapter.read(deviceId, Object.keys(written), signal)).values, written);
    const request = {
      commandId: 'c',
      deviceId,
      command: 'exchange',
      input: { value: 42 },
      remainingMs: 5_000,
      signal,
    };
    t.same(await adapter.execute(request), { seen: 42 });
    t.equal(adapter.counters().timeouts, 0);
    t.equal(adapter.counters().corruptFrames, 0);
    await end(first);
    await host.until('its loss is told', () => host.evidence.some((one) => !one.ok), 20_000);
    await peer.start();
    const before = host.readings.length;
    await host.until('values again', () => host.readings.length > before && host.value('relay') === false, 30_000);
  });
}

t.test(
  'an unplugged line is told at once and taken up when it is back',
  { skip: noPymodbus ?? noPtys() ?? false },
  async (t) => {
    const pair = await openPtyPair();
    t.teardown(() => pair.remove());
    const first = await pymodbus(t, 'rtu', pair.far);
    const config = modbusConfigSchema.parse({ id: 'bus', url: pair.near, line, discover: false });
    const host = new TestHost([profile], 'bus');
    const adapter = new ModbusAdapter(config, host);
    t.teardown(() => adapter.stop());
    adapter.attach(host.device(`${pair.near}#1`, profile, 'modbus'));
    await adapter.start();
    await host.until('values', () => host.value('kind') === 4711);
    await pair.unplug();
    await host.until('the line is told gone', () => host.evidence.some((one) => one.reason === 'link_down'));
    t.equal(adapter.counters().timeouts, 0, 'before any time-out could have told');
    await end(first);
    await pair.plug();
    await pymodbus(t, 'rtu', pair.far);
    const before = host.readings.length;
    await host.until('values again', () => host.readings.length > before, 20_000);
  },
);

t.test('pymodbus: device identification and every function code', { skip: noPymodbus ?? false }, async (t) => {
  const peer = await overTcp('tcp', (port) => pymodbus(t, 'tcp', port));
  await peer.start();
  const { opener, framing } = transportOf(modbusConfigSchema.parse({ id: 'bus', url: peer.url }));
  const client = new ModbusClient(await opener.open(AbortSignal.timeout(60_000)), framing, systemClock);
  t.teardown(() => client.close());
  const options = { unitId: 1, timeoutMs: 3_000 };
  t.match(await client.deviceIdentification(options), { 0: 'Acme', 1: 'P1', 2: '3.0', 5: 'Probe' });
  await client.writeRegisters(100, [7, 8, 9], options);
  await client.writeRegister(103, 0xff, options);
  await client.maskWrite(103, { andMask: 0xfff0, orMask: 5 }, options);
  await client.writeCoil(5, true, options);
  await client.writeCoils(6, [true, false, true], options);
  t.same([...(await client.read('holding', 100, 4, options))], [7, 8, 9, 0xf5]);
  t.same([...(await client.read('input', 40, 3, options))], [40, 41, 42]);
  t.same([...(await client.read('coil', 4, 6, options))], [0, 1, 1, 0, 1, 0]);
  t.same([...(await client.read('discrete', 0, 9, options))], Array(9).fill(1));
  t.same(
    [...(await client.readWriteRegisters({ address: 100, count: 2 }, { address: 100, values: [1] }, options))],
    [1, 8],
  );
  await t.rejects(client.read('holding', 5_000, 1, options), { code: 'device_refused', context: { exception: 2 } });
  await t.rejects(client.read('holding', 0, 126, options), { code: 'device_refused', context: { exception: 3 } });
  const unknown = { ...readRequest('holding', 0, 1), pdu: Buffer.from([66, 0, 0, 0, 1]) };
  await t.rejects(client.request(unknown, options), { code: 'device_refused', context: { exception: 1 } });
});
