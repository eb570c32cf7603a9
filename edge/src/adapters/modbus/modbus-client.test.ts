import { ManualClock, systemClock } from '@hallhub/shared';
import t from 'tap';
import { memoryLinkPair } from '../links/index.js';
import { ModbusClient } from './modbus-client.js';
import { writeRegisterRequest } from './pdu.js';
import { codeOf, connect, options } from './test-client.js';
import { ModbusSlaves, rtuFrame } from './test-slaves.js';

for (const kind of ['mbap', 'rtu'] as const) {
  t.test(`${kind}: reads and writes all four tables`, async (t) => {
    const { client, slaves } = connect(kind);
    t.teardown(() => client.close());
    await client.writeRegisters(10, [1, 2, 3], options);
    await client.writeRegister(13, 4, options);
    await client.maskWrite(13, { andMask: 0xff00, orMask: 0x55 }, options);
    await client.writeCoils(0, [true, false, true], options);
    await client.writeCoil(9, true, options);
    t.same([...(await client.read('holding', 10, 4, options))], [1, 2, 3, 0x55]);
    t.same([...(await client.read('input', 10, 2, options))], [1, 2]);
    t.same([...(await client.read('coil', 0, 10, options))], [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    t.same([...(await client.read('discrete', 2, 1, options))], [1]);
    t.equal(slaves.requests.length, 9);
  });

  t.test(`${kind}: exceptions are told apart`, async (t) => {
    const { client, slaves } = connect(kind);
    t.teardown(() => client.close());
    const expected: Record<number, string> = {
      1: 'device_refused',
      2: 'device_refused',
      3: 'device_refused',
      4: 'device_refused',
      5: 'unavailable',
      6: 'unavailable',
      10: 'unavailable',
      11: 'unavailable',
    };
    for (const [exception, code] of Object.entries(expected)) {
      slaves.exceptions.set(1, Number(exception));
      await t.rejects(client.read('holding', 0, 1, options), {
        code,
        context: { exception: Number(exception), unitId: 1 },
      });
    }
  });

  t.test(`${kind}: silence times out, an abort ends the wait, and the next request is clean`, async (t) => {
    const { client, slaves } = connect(kind);
    t.teardown(() => client.close());
    slaves.silent.add(1);
    t.equal(await codeOf(client.read('holding', 0, 1, { ...options, timeoutMs: 20 })), 'timeout');
    const abort = new AbortController();
    const waiting = client.read('holding', 0, 1, { ...options, signal: abort.signal });
    abort.abort(new Error('enough'));
    await t.rejects(waiting, { message: 'enough' });
    slaves.silent.clear();
    t.same([...(await client.read('holding', 0, 1, options))], [0]);
  });

  t.test(`${kind}: a reply of the wrong size is a violation, not a value`, async (t) => {
    const { client, slaves } = connect(kind);
    t.teardown(() => client.close());
    slaves.spoil = (pdu) => (pdu[0] === 3 ? Buffer.from([3, 2, 0, 1]) : pdu);
    t.equal(await codeOf(client.read('holding', 0, 4, options)), 'protocol_violation');
    slaves.spoil = undefined;
    t.same([...(await client.read('holding', 0, 1, options))], [0]);
    t.equal(client.counters.corruptFrames, 1);
  });

  t.test(`${kind}: a link that breaks in the middle fails the request at once`, async (t) => {
    const { client, slaves, peer } = connect(kind);
    slaves.silent.add(1);
    const waiting = codeOf(client.read('holding', 0, 1, { unitId: 1, timeoutMs: 60_000 }));
    await peer.close();
    t.equal(await waiting, 'link_lost');
    t.equal((await client.closed).code, 'link_lost');
    t.equal(await codeOf(client.read('holding', 0, 1, options)), 'link_lost');
  });
}

t.test('mbap: a late reply is counted and not taken for the next one', async (t) => {
  const [near, peer] = memoryLinkPair();
  const held: Buffer[] = [];
  const slaves = new ModbusSlaves(1);
  (slaves.registers.get(1) as Uint16Array).set([11, 22]);
  peer.listen({ data: (bytes) => slaves.serveMbap(bytes, (reply) => void held.push(reply)), closed: () => undefined });
  const client = new ModbusClient(near, 'mbap', systemClock);
  t.teardown(() => client.close());
  t.equal(await codeOf(client.read('holding', 0, 1, { ...options, timeoutMs: 20 })), 'timeout');
  const second = client.read('holding', 1, 1, options);
  await new Promise((resolve) => setImmediate(resolve));
  for (const reply of held) peer.write(reply);
  t.same([...(await second)], [22]);
  t.equal(client.counters.strayFrames, 1);
});

t.test('rtu: what another unit says is passed over', async (t) => {
  const { client, slaves } = connect('rtu');
  t.teardown(() => client.close());
  (slaves.registers.get(1) as Uint16Array)[0] = 5;
  const [near, peer] = memoryLinkPair();
  const other = new ModbusClient(near, 'rtu', systemClock);
  t.teardown(() => other.close());
  peer.listen({
    data: () => {
      peer.write(rtuFrame(2, Buffer.from([3, 2, 0, 9])));
      peer.write(rtuFrame(1, Buffer.from([3, 2, 0, 5])));
    },
    closed: () => undefined,
  });
  t.same([...(await other.read('holding', 0, 1, options))], [5]);
});

t.test('mbap: garbage closes the connection', async (t) => {
  const [near, peer] = memoryLinkPair();
  const client = new ModbusClient(near, 'mbap', systemClock);
  peer.listen({ data: () => peer.write(Buffer.from('HTTP/1.1 400 Bad Request')), closed: () => undefined });
  t.equal(await codeOf(client.read('holding', 0, 1, options)), 'protocol_violation');
  t.equal((await client.closed).code, 'link_lost');
});

t.test('two requests at once are a bug of the caller', async (t) => {
  const { client, slaves } = connect('mbap');
  t.teardown(() => client.close());
  slaves.silent.add(1);
  const first = codeOf(client.read('holding', 0, 1, { ...options, timeoutMs: 20 }));
  t.equal(await codeOf(client.read('holding', 0, 1, options)), 'bug');
  t.equal(await first, 'timeout');
});

t.test('the line rests between a reply and the next request, and for the turnaround behind a broadcast', async (t) => {
  const clock = new ManualClock();
  const [near, peer] = memoryLinkPair();
  const slaves = new ModbusSlaves(1);
  const at: number[] = [];
  peer.listen({
    data: (bytes) => {
      at.push(clock.monotonicMs());
      slaves.serveRtu(bytes, (reply) => peer.write(reply));
    },
    closed: () => undefined,
  });
  const client = new ModbusClient(near, 'rtu', clock, { gapMs: 4, byteMs: 1 });
  t.teardown(() => client.close());
  const all = (async () => {
    await client.read('holding', 0, 1, options);
    await client.read('holding', 0, 1, options);
    await client.broadcast(writeRegisterRequest(3, 7), { turnaroundMs: 100 });
    await client.read('holding', 3, 1, options);
  })();
  await clock.advance(1_000);
  await all;
  t.same(at, [0, 4, 8, 116], 'eight bytes of the broadcast take eight ms themselves');
  t.match(slaves.requests[2], { unitId: 0, code: 6, address: 3 });
});

t.test('a slow line is given the time that its bytes need', async (t) => {
  const clock = new ManualClock();
  const [near, peer] = memoryLinkPair();
  const slaves = new ModbusSlaves(1);
  // 120 registers at 1,200 baud: 2.3 s for the reply alone.
  peer.listen({
    data: (bytes) => slaves.serveRtu(bytes, (reply) => clock.setTimeout(() => peer.write(reply), 2_300)),
    closed: () => undefined,
  });
  const client = new ModbusClient(near, 'rtu', clock, { gapMs: 33, byteMs: 9.17 });
  t.teardown(() => client.close());
  const reading = client.read('holding', 0, 120, { unitId: 1, timeoutMs: 1_000 });
  await clock.advance(3_000);
  t.equal((await reading).length, 120);
});
