import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { FaultyLine } from './faulty-line.js';

const openEcho = async (t: Test) => {
  const server = createServer((socket) => void socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const line = await FaultyLine.open(
    { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    { clock: systemClock },
  );
  t.teardown(() => line[Symbol.asyncDispose]());
  const dial = async () => {
    const socket = connect(line.address);
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return { line, dial };
};

t.test('bytes come through whole and in order, also over a line with latency and little bandwidth', async (t) => {
  const { line, dial } = await openEcho(t);
  const socket = await dial();
  line.set({ latencyMs: 50, bytesPerSecond: 40_000 });
  const sent = Buffer.from(Array.from({ length: 8_000 }, (_, i) => i % 251));
  const startMs = performance.now();
  socket.write(sent);
  const got: Buffer[] = [];
  for await (const chunk of socket) {
    got.push(chunk as Buffer);
    if (got.reduce((sum, { length }) => sum + length, 0) >= sent.length) break;
  }
  t.same(Buffer.concat(got), sent);
  t.ok(performance.now() - startMs >= 250, 'each way takes its time');
});

t.test('a cut resets what is open and lets nothing through until it is taken back', async (t) => {
  const { line, dial } = await openEcho(t);
  const socket = await dial();
  socket.write('a');
  await once(socket, 'data');
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  line.set({ cut: true });
  await gone;
  const refused = connect(line.address);
  refused.on('error', () => {});
  // Not events.once: it would take the reset for a failure of its own.
  await new Promise<void>((resolve) => refused.once('close', () => resolve()));
  line.set({});
  const again = await dial();
  again.write('b');
  t.equal(String((await once(again, 'data'))[0]), 'b');
});
