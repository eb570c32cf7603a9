import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ManualClock, systemClock, uuidv7 } from '@hallhub/shared';
import { type LiveRecord, liveJson } from '@hallhub/shared/vision';
import pino from 'pino';
import t from 'tap';
import { LiveChannel, type LiveViewer } from './live-channel.js';
import { LiveHub } from './live-hub.js';
import { noRelay } from './live-relay.js';
import { LiveSockets } from './live-sockets.js';
import { LiveTickets } from './live-ticket.js';

const record = (kind: LiveRecord['kind'], bytes = 1): LiveRecord => ({ kind, payload: new Uint8Array(bytes) });
const describe = liveJson('describe', { v: 1, stream: 's', codec: 'avc1.42e01e', width: 640, height: 360 });

class Screen implements LiveViewer {
  readonly seen: string[] = [];
  bytes = 0;
  isBehind = false;
  send({ kind, payload }: LiveRecord): void {
    if (kind !== 'state') this.seen.push(kind);
    this.bytes += payload.length;
  }
}

const startServer = async (t: { teardown(fn: () => unknown): unknown }): Promise<Server> => {
  const log = pino({ level: 'silent' });
  const hub = new LiveHub({ clock: new ManualClock(), relay: noRelay, ask: () => {} });
  const tickets = new LiveTickets('test-secret-of-32-characters-or-more');
  const sockets = new LiveSockets({ mayStill: async () => true, hub, tickets, clock: systemClock, log });
  const server = createServer((_request, response) => response.end('here'));
  sockets.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    sockets.close();
    hub.close();
    server.closeAllConnections();
    server.close();
  });
  return server;
};

/** What the server answers to these bytes, and whether it did. */
const say = (server: Server, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let answer = '';
    socket.setTimeout(5_000, () => reject(new Error('no answer')));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });

t.test('an address that is none ends its own connection and nothing else', async (t) => {
  const server = await startServer(t);
  const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  for (const path of ['//', 'http://', '//[', '/api/v1/video/live?ticket=%', '/api/v1/video/live?ticket=e30.x']) {
    t.match(await say(server, `GET ${path} HTTP/1.1\r\n${upgrade}${key}\r\n`), /^HTTP\/1\.1 40[034] /, path);
  }
  t.match(await say(server, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /here/, 'it still serves');
});

t.test('a unit that sends a flood of tiny records, or of beginnings, fills no memory', async (t) => {
  const channel = new LiveChannel();
  const slow = new Screen();
  channel.join(slow);
  channel.take(describe);
  channel.take(record('init'));
  channel.take(record('key'));
  for (let i = 0; i < 200_000; i++) channel.take(record('more', 0));
  t.ok(channel.start().length < 20_000, `${channel.start().length} records are kept for a newcomer`);

  slow.isBehind = true;
  const before = slow.bytes;
  for (let i = 0; i < 100; i++) {
    channel.take(describe);
    channel.take(record('init', 1_000_000));
    channel.take(record('key', 10));
  }
  t.equal(slow.bytes, before, 'who takes nothing is sent nothing');
  slow.isBehind = false;
  slow.seen.length = 0;
  channel.take(record('more', 1));
  t.same(slow.seen, [], 'nothing before a key picture');
  channel.take(record('key', 1));
  t.same(slow.seen, ['describe', 'init', 'key'], 'and then with the beginning that holds now');
});

t.test('one ticket opens a few sockets, not all there are', async (t) => {
  const server = await startServer(t);
  const tickets = new LiveTickets('test-secret-of-32-characters-or-more');
  const cameras = [{ deviceId: uuidv7(), unitId: uuidv7() }];
  const ticket = tickets.issue({
    ...{ tenantId: uuidv7(), userId: uuidv7(), cameras, endsAt: systemClock.now() + 60_000 },
  });
  const { WebSocket } = await import('ws');
  const { port } = server.address() as AddressInfo;
  const outcomes = await Promise.all(
    Array.from({ length: 110 }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/video/live?ticket=${ticket}`);
      t.teardown(() => socket.terminate());
      return new Promise<string>((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('error', (error) => resolve(/\d{3}/.exec(error.message)?.[0] ?? error.message));
      });
    }),
  );
  const opened = outcomes.filter((one) => one === 'open').length;
  t.ok(opened === 100, `${opened} were opened`);
  t.ok(outcomes.includes('429'));
});
