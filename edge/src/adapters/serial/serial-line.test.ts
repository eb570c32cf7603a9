import { ManualClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import type { PresenceEvidence } from '../../ports/index.js';
import { TestHost } from '../test-host.js';
import { serialConfigSchema, slotsOf } from './config.js';
import { GarbageWatch } from './garbage-watch.js';
import { SerialAdapter } from './serial-adapter.js';
import { busFrame, busProfile, TestLine } from './test-line.js';

const path = '/dev/ttyTEST';
const meter = busProfile('meter', '05');
const lamp = busProfile('lamp', '06');

const bench = (t: Test, config: object, line = new TestLine(), profiles = [meter, lamp]) => {
  const host = new TestHost(profiles, 'bus');
  const adapter = new SerialAdapter(
    serialConfigSchema.parse({ id: 'bus', path, rediscoverEveryMs: 500, ...config }),
    host,
    line,
  );
  host.onFound = (view) => adapter.attach(view);
  t.teardown(() => adapter.stop());
  const idOf = (address: number) => host.devices.findByAddress('bus', `${path}#address=${address}`)?.deviceId ?? '';
  const levels = (address: number) =>
    host.readings.filter((one) => one.deviceId === idOf(address)).map((one) => one.values.level);
  const evidence = (address: number): PresenceEvidence[] =>
    host.evidence.filter((one) => one.deviceId === idOf(address));
  return { host, adapter, line, idOf, levels, evidence };
};
const threeMeters = { devices: [1, 2, 3].map((address) => ({ profile: 'test/meter', params: { address } })) };
const within = (ms: number) => AbortSignal.timeout(ms);
const ping = (deviceId: string) => ({
  commandId: 'c',
  deviceId,
  command: 'ping',
  input: {},
  remainingMs: 2_000,
  signal: within(60_000),
});

t.test(
  'several devices on one line: each has its own values, events and presence; a silent one slows nobody',
  async (t) => {
    const { host, adapter, line, idOf, levels, evidence } = bench(t, threeMeters);
    const [one, , silent] = [line.add(1), line.add(2), line.add(3)];
    silent.isSilent = true;
    await adapter.start();
    await host.until('both are polled', () => levels(1).includes(10) && levels(2).includes(20));
    t.match(host.foundDevices[0], { configured: true, profileId: 'test/meter', identity: { serial: 'bus-address-1' } });
    await host.until('the third fails', () => evidence(3).filter((found) => !found.ok).length >= 2);
    t.same(levels(3), []);
    t.ok([1, 2].every((address) => evidence(address).every((found) => found.ok)));
    const [askedBefore, silentBefore] = [one.asked, silent.asked];
    await host.until('forty more polls', () => one.asked >= askedBefore + 40);
    // Five in the four seconds that these take; ten, should a busy machine make a minute of them.
    t.ok(silent.asked - silentBefore <= 13, `${silent.asked - silentBefore} questions to the silent one`);
    t.same(await adapter.execute(ping(idOf(2))), { level: 20 });
    await t.rejects(adapter.execute(ping(idOf(3))), { code: 'timeout' });
    line.say(busFrame(2, 0x90, [7]));
    await host.until('the key', () => host.events.length === 1);
    t.match(host.events, [{ deviceId: idOf(2), event: 'pressed', data: { key: 7 } }]);
    silent.isSilent = false;
    await host.until('it is back', () => levels(3).includes(30));
    t.equal(line.openings.length, 1, 'the port was opened once');
  },
);

t.test('a scan registers who answers, and each by its own address', async (t) => {
  const { host, adapter, line, levels } = bench(t, { scan: { param: 'address', from: 1, to: 6 } });
  line.add(2);
  line.add(5, 6);
  await adapter.start();
  await host.until('two are found', () => host.foundDevices.length === 2);
  t.same(
    host.foundDevices.map(({ address, profileId }) => [address, profileId]),
    [
      [`${path}#address=2`, 'test/meter'],
      [`${path}#address=5`, 'test/lamp'],
    ],
  );
  await host.until('both are polled', () => levels(2).includes(20) && levels(5).includes(50));
  line.add(6);
  await host.until('one that came later', () => levels(6).includes(60));
  const found = [];
  for await (const one of adapter.discover({ signal: within(60_000) })) found.push(one.address);
  t.same(
    found,
    [2, 5, 6].map((address) => `${path}#address=${address}`),
  );
});

t.test('a late answer is not taken for another’s', async (t) => {
  const { host, adapter, line, levels } = bench(t, threeMeters);
  line.add(1);
  line.add(2);
  const late = line.add(3);
  await adapter.start();
  await host.until('all are polled', () => [1, 2, 3].every((address) => levels(address).length > 0));
  late.delayMs = 130;
  late.level = 99;
  const before = late.asked;
  await host.until('late answers came', () => late.asked > before + 3 && (adapter.counters().unknownFrames ?? 0) > 0);
  t.notOk([...levels(1), ...levels(2)].includes(99));
});

t.test('after a replug the device is identified again, and another is told as such', async (t) => {
  const { host, adapter, line } = bench(t, {});
  const first = line.add(1);
  await adapter.start();
  await host.until('polled', () => host.value('level') === 10);
  const { deviceId } = host.devices.list()[0] as { deviceId: string };
  await line.unplug();
  await host.until('gone', () => host.evidence.some((one) => one.decisive));
  first.command = 6;
  first.level = 77;
  line.plug();
  await host.until('told', () => host.faults.some((one) => one.code === 'serial_other_device'));
  t.match(
    host.faults.find((one) => one.code === 'serial_other_device')?.message,
    /test lamp .* answers, where test meter/,
  );
  const lost = host.evidence.filter((one) => one.deviceId === deviceId).at(-1);
  t.match(lost, { ok: false, decisive: true, reason: 'silent', detail: 'test lamp answers in its place' });
  t.notOk(
    host.readings.some((one) => one.deviceId === deviceId && one.values.level === 77),
    'nothing of it is decoded',
  );
  await t.rejects(adapter.execute(ping(deviceId)), { code: 'unavailable' });
  t.match(host.foundDevices.at(-1), { profileId: 'test/lamp', address: path });
  first.command = 5;
  first.level = 11;
  await host.until('the right one is back', () => host.value('level') === 11);
});

t.test('noise, a break and halves of frames between good ones', async (t) => {
  const { host, adapter, line } = bench(t, {});
  const only = line.add(1);
  line.spoil = (bytes) => Buffer.concat([Buffer.from('00aa5501ff', 'hex'), bytes, Buffer.from([0])]);
  await adapter.start();
  await host.until('polled through noise', () => host.value('level') === 10);
  only.level = 12;
  await host.until('again', () => host.value('level') === 12);
  t.equal(
    host.faults.some((one) => one.code === 'serial_garbage'),
    false,
  );
});

t.test('garbage is told after a while, and forgotten with the first good frame', async (t) => {
  const clock = new ManualClock();
  const told: number[] = [];
  const watch = new GarbageWatch(clock, (bytes) => told.push(bytes));
  watch.garbage(100);
  t.same(told, [], 'a burst is no garbage');
  await clock.advance(11_000);
  watch.garbage(1);
  t.same(told, [101]);
  watch.good();
  watch.garbage(200);
  await clock.advance(5_000);
  watch.garbage(200);
  t.same(told, [101]);
  t.equal(watch.bytes, 400);
});

t.test('a wrong baud rate: nothing but garbage comes', async (t) => {
  const host = new TestHost([meter], 'bus', new ManualClock());
  const line = new TestLine();
  const adapter = new SerialAdapter(serialConfigSchema.parse({ id: 'bus', path, profile: 'test/meter' }), host, line);
  t.teardown(() => adapter.stop());
  host.onFound = (view) => adapter.attach(view);
  line.rubbish = () => Buffer.from('f8e0c3001cff80fe00e6', 'hex');
  await adapter.start();
  const clock = host.clock as ManualClock;
  for (let turn = 0; turn < 400 && host.faults.length === 0; turn++) await clock.advance(250);
  t.match(host.faults.find((one) => one.code === 'serial_garbage')?.message, /garbage: check baud rate.*9600 8N1/);
  t.ok((adapter.counters().noiseBytes ?? 0) > 60);
  t.match(host.lastEvidence('poll'), { ok: false });
  t.match(adapter.status(), { state: 'running', reason: /garbage: check baud rate/ });
  for (let turn = 0; turn < 20; turn++) await clock.advance(250);
  const told = host.faults.filter((one) => one.code === 'serial_garbage').map(({ message }) => message);
  t.equal(new Set(told).size, 1, 'the same words, so that it is not told again and again');
  await Promise.all([adapter.stop(), clock.advance(3_000)]);
});

t.test('devices of two protocols share a line', async (t) => {
  const other = busProfile('panel', '07', 'pauseMs: 5');
  const serial = other.document.bindings.serial;
  if (serial) serial.checksum = { kind: 'xor8', from: 2, after: 0, order: 'big', encoding: 'binary' };
  const line = new TestLine();
  line.add(1);
  const devices = [
    { profile: 'test/meter', params: { address: 1 } },
    { profile: 'test/panel', params: { address: 2 } },
  ];
  const { host, adapter, levels } = bench(t, { devices }, line, [meter, other]);
  const xor = (bytes: number[]) => bytes.reduce((sum, byte) => sum ^ byte, 0);
  line.add(2, 7);
  line.spoil = (bytes) => {
    if (bytes[3] !== 0x87) return bytes;
    return Buffer.from([...bytes.subarray(0, -1), xor([...bytes.subarray(2, -1)])]);
  };
  await adapter.start();
  await host.until('both are polled', () => levels(1).includes(10) && levels(2).includes(20));
  t.ok([host.evidence].flat().every((one) => one.ok));
});

t.test('what edge.yaml says wrong is told before anything is opened', async (t) => {
  for (const [config, message] of [
    [{ profile: 'test/nothing' }, /no profile test\/nothing/],
    [{ devices: [{ profile: 'test/meter', params: { adress: 2 } }] }, /no parameter adress \(it has: address\)/],
    [{ devices: [{ profile: 'test/meter', params: { address: 300 } }] }, /address 300 is not within 1 to 247/],
  ] as const) {
    const { adapter } = bench(t, config);
    await t.rejects(adapter.start(), { code: 'configuration', message });
  }
  const twice = { id: 'bus', path, devices: [{ params: { address: 2 } }, { params: { address: 2 } }] };
  t.notOk(serialConfigSchema.safeParse(twice).success);
  t.notOk(serialConfigSchema.safeParse({ id: 'bus', path, scan: { param: 'address', from: 9, to: 1 } }).success);
  const both = serialConfigSchema.parse({
    id: 'bus',
    path,
    profile: 'test/meter',
    devices: [{ params: { address: 2 } }],
    scan: { param: 'address', from: 1, to: 3 },
  });
  t.same(
    slotsOf(both).map(({ address, isNamed }) => [address.slice(path.length), isNamed]),
    [
      ['#address=2', true],
      ['#address=1', false],
      ['#address=3', false],
    ],
  );
});
