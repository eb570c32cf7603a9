import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Hono } from 'hono';
import t from 'tap';
import { until } from '../modules/streams/testing.js';
import { listen, unhurry } from './listen.js';

t.test('a connection that rests is left to who opened it', async (t) => {
  const limits = { headersMs: 1_500, requestMs: 2_000 };
  const app = new Hono().get('/', (c) => c.text('here'));
  const server = await listen(app as never, { host: '127.0.0.1', port: 0, limits });
  t.teardown(() => server.close(100));
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  socket.write(request);
  await until(async () => heard.endsWith('here'));
  t.match(heard, /^keep-alive: timeout=75\r$/im, 'longer than who sends requests keeps it');
  await pause(3_500);
  heard = '';
  socket.write(request);
  await until(async () => heard.endsWith('here'));
});

t.test('a route that bounds the pace itself is given its time, on that request alone', async (t) => {
  const app = new Hono<{ Bindings: { incoming: { socket: object } } }>();
  app.post('/slow', async (c) => {
    const hurryAgain = unhurry(c.env.incoming.socket);
    const { length } = await c.req.text();
    hurryAgain();
    return c.text(String(length));
  });
  const limits = { headersMs: 1_500, requestMs: 2_000, maxConnections: 20 };
  const server = await listen(app as never, { host: '127.0.0.1', port: 0, limits });
  t.teardown(() => server.close(100));
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  const startMs = performance.now();
  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n');
  for (let i = 0; i < 4; i++) {
    await pause(1_200);
    socket.write('0123456789');
  }
  await until(async () => /\r\n\r\n40$/.test(heard));
  t.ok(performance.now() - startMs > 2 * limits.requestMs);
  heard = '';
  socket.write('POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\nabc');
  await until(async () => socket.destroyed || /^HTTP\/1\.1 4/.test(heard));
  t.ok(true, 'the next one on this connection has to hurry as ever');
});

t.test('who is answered while it closes is not waited for any longer', async (t) => {
  let isAsked = false;
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const app = new Hono().get('/', async (c) => {
    isAsked = true;
    await answered;
    return c.text('here');
  });
  const server = await listen(app as never, { host: '127.0.0.1', port: 0 });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(async () => isAsked);
  const closing = server.close(3_600_000);
  answer();
  await closing;
  // And has the whole answer.
  await until(async () => heard.endsWith('here'));
  t.pass();
});
