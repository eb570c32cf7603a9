import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { openTcpProxy } from './tcp-proxy.js';

const echoServer = async (teardown: (end: () => void) => void) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown(() => server.close());
  return (server.address() as AddressInfo).port;
};

/** A reset is an error event first; what matters is that the connection ends. */
const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

t.test('passes, cuts, refuses and passes again', async (t) => {
  const proxy = await openTcpProxy({ port: await echoServer((end) => t.teardown(end)) });
  t.teardown(() => proxy[Symbol.asyncDispose]());
  const first = connect(proxy.port, '127.0.0.1');
  first.on('error', () => undefined);
  first.write('hello');
  const [data] = await once(first, 'data');
  t.equal(String(data), 'hello');
  const closed = closing(first);
  proxy.set('cut');
  await closed;
  const second = connect(proxy.port, '127.0.0.1');
  second.on('error', () => undefined);
  await closing(second);
  proxy.set('pass');
  const third = connect(proxy.port, '127.0.0.1');
  third.write('again');
  const [answer] = await once(third, 'data');
  t.equal(String(answer), 'again');
  third.destroy();
});

t.test('a black hole takes everything and says nothing', async (t) => {
  const proxy = await openTcpProxy({ port: await echoServer((end) => t.teardown(end)) });
  t.teardown(() => proxy[Symbol.asyncDispose]());
  proxy.set('blackhole');
  const client = connect(proxy.port, '127.0.0.1');
  await once(client, 'connect');
  let heard = 0;
  client.on('data', (chunk) => {
    heard += chunk.length;
  });
  const silence = new Promise((resolve) => setTimeout(resolve, 200));
  client.write('lost');
  await silence;
  t.equal(heard, 0);
  proxy.set('pass');
  client.write('kept');
  await once(client, 'data');
  t.equal(heard, 4);
  client.destroy();
});
