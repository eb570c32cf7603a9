import { HubError } from '@hallhub/shared';
import t, { type Test } from 'tap';
import type { DeviceView } from '../../ports/index.js';
import { type Bench, bench, newSlaves, url } from './test-bench.js';
import { testProfile } from './test-profile.js';

const { signal } = new AbortController();

const running = async (
  t: Test,
  slaves = newSlaves(1),
): Promise<Bench & { deviceId: string; registers: Uint16Array }> => {
  const one = bench(t, slaves);
  const view: DeviceView = one.host.device(`${url}#1`, testProfile, 'modbus');
  one.adapter.attach(view);
  await one.adapter.start();
  await one.host.until('running', () => one.host.value('kind') === 4711 && one.host.value('far') === 77);
  return { ...one, deviceId: view.deviceId, registers: slaves.registers.get(1) as Uint16Array };
};

const command = (deviceId: string, id: string, input: Record<string, unknown> = {}) => ({
  commandId: 'c',
  deviceId,
  command: id,
  input,
  remainingMs: 5_000,
  signal,
});

t.test('writes are read back, and one that does not take is refused', async (t) => {
  const { host, slaves, adapter } = bench(t, newSlaves(1));
  const { deviceId } = host.device(`${url}#1`, testProfile, 'modbus');
  adapter.attach(host.devices.get(deviceId) as never);
  await adapter.start();
  await host.until('running', () => host.value('kind') === 4711);
  const { signal } = new AbortController();
  await adapter.write(deviceId, { mode: 'heat', setPoint: 21.5, relay: true, flag: true }, signal);
  const registers = slaves.registers.get(1) as Uint16Array;
  t.equal(registers[8], 1);
  t.equal(registers[9], 43);
  t.equal(registers[10], 8, 'one bit is set, the others are left');
  t.equal(slaves.coils.get(1)?.[3], 1);
  t.same((await adapter.read(deviceId, ['mode', 'relay'], signal)).values, { mode: 'heat', relay: true });
  slaves.lastAddress = 8;
  await t.rejects(adapter.write(deviceId, { setPoint: 20 }, signal), {
    code: 'device_refused',
    context: { exception: 2 },
  });
  slaves.lastAddress = 999;
  slaves.spoil = (pdu) => (pdu[0] === 3 && pdu.length === 4 ? Buffer.from([3, 2, 0, 0]) : pdu);
  await t.rejects(adapter.write(deviceId, { mode: 'heat' }, signal), {
    code: 'device_refused',
    message: /written as heat and reads cool/,
  });
  await t.rejects(adapter.write(deviceId, { kind: 1 }, signal), { code: 'unsupported' });
});

t.test('a command runs its steps and gives its output', async (t) => {
  const { host, slaves, adapter } = bench(t, newSlaves(1));
  const { deviceId } = host.device(`${url}#1`, testProfile, 'modbus');
  adapter.attach(host.devices.get(deviceId) as never);
  await adapter.start();
  await host.until('running', () => host.value('kind') === 4711);
  const request = { commandId: 'c', deviceId, command: 'pulse', input: { value: 7 }, remainingMs: 1_000 };
  t.same(await adapter.execute({ ...request, signal: AbortSignal.timeout(60_000) }), { seen: 7 });
  slaves.silent.add(1);
  await t.rejects(adapter.execute({ ...request, signal: AbortSignal.timeout(60_000) }), { code: 'timeout' });
});

t.test('a device without function code 22 gets its register read, changed and written; asked once only', async (t) => {
  const { adapter, deviceId, registers, slaves } = await running(t);
  slaves.unknownCodes.add(22);
  registers[10] = 0x00f0;
  await adapter.write(deviceId, { flag: true }, signal);
  t.equal(registers[10], 0x00f8, 'the other bits are left');
  await adapter.write(deviceId, { flag: false, low: 7 }, signal);
  t.equal(registers[10], 0x00f0);
  t.equal(registers[11], 7);
  t.equal(slaves.requests.filter((one) => one.code === 22).length, 1);
  slaves.unknownCodes.add(6);
  await adapter.write(deviceId, { high: -2 }, signal);
  t.equal(registers[11], 0xfe07, 'by function code 16 where 6 is unknown too');
});

t.test('function code 23 writes and reads back in one exchange', async (t) => {
  const { adapter, deviceId, host, registers, slaves } = await running(t);
  const before = slaves.requests.length;
  await adapter.write(deviceId, { ratio: 12_345_678 }, signal);
  t.same([...registers.subarray(40, 42)], [0x1234, 0x5678]);
  t.equal(slaves.requests.slice(before).filter((one) => one.address === 40 && one.code === 3).length, 0);
  t.equal(host.value('ratio'), 12_345_678);
});

t.test('a broadcast reaches every slave, is answered by none, and the bus rests behind it', async (t) => {
  const slaves = newSlaves(1, 2);
  const { adapter, deviceId } = await running(t, slaves);
  const atMs = performance.now();
  await adapter.execute(command(deviceId, 'allOff'));
  t.ok(performance.now() - atMs >= 29, 'turnaroundMs of the profile');
  for (const registers of slaves.registers.values()) t.equal(registers[50], 1);
});

t.test('an exchange step checks what it read', async (t) => {
  const { adapter, deviceId, registers } = await running(t);
  registers[61] = 9;
  await adapter.execute(command(deviceId, 'swap', { value: 9 }));
  t.equal(registers[60], 9);
  await t.rejects(adapter.execute(command(deviceId, 'swap', { value: 8 })), {
    code: 'device_refused',
    message: 'holding 61 is 9, not 8',
  });
});

t.test('busy (6) is asked again; acknowledge (5) is waited for', async (t) => {
  const { adapter, deviceId, registers, slaves } = await running(t);
  let left = 2;
  slaves.refuse = (_unitId, code) => (code === 6 && left-- > 0 ? 6 : undefined);
  await adapter.write(deviceId, { mode: 'heat' }, signal);
  t.equal(registers[8], 1);
  t.equal(slaves.requests.filter((one) => one.code === 6).length, 3);
  // It takes the write, says so, and shows it a moment later.
  slaves.refuse = (_unitId, code) => {
    if (code !== 6) return undefined;
    setTimeout(() => registers.set([0], 8), 50);
    return 5;
  };
  await adapter.write(deviceId, { mode: 'cool' }, signal);
  t.equal(registers[8], 0);
  left = 99;
  slaves.refuse = (_unitId, code) => (code === 6 ? 6 : undefined);
  await t.rejects(adapter.write(deviceId, { mode: 'heat' }, signal), {
    code: 'unavailable',
    context: { exception: 6 },
  });
});

t.test('a value that shows a moment later is no refusal', async (t) => {
  const { adapter, deviceId, registers, slaves } = await running(t);
  slaves.spoil = (pdu) => {
    if (pdu[0] === 6) {
      registers[8] = 0;
      setTimeout(() => registers.set([1], 8), 50);
    }
    return pdu;
  };
  await adapter.write(deviceId, { mode: 'heat' }, signal);
  t.equal(registers[8], 1);
});

t.test('an aborted command leaves the bus', async (t) => {
  const { adapter, deviceId, host, slaves } = await running(t);
  slaves.silent.add(1);
  const abort = new AbortController();
  const waiting = adapter.write(deviceId, { mode: 'heat' }, abort.signal);
  abort.abort(new HubError('cancelled', 'enough'));
  await t.rejects(waiting, { code: 'cancelled' });
  slaves.silent.clear();
  const before = host.readings.length;
  await host.until('polled again', () => host.readings.length > before);
});

t.test('properties asked for are read although the device lacks one of them', async (t) => {
  const { adapter, deviceId, slaves } = await running(t);
  slaves.holes.add(9);
  const { values, quality } = await adapter.read(deviceId, ['kind', 'mode', 'setPoint', 'flag'], signal);
  t.same(values, { kind: 4711, mode: 'cool', setPoint: null, flag: false });
  t.same(quality, { setPoint: 'bad' });
  await t.rejects(adapter.read(deviceId, ['setPoint'], signal), { code: 'device_refused', context: { exception: 2 } });
});
