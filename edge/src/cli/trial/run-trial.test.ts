import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import { parseProfile, profileHash } from '@hallhub/shared/profile';
import t, { type Test } from 'tap';
import type { LoadedProfile } from '../../ports/index.js';
import { runCli } from '../program.js';
import { readProfiles } from '../read-corpus.js';
import { runTrial } from './run-trial.js';
import type { TrialItem } from './trial-host.js';
import { trialSection } from './trial-section.js';

const text = (bindings: string) => `schema: 1
vendor: acme
vendorLabel: { zh: 甲, en: A }
model: x
label: { zh: 表, en: X }
class: meter
version: 1.0.0
source: { kind: own, document: x }
thing:
  properties:
    - { id: level, label: { zh: 液位, en: Level }, type: integer, range: [0, 100] }
    - { id: twice, label: { zh: 两倍, en: Twice }, type: integer, range: [0, 20] }
bindings: ${bindings}
derived: { twice: { feel: level * 2 } }
`;
const modbus = '{ modbus: { everyMs: 50, points: { level: { table: input, address: 1, type: u16 } } } }';
const loaded = (bindings: string): LoadedProfile => {
  const parsed = parseProfile(text(bindings), 'x.yaml');
  if (!parsed.ok) throw new RangeError(parsed.issues[0]?.message);
  const { profile: document } = parsed;
  return { id: 'acme/x', version: '1.0.0', hash: profileHash(document), document, file: 'x.yaml' };
};

/** The smallest Modbus TCP slave: every register holds what `value` says. */
const slave = async (test: Test, value: () => number) => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      const count = request.readUInt16BE(10);
      const reply = Buffer.alloc(9 + 2 * count);
      request.copy(reply, 0, 0, 8);
      reply.writeUInt16BE(3 + 2 * count, 4);
      reply[8] = 2 * count;
      for (let at = 0; at < count; at++) reply.writeUInt16BE(value(), 9 + 2 * at);
      socket.write(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as net.AddressInfo).port;
};

t.test('a draft talks to a device; what it decodes and derives is told as it comes', async (t) => {
  let value = 7;
  const port = await slave(t, () => value);
  const items: TrialItem[] = [];
  const done = new AbortController();
  const values = await runTrial({
    profile: loaded(modbus),
    on: `tcp://127.0.0.1:${port}#1`,
    forMs: 10_000,
    clock: systemClock,
    signal: done.signal,
    item: (item) => {
      items.push(item);
      if (item.kind !== 'reading') return;
      if (item.values.level === 7) value = 15;
      else if (item.problems.length > 0) done.abort();
    },
  });
  t.match(items[0], { kind: 'found', address: `tcp://127.0.0.1:${port}#1` });
  t.ok(items.some((item) => item.kind === 'presence' && item.ok));
  const readings = items.filter((item) => item.kind === 'reading');
  t.match(readings[0], { values: { level: 7, twice: 14 }, problems: [] });
  t.match(readings.at(-1), { values: { level: 15 }, problems: ['twice is 30, outside 0..20'] });
  t.same([values.get('level')?.value, values.get('twice')?.value], [15, 14]);
});

t.test('nobody answers: it says why, and ends in its time', async (t) => {
  const items: TrialItem[] = [];
  const options = { profile: loaded(modbus), on: 'tcp://127.0.0.1:1#1', forMs: 300, clock: systemClock };
  const values = await runTrial({ ...options, signal: new AbortController().signal, item: (one) => items.push(one) });
  t.equal(values.size, 0);
  t.match(items, [{ kind: 'fault', message: /ECONNREFUSED/ }], 'once');
});

t.test('where a device is, as people write it', async (t) => {
  const section = (bindings: string, on: string) => trialSection(loaded(bindings), on, { username: 'admin' });
  t.match(section(modbus, 'tcp://10.0.0.1:502#3').entry, {
    url: 'tcp://10.0.0.1:502',
    devices: [{ unitId: 3, profile: 'acme/x' }],
  });
  t.match(section(modbus, '/dev/ttyUSB0').entry, {
    url: '/dev/ttyUSB0',
    line: { baudRate: 9600 },
    devices: [{ unitId: 1 }],
  });
  const serial = `{ serial: { line: { baudRate: 9600 }, framing: { type: fixed, bytes: 1 }, frames: { a: { match: { size: 1 }, properties: { level: { at: 0, type: u8 } } } } } }`;
  t.match(section(serial, '/dev/ttyS1#address=2').entry, { path: '/dev/ttyS1', params: { address: 2 } });
  const mqtt = `{ mqtt: { messages: [{ topic: '{device}/level', format: text, properties: { level: {} } }] } }`;
  t.match(section(mqtt, 'mqtt://10.0.0.5#tank').entry, {
    external: { url: 'mqtt://10.0.0.5', username: 'admin' },
    devices: [{ name: 'tank' }],
  });
  const onvif = '{ onvif: { capabilities: [profiles], properties: { level: { fact: media.width } } } }';
  t.match(section(onvif, 'http://10.0.0.9/onvif/device_service').entry, {
    hosts: [{ host: 'http://10.0.0.9/onvif/device_service', username: 'admin' }],
  });
  t.throws(() => section(mqtt, 'mqtt://10.0.0.5'), { code: 'invalid_input', message: /name is missing/ });
  t.throws(() => section('{ mqtt: { native: true } }', 'mqtt://10.0.0.5#x'), { message: /joins the unit by itself/ });
  t.throws(() => section(modbus, 'http://10.0.0.9'), { message: 'acme/x has no onvif binding' });
  t.throws(() => section(modbus, 'nowhere'), { message: 'nowhere is no endpoint' });
});

t.test('a unit that is silent is named, and what a device refuses is told once', async (t) => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // Unit 9 is not there; unit 1 has none of the registers.
    socket.on('data', (request) => {
      if (request[6] !== 1) return;
      const reply = Buffer.alloc(9);
      request.copy(reply, 0, 0, 8);
      reply.writeUInt16BE(3, 4);
      reply[7] = (request[7] ?? 0) | 0x80;
      reply[8] = 2;
      socket.write(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as net.AddressInfo;
  const run = async (unitId: number) => {
    const items: TrialItem[] = [];
    const on = `tcp://127.0.0.1:${port}#${unitId}`;
    const options = { profile: loaded(modbus), on, forMs: 1_500, clock: systemClock };
    await runTrial({ ...options, signal: new AbortController().signal, item: (one) => items.push(one) });
    return items;
  };
  t.match(await run(9), [{ kind: 'fault', message: /no answer from unit 9: check/ }]);
  const refused = await run(1);
  const told = refused.filter((item) => item.kind === 'fault' && /refuses to tell level/.test(item.message));
  t.equal(told.length, 1);
  t.notOk(
    refused.some(({ kind }) => kind === 'reading'),
    'no value came',
  );
});

t.test('a draft that lies alone: nothing around it counts, and it stands for the packaged one', async (t) => {
  const other = text(modbus);
  const dir = t.testdir({
    desk: { 'new.yaml': text(modbus).replace('vendor: acme', 'vendor: eastron').replace('model: x', 'model: sdm630') },
    neighbour: { 'x.yaml': other, 'broken.yaml': 'nothing: [' },
  });
  const { corpus, only } = readProfiles(join(dir, 'desk', 'new.yaml'));
  t.same([...only], ['new.yaml']);
  t.same(
    corpus.issues.filter(({ file }) => only.has(file)),
    [],
  );
  t.notOk(corpus.entries.some(({ id }) => id === 'acme/x'));
  t.ok(corpus.entries.some(({ id }) => id === 'shelly/flood'));
});

t.test('hub profile try', async (t) => {
  const port = await slave(t, () => 9);
  const dir = t.testdir({});
  mkdirSync(join(dir, 'acme'));
  const file = join(dir, 'acme', 'x.yaml');
  const run = async (...argv: string[]) => {
    const out: string[] = [];
    const plain = (s: string) => s;
    const code = await runCli(['profile', 'try', file, ...argv], {
      signal: new AbortController().signal,
      env: {},
      terminal: {
        out: (line) => void out.push(line),
        err: (line) => void out.push(line),
        width: undefined,
        style: { good: plain, warn: plain, bad: plain, dim: plain },
        now: Date.now,
      },
    });
    return { code, out: out.join('\n') };
  };
  writeFileSync(file, text(modbus));
  const seen = await run('--on', `tcp://127.0.0.1:${port}`, '--seconds', '1');
  t.equal(seen.code, 0, seen.out);
  t.match(
    seen.out,
    /found acme\/x[\s\S]*level=9 {2}twice=18[\s\S]*twice +两倍 +18[\s\S]*2 of 2 properties had a value/,
  );
  t.equal((await run('--on', 'tcp://127.0.0.1:1', '--seconds', '1')).code, 1, 'nothing was heard');
  writeFileSync(file, text(modbus).replace('type: u16', 'type: u17'));
  const broken = await run('--on', 'tcp://127.0.0.1:1');
  t.equal(broken.code, 2);
  t.match(broken.out, /acme\/x\.yaml:13:\d+: error: bindings\.modbus\.points\.level\.type/);
});
