import { type HubError, ManualClock, systemClock } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { memoryLinkPair } from '../links/index.js';
import { ModbusClient } from './modbus-client.js';
import { codeOf, connect, options } from './test-client.js';
import { ModbusSlaves, rtuFrame } from './test-slaves.js';

t.test('mbap: replies of another unit or function, and doubled ones, are passed over and told', async (t) => {
  const [near, peer] = memoryLinkPair();
  const client = new ModbusClient(near, 'mbap', systemClock);
  t.teardown(() => client.close());
  let answer = (_id: number): string[] => [];
  peer.listen({
    data: (bytes) => {
      for (const hex of answer(bytes.readUInt16BE(0))) {
        const id = bytes.toString('hex', 0, 2);
        peer.write(Buffer.from(`${id}0000${hex}`, 'hex'));
      }
    },
    closed: () => undefined,
  });
  const good = '000501030200' + '2a';
  answer = () => ['0005020302ffff', '0005010402ffff', good, good];
  t.same([...(await client.read('holding', 0, 1, options))], [42]);
  t.same([...(await client.read('holding', 0, 1, options))], [42], 'the doubled one is not taken for the next');
  t.ok(client.counters.strayFrames >= 4);
  answer = () => ['0005ff0302ffff'];
  await t.rejects(client.read('holding', 0, 1, { ...options, timeoutMs: 30 }), {
    code: 'protocol_violation',
    message: 'unit 255 answered in place of unit 1',
  });
});

t.test('rtu: a late reply of another length is passed over', async (t) => {
  const [near, peer] = memoryLinkPair();
  const client = new ModbusClient(near, 'rtu', systemClock);
  t.teardown(() => client.close());
  peer.listen({
    data: () => {
      peer.write(rtuFrame(1, Buffer.from([3, 4, 0, 1, 0, 2])));
      peer.write(rtuFrame(1, Buffer.from([3, 2, 0, 42])));
    },
    closed: () => undefined,
  });
  t.same([...(await client.read('holding', 0, 1, options))], [42]);
});

t.test('a write whose reply names another register did not happen as asked', async (t) => {
  for (const kind of ['mbap', 'rtu'] as const) {
    const { client, slaves } = connect(kind);
    t.teardown(() => client.close());
    slaves.spoil = (pdu) => Buffer.from([...pdu.subarray(0, 2), 9, ...pdu.subarray(3)]);
    t.equal(await codeOf(client.writeRegister(1, 2, { ...options, timeoutMs: 50 })), 'protocol_violation', kind);
  }
});

t.test('every exception has a name and says what to do', async (t) => {
  const { client, slaves } = connect('mbap');
  t.teardown(() => client.close());
  const names: string[] = [];
  for (const exception of [1, 2, 3, 4, 5, 6, 7, 8, 10, 11]) {
    slaves.exceptions.set(1, exception);
    const error: HubError = await client.read('holding', 0, 1, options).then(
      () => t.fail('no error') as never,
      (reason: HubError) => reason,
    );
    t.match(error.message, new RegExp(`^unit 1 answered exception ${exception}: [a-z ]+$`));
    t.ok((error.hint ?? '').length > 20, `${exception}: ${error.hint}`);
    names.push(String(error.context.exceptionName));
  }
  t.equal(new Set(names).size, 10);
  slaves.exceptions.set(1, 99);
  await t.rejects(client.read('holding', 0, 1, options), { message: /exception 99: unknown/ });
});

t.test('whatever comes back, a request ends with a value or an error, and the next one is heard', async (t) => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => rtuFrame(1, Buffer.from(bytes))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('mbap' as const, 'rtu' as const),
      fc.array(chunk, { maxLength: 5 }),
      async (kind, chunks) => {
        const clock = new ManualClock();
        const [near, peer] = memoryLinkPair();
        const client = new ModbusClient(near, kind, clock);
        const slaves = new ModbusSlaves(1);
        let fuzz = true;
        peer.listen({
          data: (bytes) => {
            if (fuzz) for (const one of chunks) peer.write(one);
            else if (kind === 'mbap') slaves.serveMbap(bytes, (reply) => peer.write(reply));
            else slaves.serveRtu(bytes, (reply) => peer.write(reply));
          },
          closed: () => undefined,
        });
        const first = codeOf(client.read('holding', 0, 2, options));
        await clock.advance(300);
        const code = await first;
        if (!['ok', 'timeout', 'protocol_violation', 'device_refused', 'unavailable', 'link_lost'].includes(code))
          return false;
        fuzz = false;
        const second = codeOf(client.read('holding', 0, 1, options));
        await clock.advance(300);
        // Only a stream without boundaries costs the connection.
        return (await second) === (near.isOpen ? 'ok' : 'link_lost') || kind === 'mbap';
      },
    ),
    { numRuns: 200 },
  );
  t.pass();
});
