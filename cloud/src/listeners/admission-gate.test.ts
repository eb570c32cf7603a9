import { connect, createServer, type Socket } from 'node:net';
import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { AdmissionGate } from './admission-gate.js';
import type { AdmissionLimits } from './admission-limits.js';
import { AdmissionPace } from './admission-pace.js';
import { until } from './testing.js';

const limits: AdmissionLimits = {
  ...{
    perSecond: 10,
    burst: 2,
    maxUnproven: 4,
    maxWaiting: 6,
    maxWaitMs: 1_000,
    maxPerAddress: 5,
    proveWithinMs: 10_000,
  },
};

/** A gate before a real port; connections come from addresses of the loopback network. */
const setup = async (
  t: { teardown(fn: () => unknown): unknown },
  change: Partial<AdmissionLimits> = {},
  pace = new AdmissionPace(),
) => {
  const clock = new ManualClock();
  const refused: string[] = [];
  const admitted: Socket[] = [];
  const gate = new AdmissionGate({
    ...{ limits: { ...limits, ...change }, clock, pace },
    onRefused: (reason, { remoteAddress }) => refused.push(`${reason} ${remoteAddress}`),
  });
  let arrived = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    arrived++;
    gate.enter(socket, () => admitted.push(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const sockets: Socket[] = [];
  t.teardown(async () => {
    gate.close();
    for (const socket of [...sockets, ...admitted]) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const come = async (localAddress: string, count = 1) => {
    for (let i = 0; i < count; i++) {
      const before = arrived;
      const socket = connect({ host: '127.0.0.1', port, localAddress });
      socket.on('error', () => {});
      sockets.push(socket);
      await until(() => arrived > before);
    }
  };
  const addresses = () => admitted.map(({ remoteAddress }) => remoteAddress);
  return { clock, gate, refused, admitted, addresses, come, sockets };
};

t.test('lets in at its rate, addresses in turn', async (t) => {
  const { clock, gate, admitted, addresses, come } = await setup(t, { maxUnproven: 100 });
  await come('127.0.0.2', 5);
  t.equal(admitted.length, 2, 'the burst');
  await come('127.0.0.3', 1);
  await come('127.0.0.4', 1);
  t.equal(gate.waiting, 5);
  await clock.advance(300);
  t.same(addresses().slice(2), ['127.0.0.2', '127.0.0.3', '127.0.0.4'], 'one with many holds up nobody');
  await clock.advance(200);
  t.equal(admitted.length, 7);
  t.equal(gate.waiting, 0);
});

t.test('what is too much is refused at once', async (t) => {
  const { refused, come, admitted, gate } = await setup(t);
  await come('127.0.0.2', 6);
  t.same(refused, ['too_many_of_address 127.0.0.2']);
  await come('127.0.0.3', 5);
  await until(() => refused.length === 3);
  // Six wait: those of the address with the most give way until both have three.
  t.same(refused.slice(1).sort(), ['too_many 127.0.0.3', 'too_many 127.0.0.3']);
  await come('127.0.0.4', 1);
  t.match(refused[3], /^too_many 127\.0\.0\.[23]$/, 'a third address gets its place');
  t.equal(admitted.length + gate.waiting, 8);
});

t.test('who has proved itself, or has gone, makes room', async (t) => {
  const { clock, gate, admitted, come, sockets } = await setup(t, { perSecond: 1_000, burst: 10 });
  await come('127.0.0.2', 5);
  t.equal(admitted.length, 4);
  gate.proved(admitted[0]!);
  t.equal(admitted.length, 5, 'at once');
  gate.proved(admitted[0]!);
  t.equal(gate.unproven, 4);
  await come('127.0.0.2', 1);
  sockets[1]!.destroy();
  admitted[1]!.resume();
  await until(() => gate.unproven < 4 || admitted.length === 6);
  await clock.advance(200);
  t.equal(admitted.length, 6);
});

t.test('those who prove nothing make room after two seconds, and end in any case', async (t) => {
  const { clock, gate, admitted, come, refused } = await setup(t, { perSecond: 1_000, burst: 10, maxWaitMs: 5_000 });
  await come('127.0.0.2', 4);
  await come('127.0.0.3', 1);
  await clock.advance(1_900);
  t.equal(admitted.length, 4);
  await clock.advance(300);
  t.equal(admitted.length, 5);
  t.same(refused, ['not_proved 127.0.0.2']);
  await clock.advance(13_000);
  t.equal(gate.unproven, 0);
  t.equal(refused.length, 5);
});

t.test('who waited too long is not taken up any more', async (t) => {
  const { clock, admitted, come, refused } = await setup(t, { maxUnproven: 1, burst: 10 });
  await come('127.0.0.2', 3);
  await clock.advance(2_100);
  t.equal(admitted.length, 1);
  t.same(refused, ['not_proved 127.0.0.2', 'waited_too_long 127.0.0.2', 'waited_too_long 127.0.0.2']);
});

t.test('a process that is late lets in fewer, and in the end all', async (t) => {
  const pace = new AdmissionPace();
  const wide = { perSecond: 10, burst: 4, maxUnproven: 100, maxWaiting: 100, maxWaitMs: 60_000, maxPerAddress: 100 };
  const { clock, admitted, come, gate } = await setup(t, wide, pace);
  await come('127.0.0.2', 30);
  t.equal(admitted.length, 4, 'the burst');
  for (let i = 0; i < 10; i++) pace.note(200);
  await clock.advance(1_000);
  t.ok(admitted.length <= 9, `${admitted.length} within the second instead of 14`);
  await clock.advance(20_000);
  t.equal(admitted.length, 30);
  t.equal(pace.share, 1, 'timers were in time again');
  t.equal(gate.waiting, 0);
});
