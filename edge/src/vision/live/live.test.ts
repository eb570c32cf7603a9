import { mkdtempSync, rmSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { LiveRecordReader } from '@hallhub/shared/vision';
import t from 'tap';
import type { GatewayAnswer, GatewayRequest } from '../../identity/index.js';
import { LinkBudget, type LinkBudgetOptions } from '../../link-budget/index.js';
import { FragmentStream } from '../pipeline/fragment-stream.js';
import { LiveDesk } from './live-desk.js';
import { LiveOutlets } from './live-outlets.js';

t.setTimeout(300_000);

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => logger } as never;
const init = { bytes: new Uint8Array(600), codec: 'avc1.42e01e', width: 640, height: 360, timescale: 90_000 };

const until = async (what: string, is: () => boolean, withinMs = 60_000): Promise<void> => {
  const end = performance.now() + withinMs;
  while (!is()) {
    if (performance.now() > end) throw new Error(`${what} was not so in time`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** A gateway that keeps what comes, the child's side and the desk between them: real sockets, all in this process. */
const setup = async (
  t: { teardown(fn: () => unknown): unknown },
  options: {
    serve?: (incoming: IncomingMessage, answer: ServerResponse) => void;
    link?: Partial<LinkBudgetOptions>;
    isMetered?: boolean;
  } = {},
) => {
  const kinds: string[] = [];
  let requests = 0;
  let bytes = 0;
  const keep = (incoming: IncomingMessage, answer: ServerResponse) => {
    const reader = new LiveRecordReader();
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      for (const { kind, payload } of reader.push(chunk)) {
        kinds.push(kind === 'state' ? Buffer.from(payload).toString('utf8') : kind);
      }
    });
    incoming.on('end', () => answer.writeHead(204).end());
  };
  const server = http.createServer((incoming, answer) => {
    requests += 1;
    (options.serve ?? keep)(incoming, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = ({ method, path, body, signal }: GatewayRequest) =>
    new Promise<GatewayAnswer>((resolve, reject) => {
      const out = http.request({ host: '127.0.0.1', port, method, path, agent: false, ...(signal ? { signal } : {}) });
      out.on('error', reject);
      out.on('response', (response) => {
        response.resume();
        response.on('end', () => {
          out.destroy();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.alloc(0), chain: [] });
        });
      });
      if (body instanceof Uint8Array) out.end(body);
      else (body as Readable).pipe(out);
    });
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-live-'));
  const stream = new FragmentStream();
  const deviceId = uuidv7();
  const outlets = new LiveOutlets({ fragments: stream, ffmpeg: 'ffmpeg', clock: systemClock });
  const desk = new LiveDesk({
    ...{ socketPath: join(folder, 'live.sock'), clock: systemClock, logger, request },
    ...{ share: new LinkBudget({ clock: systemClock, ...options.link }).pictures, isSpared: () => false },
    ...{ isMetered: options.isMetered ?? false, mostConversions: 1 },
    small: async () => undefined,
    fullBytesPerSecond: () => undefined,
    figures: () => outlets.figures[0],
    start: (order) => {
      if (order.cameraId !== deviceId) return false;
      outlets.start(order);
      return true;
    },
    stop: (_deviceId, form) => outlets.end(form),
  });
  t.teardown(async () => {
    await desk.close();
    outlets.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  let seq = 0;
  const push = (isKeyframe: boolean, size = 2_000) =>
    stream.push({ seq: seq++, bytes: new Uint8Array(size), isKeyframe, atMs: 0, mediaMs: 0, durationMs: 40 });
  const look = (leaseMs: number, camera = deviceId, more: { despiteMetered?: boolean; form?: 'copy' | 'mpeg1' } = {}) =>
    desk.take({ v: 1, deviceId: camera, leaseMs, at: Date.now(), ...more });
  /** Says again and again that somebody looks, until it is called off: however slow the machine is, no lease ends meanwhile. */
  const keepLooking = (more: { despiteMetered?: boolean } = {}) => {
    const tell = () => look(700, deviceId, more);
    tell();
    const timer = setInterval(tell, 50);
    t.teardown(() => clearInterval(timer));
    return () => clearInterval(timer);
  };
  const counts = { requests: () => requests, bytes: () => bytes };
  return { desk, stream, outlets, deviceId, kinds, push, look, keepLooking, ...counts };
};

t.test('while somebody looks, and no longer', async (t) => {
  const { desk, stream, outlets, kinds, push, look, keepLooking, requests } = await setup(t);
  stream.begin(init);
  push(true);
  push(false);
  const lookAway = keepLooking();
  await until('the group of pictures', () => kinds.length >= 4);
  t.same(kinds, ['describe', 'init', 'key', 'more'], 'what is kept goes first');
  push(false);
  await until('the next picture', () => kinds.at(-1) === 'more' && kinds.length === 5);
  t.same(desk.watched.length, 1);
  lookAway();
  await until('the end of the lease', () => desk.watched.length === 0);
  await until('the child to stop', () => outlets.figures.length === 0);
  t.equal(requests(), 1);
  push(false);
  t.equal(kinds.length, 5, 'nothing is sent to nobody');
  look(60_000);
  await until('the same stream again', () => kinds.length >= 9);
  t.same(kinds.slice(5, 7), ['describe', 'init']);
});

t.test('a camera the unit does not have; a cloud that says nobody looks', async (t) => {
  const first = await setup(t);
  first.look(60_000, uuidv7());
  await until('the refusal', () => first.kinds.length === 1);
  t.match(first.kinds[0], /"refused".*"not_watched"/);
  const second = await setup(t, { serve: (_incoming, answer) => void answer.writeHead(409).end() });
  second.stream.begin(init);
  second.look(60_000);
  await until('the line to end', () => second.desk.watched.length === 0);
  t.equal(second.requests(), 1);
});

t.test('a line that takes nothing: bounded, and begun anew with a key picture', async (t) => {
  let slow: IncomingMessage | undefined;
  const kinds: string[] = [];
  const { stream, push, look } = await setup(t, {
    serve: (incoming) => {
      slow = incoming;
      incoming.pause();
    },
  });
  stream.begin(init);
  push(true);
  look(60_000);
  await until('the request', () => slow !== undefined);
  let pushed = 0;
  // Far more than all buffers between them hold.
  for (let i = 0; i < 400; i++) {
    push(i % 20 === 0, 100_000);
    pushed += 100_000;
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const reader = new LiveRecordReader();
  let bytes = 0;
  slow!.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    for (const { kind } of reader.push(chunk)) kinds.push(kind);
  });
  slow!.resume();
  await until('what was held', () => kinds.includes('more'));
  push(false);
  push(true, 1_000);
  push(false, 1_000);
  await until('the next group', () => kinds.at(-1) === 'more' && kinds.at(-2) === 'key');
  t.ok(bytes < pushed / 3, `${bytes} of ${pushed} bytes were sent`);
});

t.test('a child that was begun anew is asked for the pictures again', async (t) => {
  const { stream, outlets, kinds, push, look, requests } = await setup(t);
  stream.begin(init);
  push(true);
  look(60_000);
  await until('the picture', () => kinds.at(-1) === 'key');
  outlets.close();
  await until('the pictures again', () => kinds.filter((kind) => kind === 'key').length === 2);
  t.same(kinds, ['describe', 'init', 'key', 'describe', 'init', 'key']);
  t.equal(requests(), 2);
});

t.test('a metered line: pictures for who asks all the same, as long as they do', async (t) => {
  const { desk, stream, kinds, push, look, keepLooking, requests } = await setup(t, { isMetered: true });
  stream.begin(init);
  push(true);
  look(60_000);
  await until('the refusal', () => kinds.length === 1);
  t.match(kinds[0], /"refused".*"metered"/);
  look(60_000);
  look(60_000);
  t.equal(requests(), 1, 'it is not said each time: that costs as well');
  const lookAway = keepLooking({ despiteMetered: true });
  await until('the picture', () => kinds.at(-1) === 'key');
  lookAway();
  keepLooking();
  await until('the end', () => desk.watched.length === 0);
  t.equal(requests(), 2, 'who did not ask for it keeps it up no longer');
});

t.test('what is encoded anew: no more at one time than it may', async (t) => {
  const { desk, stream, kinds, look, deviceId } = await setup(t);
  stream.begin(init);
  look(60_000, deviceId, { form: 'mpeg1' });
  look(60_000, uuidv7(), { form: 'mpeg1' });
  await until('the refusal', () => kinds.some((kind) => kind.includes('busy')));
  t.same(desk.watched, [deviceId]);
});

t.test('within a cap: what is late is left out, and nothing waits anywhere', async (t) => {
  const { stream, push, look, kinds, bytes, outlets, desk } = await setup(t, { link: { maxBytesPerSecond: 100_000 } });
  stream.begin(init);
  push(true, 10_000);
  look(60_000);
  await until('the picture', () => kinds.at(-1) === 'key');
  const [startMs, from] = [performance.now(), bytes()];
  // 1 MB/s, with a key picture a second.
  for (let n = 1; n <= 40; n++) {
    push(n % 10 === 0, 50_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const perSecond = (bytes() - from) / ((performance.now() - startMs) / 1_000);
  t.ok(perSecond < 140_000, `${Math.round(perSecond)} bytes a second`);
  t.ok(bytes() - from >= 100_000, `${bytes() - from} bytes: what the line can take is sent`);
  const { sent = 0, leftOut = 0 } = outlets.figures[0] ?? {};
  t.ok(leftOut > sent, `${sent} sent, ${leftOut} left out`);
  t.match(desk.standings, [{ form: 'copy' }]);
  t.ok(desk.sentBytes >= bytes() - 1_000);
});
