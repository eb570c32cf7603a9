import t from 'tap';
import { tcpLinkOpener } from '../links/index.js';
import { TestHost } from '../test-host.js';
import { modbusConfigSchema } from './config.js';
import { ModbusAdapter } from './modbus-adapter.js';
import { bench, newSlaves, url } from './test-bench.js';
import { testProfile } from './test-profile.js';

for (const kind of ['mbap', 'rtu'] as const) {
  t.test(`${kind}: polls every point, joined into few requests`, async (t) => {
    const { host, slaves, adapter } = bench(t, newSlaves(1), {}, { kind });
    adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
    await adapter.start();
    await host.until('all values', () => host.value('far') === 77 && host.value('relay') === false);
    await host.until('a second round', () => slaves.requests.filter((request) => request.code === 3).length > 5);
    t.equal(host.value('temperature'), 23.5);
    t.equal(host.value('level'), 12.5);
    t.equal(host.value('mode'), 'cool');
    t.equal(host.value('serialNumber'), 'S123');
    const holding = slaves.requests.filter((request) => request.code === 3 && request.address < 20);
    t.match(holding[0], { address: 0, count: 24 }, 'one request for what is due of both paces, over two gaps');
    t.match(holding[1], { address: 0, count: 11 }, 'then for the quick ones alone');
    t.match(host.lastEvidence('poll'), { ok: true, reason: 'poll_ok' });
    t.equal(adapter.status().state, 'running');
  });
}

t.test('a value that cannot be is null and bad, its neighbours stand', async (t) => {
  const { host, slaves, adapter } = bench(t, newSlaves(1));
  const registers = slaves.registers.get(1) as Uint16Array;
  registers[8] = 9;
  registers.set([0x7fc0, 0], 2);
  registers[1] = 0x8000;
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('a reading', () => host.value('kind') === 4711);
  const reading = host.readings.find((one) => 'mode' in one.values);
  t.same(reading?.values, { kind: 4711, temperature: null, level: null, mode: null, setPoint: 0, flag: false });
  t.same(reading?.quality, { level: 'bad', mode: 'bad' }, 'missing is no error');
});

t.test('a block that the device refuses is taken apart, until only what it lacks is bad', async (t) => {
  const slaves = newSlaves(1);
  for (const hole of [5, 6, 500]) slaves.holes.add(hole);
  const { host, adapter } = bench(t, slaves);
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until(
    'values on both sides of the hole',
    () => host.value('kind') === 4711 && host.value('mode') === 'cool',
  );
  await host.until('the missing register is bad', () => host.readings.some((one) => one.quality?.far === 'bad'));
  t.match(host.lastEvidence('poll'), { ok: true });
  t.match(host.faults, [{ code: 'registers_refused', message: /far/ }]);
});

t.test('an event is raised when its property changes, and not again after a restart', async (t) => {
  const slaves = newSlaves(1, 2);
  const { host, adapter } = bench(t, slaves);
  const coils = slaves.coils.get(1) as Uint8Array;
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  adapter.attach(host.device(`${url}#2`, testProfile, 'modbus', { leak: { value: true, at: 0, quality: 'good' } }));
  (slaves.coils.get(2) as Uint8Array)[0] = 1;
  await adapter.start();
  await host.until('first values', () => host.readings.filter((one) => 'leak' in one.values).length >= 4);
  t.same(host.events, []);
  coils[0] = 1;
  await host.until('the event', () => host.events.length > 0);
  t.match(host.events, [{ event: 'leakFound', data: { temperature: 23.5 } }]);
});

t.test('a silent slave is asked ever more rarely, and its neighbours keep their pace', async (t) => {
  const slaves = newSlaves(1, 2);
  slaves.silent.add(1);
  const { host, adapter } = bench(t, slaves);
  const dead = host.device(`${url}#1`, testProfile, 'modbus');
  const live = host.device(`${url}#2`, testProfile, 'modbus');
  adapter.attach(dead);
  adapter.attach(live);
  await adapter.start();
  const of = (id: string) => host.readings.filter((reading) => reading.deviceId === id).length;
  await host.until('many readings of the live one', () => of(live.deviceId) > 60);
  t.equal(of(dead.deviceId), 0);
  // Three in the three seconds that these take; six, should a busy machine make a minute of them.
  t.ok(slaves.requests.filter((request) => request.unitId === 1).length <= 8, 'few requests to the dead one');
  t.match(
    host.evidence.find((one) => one.deviceId === dead.deviceId),
    { check: 'poll', ok: false, reason: 'poll_failed' },
  );
  slaves.silent.clear();
  await host.until('it is back', () => of(dead.deviceId) > 0);
});

t.test('a lost link is noticed at once, said to every device, and made again', async (t) => {
  const { host, adapter, peers } = bench(t, newSlaves(1, 2));
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  adapter.attach(host.device(`${url}#2`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('running', () => host.readings.length > 2);
  await peers[0]?.close();
  await host.until(
    'both are told',
    () => new Set(host.evidence.filter((one) => !one.ok).map((one) => one.deviceId)).size === 2,
  );
  t.match(
    host.evidence.filter((one) => !one.ok).map((one) => [one.check, one.reason]),
    [
      ['poll', 'link_down'],
      ['poll', 'link_down'],
    ],
  );
  t.equal(adapter.status().state, 'waiting');
  const before = host.readings.length;
  await host.until('readings again', () => host.readings.length > before + 2);
  t.equal(peers.length, 2);
  t.equal(adapter.status().state, 'running');
});

t.test('garbage in the middle costs the connection, and nothing else', async (t) => {
  const { host, slaves, adapter, peers } = bench(t, newSlaves(1));
  adapter.attach(host.device(`${url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('running', () => host.readings.length > 2);
  peers[0]?.write(Buffer.from('garbage and more garbage'));
  await host.until('a new connection', () => peers.length === 2);
  const before = host.readings.length;
  await host.until('readings again', () => host.readings.length > before);
  slaves.spoil = (pdu) => pdu.subarray(0, pdu.length - 1);
  await host.until('short replies are counted', () => (adapter.counters().badReplies ?? 0) > 0);
  await host.until('and said', () =>
    host.evidence.some((one) => one.check === 'poll' && /broken reply/.test(one.detail ?? '')),
  );
});

t.test('discovery finds what a profile knows, and what none knows', async (t) => {
  const slaves = newSlaves(1, 3);
  (slaves.registers.get(3) as Uint16Array)[0] = 1;
  const { host, adapter } = bench(t, slaves, { unitIds: [1, 2, 3], probeTimeoutMs: 50 });
  await adapter.start();
  await host.until('running', () => adapter.status().state === 'running');
  const found = [];
  for await (const one of adapter.discover({ signal: AbortSignal.timeout(60_000) })) found.push(one);
  t.match(found, [
    {
      address: `${url}#1`,
      profileId: 'acme/probe-1',
      certainty: 'certain',
      identity: { vendor: 'acme', model: 'probe-1', serial: 'S123' },
    },
    { address: `${url}#3`, certainty: 'unknown', identity: { serial: 'bus-3' } },
  ]);
  t.equal(found.length, 2);
});

t.test('with discovery on, what answers is registered and polled by itself', async (t) => {
  const { host, adapter } = bench(t, newSlaves(1), { discover: true, probeTimeoutMs: 50 });
  host.onFound = (view) => adapter.attach(view);
  await adapter.start();
  await host.until('values', () => host.value('temperature') === 23.5);
  t.equal(host.foundDevices.length, 1);
});

t.test('two devices with one serial number are two; one that moved is one', async (t) => {
  const slaves = newSlaves(1, 2);
  const { host, adapter } = bench(t, slaves, { discover: true, unitIds: [1, 2, 3], rediscoverEveryMs: 1_000 });
  await adapter.start();
  await host.until('both', () => host.devices.list().length === 2);
  t.same(
    host.devices.list().map(({ address, identity }) => [address, identity.serial]),
    [
      [`${url}#1`, 'S123'],
      [`${url}#2`, 'S123@bus-2'],
    ],
  );
  t.match(host.faults, [{ code: 'serial_number_twice', message: /#2.*#1.*S123/ }]);
  slaves.silent.add(1);
  for (const table of [slaves.registers, slaves.coils] as Map<number, unknown>[]) table.set(3, table.get(1));
  await host.until('it is found again', () => host.devices.list().some(({ address }) => address === `${url}#3`));
  t.same(
    host.devices
      .list()
      .map(({ address }) => address)
      .sort(),
    [`${url}#2`, `${url}#3`],
  );
});

t.test('over TCP: a reset in the middle of a poll is survived', async (t) => {
  const slaves = newSlaves(1);
  const server = await slaves.listen();
  t.teardown(() => server.close());
  const host = new TestHost([testProfile], 'bus');
  const opener = tcpLinkOpener({ host: '127.0.0.1', port: server.port });
  const config = modbusConfigSchema.parse({ id: 'bus', url: `tcp://127.0.0.1:${server.port}`, discover: false });
  const adapter = new ModbusAdapter(config, host, { opener, framing: 'mbap', gapMs: 0 });
  t.teardown(() => adapter.stop());
  adapter.attach(host.device(`${config.url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('values', () => host.value('kind') === 4711);
  for (const socket of server.sockets) socket.resetAndDestroy();
  await host.until('link down is told', () => host.evidence.some((one) => one.reason === 'link_down'));
  const before = host.readings.length;
  await host.until('readings again', () => host.readings.length > before);
});

t.test('nothing listens: waiting with a reason, tried again, stopped at once', async (t) => {
  const host = new TestHost([testProfile], 'bus');
  const config = modbusConfigSchema.parse({ id: 'bus', url: 'tcp://127.0.0.1:1', discover: false });
  const adapter = new ModbusAdapter(config, host);
  adapter.attach(host.device(`${config.url}#1`, testProfile, 'modbus'));
  await adapter.start();
  await host.until('waiting', () => adapter.status().state === 'waiting');
  t.match(adapter.status().reason, /ECONNREFUSED.*nothing listens there/);
  await adapter.stop();
  t.equal(adapter.status().state, 'stopped');
});

t.test('a profile that is not there stops this adapter alone', async (t) => {
  const config = modbusConfigSchema.parse({ id: 'bus', url, profile: 'no/such' });
  await t.rejects(new ModbusAdapter(config, new TestHost([], 'bus')).start(), { code: 'configuration' });
});

t.test('addresses of buses are checked', (t) => {
  for (const good of ['tcp://10.0.0.1', 'tcp://[::1]:502', 'rtu-tcp://gateway:4001']) {
    t.ok(modbusConfigSchema.safeParse({ id: 'a', url: good }).success, good);
  }
  for (const bad of ['10.0.0.1', 'udp://x', '/dev/ttyUSB0', 'tcp://']) {
    t.notOk(modbusConfigSchema.safeParse({ id: 'a', url: bad }).success, bad);
  }
  t.ok(modbusConfigSchema.safeParse({ id: 'a', url: '/dev/ttyUSB0', line: { baudRate: 9600 } }).success);
  t.end();
});
