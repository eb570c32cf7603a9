import t from 'tap';
import { TestHost } from '../test-host.js';
import { modbusConfigSchema, unitIdsOf } from './config.js';
import { ModbusAdapter } from './modbus-adapter.js';
import { bench, newSlaves, url } from './test-bench.js';
import { testProfile } from './test-profile.js';

t.test('many dead slaves cost those that answer one fifth of the bus at most', async (t) => {
  const dead = [2, 3, 4, 5, 6, 7, 8, 9];
  const slaves = newSlaves(1, ...dead);
  for (const unitId of dead) slaves.silent.add(unitId);
  const { host, adapter } = bench(t, slaves);
  const [live] = [1, ...dead].map((unitId) => {
    const view = host.device(`${url}#${unitId}`, testProfile, 'modbus');
    adapter.attach(view);
    return view;
  });
  await adapter.start();
  await host.until('all were missed once', () => (adapter.counters().timeouts ?? 0) >= dead.length);
  // From here on only probes of slaves that are known to be silent: 100 ms each.
  const startMs = performance.now();
  const before = adapter.counters().timeouts ?? 0;
  await host.until('probes', () => (adapter.counters().timeouts ?? 0) >= before + 4);
  const spentMs = ((adapter.counters().timeouts ?? 0) - before) * 100;
  const share = spentMs / (performance.now() - startMs);
  t.ok(share < 0.35, `${Math.round(share * 100)} % of the time`);
  const readings = host.readings.filter((one) => one.deviceId === live?.deviceId).length;
  // Were the silent ones asked in turn with it, it would have been read four times.
  t.ok(readings > 12, `${readings} readings of the one that answers`);
});

t.test('many slaves on one line: each that answers gets the same share, dead ones or not', async (t) => {
  const live = Array.from({ length: 12 }, (_, at) => at + 1);
  const dead = [20, 21, 22];
  const slaves = newSlaves(...live, ...dead);
  for (const unitId of dead) slaves.silent.add(unitId);
  const { host, adapter } = bench(t, slaves, {}, { kind: 'rtu' });
  const counts = new Map<string, number>();
  for (const unitId of [...live, ...dead]) {
    const view = host.device(`${url}#${unitId}`, testProfile, 'modbus');
    if (unitId < 20) counts.set(view.deviceId, 0);
    adapter.attach(view);
  }
  await adapter.start();
  await host.until('all were missed once', () => (adapter.counters().timeouts ?? 0) >= dead.length);
  host.readings.length = 0;
  await host.until('many readings', () => host.readings.length > 600);
  for (const { deviceId } of host.readings) counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1);
  const all = [...counts.values()];
  t.ok(Math.min(...all) >= Math.max(...all) * 0.8, `${Math.min(...all)} to ${Math.max(...all)} readings each`);
});

t.test('what a device lacks is learned once and outlives a lost link', async (t) => {
  const slaves = newSlaves(1);
  for (const hole of [5, 9]) slaves.holes.add(hole);
  const { host, adapter, peers } = bench(t, slaves);
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('what it has', () => host.value('kind') === 4711 && host.value('mode') === 'cool');
  await host.until('what it lacks is bad', () => host.readings.some((one) => one.quality?.setPoint === 'bad'));
  await host.until('its neighbour', () => host.value('flag') === false);
  const learned = adapter.counters().exceptions ?? 0;
  t.ok(learned <= 6, `${learned} refusals`);
  await peers[0]?.close();
  const before = host.readings.length;
  await host.until('readings again', () => peers.length === 2 && host.readings.length > before + 4);
  t.equal(adapter.counters().exceptions, learned);
});

t.test('a table that the device does not know costs one refusal', async (t) => {
  const slaves = newSlaves(1);
  slaves.unknownCodes.add(2);
  const { host, adapter } = bench(t, slaves);
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('it is told', () => host.faults.length > 0);
  t.match(host.faults, [{ code: 'registers_refused', message: /leak: unit 1 answered exception 1: illegal function/ }]);
  await host.until('the rest is read', () => host.value('kind') === 4711 && host.value('relay') === false);
});

t.test('a busy device is asked again soon, and its values stand', async (t) => {
  const slaves = newSlaves(1);
  let left = 2;
  slaves.refuse = (_unitId, code) => (code === 4 || (code === 3 && left-- > 0) ? 6 : undefined);
  const { host, adapter } = bench(t, slaves);
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('values', () => host.value('kind') === 4711);
  t.notOk(host.readings.some((one) => one.quality));
  t.match(host.evidence.find((one) => !one.ok)?.detail, /exception 6: server device busy .*asked again later/);
});

t.test('one failing register (exception 4) does not take its neighbours with it', async (t) => {
  const slaves = newSlaves(1);
  slaves.refuse = (_unitId, code, address, count) =>
    code === 3 && address <= 9 && address + count > 9 ? 4 : undefined;
  const { host, adapter } = bench(t, slaves);
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('the neighbours', () => host.value('mode') === 'cool' && host.value('flag') === false);
  await host.until('the failing one is bad', () => host.readings.some((one) => one.quality?.setPoint === 'bad'));
});

t.test('a gateway’s “nobody there” (11) is silence of that slave alone', async (t) => {
  const slaves = newSlaves(1, 2);
  slaves.exceptions.set(2, 11);
  const { host, adapter } = bench(t, slaves);
  const dead = host.device(`${url}#2`, testProfile, 'modbus');
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  adapter.attach(dead);
  await adapter.start();
  await host.until('many readings of the other', () => host.readings.length > 60);
  t.match(
    host.evidence.find((one) => one.deviceId === dead.deviceId),
    { ok: false, reason: 'poll_failed', detail: /exception 11: gateway target device failed to respond/ },
  );
  // Three in the three seconds that these take; six, should a busy machine make a minute of them.
  t.ok(slaves.requests.filter((one) => one.unitId === 2).length <= 8);
});

t.test('rtu: a slave that answers too late is never believed about another request', async (t) => {
  const slaves = newSlaves(1, 2);
  const { host, adapter, peers } = bench(t, slaves, {}, { kind: 'rtu' });
  const late = host.device(`${url}#1`, testProfile, 'modbus');
  adapter.attach(late);
  adapter.attach(host.device(`${url}#2`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('values', () => host.readings.filter((one) => one.deviceId === late.deviceId).length > 4);
  const [peer] = peers;
  if (!peer) throw new Error('no connection');
  // Every answer of unit 1 comes 130 ms late: behind the time-out of 100 ms.
  const write = peer.write.bind(peer);
  peer.write = (bytes) => {
    if (bytes[0] === 1) setTimeout(() => peer.isOpen && write(bytes), 130);
    else write(bytes);
  };
  const registers = slaves.registers.get(1) as Uint16Array;
  registers.set([1, 2, 3, 4], 0);
  await host.until('it counts as silent', () => (adapter.counters().timeouts ?? 0) >= 3);
  const values = host.readings
    .filter((one) => one.deviceId === late.deviceId)
    .flatMap((one) => Object.entries(one.values));
  const kinds = new Set(values.filter(([id]) => id === 'kind').map(([, value]) => value));
  t.same([...kinds], [4711], 'no late answer was taken');
});

t.test('a link on which nobody answers is made anew, and told', async (t) => {
  const unitIds = [1, 2, 3, 4];
  const slaves = newSlaves(...unitIds);
  for (const unitId of unitIds) slaves.silent.add(unitId);
  const { host, adapter, peers } = bench(t, slaves);
  for (const unitId of unitIds) adapter.attach(host.device(`${url}#${unitId}`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('four requests in vain', () => peers.length === 2);
  t.match(host.evidence.find((one) => one.reason === 'link_down')?.detail, /nothing on it answers any more/);
  await host.until('the new link is given longer', () => (adapter.counters().timeouts ?? 0) >= 3 + 5);
  t.equal(peers.length, 2);
  slaves.silent.clear();
  await host.until('back', () => host.value('kind') === 4711);
});

t.test('single slaves of a bus are named, and pinned without a probe', async (t) => {
  const slaves = newSlaves(3, 5);
  for (const registers of slaves.registers.values()) registers[0] = 1;
  const { host, adapter } = bench(t, slaves, {
    discover: true,
    probeTimeoutMs: 50,
    devices: [{ unitId: 3, profile: 'acme/probe-1' }, { unitId: 5 }],
  });
  host.onFound = (view) => adapter.attach(view);
  await adapter.start();
  await host.until('values', () => host.value('temperature') === 23.5);
  t.match(host.foundDevices[0], {
    address: `${url}#3`,
    profileId: 'acme/probe-1',
    certainty: 'certain',
    configured: true,
  });
  await host.until('the other is seen', () => slaves.requests.some((one) => one.unitId === 5));
  const all = modbusConfigSchema.parse({ id: 'bus', url, devices: [{ unitId: 3, profile: 'no/such' }] });
  await t.rejects(new ModbusAdapter(all, new TestHost([testProfile], 'bus')).start(), {
    code: 'configuration',
    message: /no profile no\/such/,
  });
  t.notOk(modbusConfigSchema.safeParse({ id: 'bus', url, devices: [{ unitId: 3 }, { unitId: 3 }] }).success);
  t.same(unitIdsOf(all), [3], 'nobody else is looked for');
  t.same(unitIdsOf(modbusConfigSchema.parse({ id: 'bus', url })), [1]);
  t.same(unitIdsOf(modbusConfigSchema.parse({ id: 'bus', url, unitIds: [3, 4], devices: [{ unitId: 3 }] })), [3, 4]);
});
