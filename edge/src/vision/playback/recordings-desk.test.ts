import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { systemClock, uuidv7 } from '@hallhub/shared';
import {
  type DownRecordings,
  LiveRecordReader,
  planAnswerSchema,
  type RecordingAsk,
  recordingProblemSchema,
  spansAnswerSchema,
} from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import type { GatewayAnswer, GatewayRequest } from '../../identity/index.js';
import type { Fragment } from '../pipeline/fragment.js';
import { FragmentReader } from '../pipeline/fragment-reader.js';
import { fragmentedClip, skipWithoutFfmpeg } from '../pipeline/test-clip.js';
import { RecordingRing } from '../recording/index.js';
import { RecordingsDesk } from './recordings-desk.js';

t.setTimeout(300_000);
const skip = skipWithoutFfmpeg;
const startMs = Date.UTC(2026, 5, 1);
const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => logger } as never;

interface Posted {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** A ring with ten seconds in it, a desk over it, and a gateway that keeps what comes: real sockets. */
const setup = async (t: Test, options: { bytesPerSecond?: number; hold?: Promise<void>; status?: number } = {}) => {
  const folder = t.testdir();
  const cameraId = uuidv7();
  const ring = new RecordingRing({ folder: path.join(folder, cameraId), segmentMs: 4_000 });
  await ring.start();
  const fragments: Fragment[] = [];
  const reader = new FragmentReader({
    now: () => 0,
    onInit: (init) => ring.onInit(init),
    onFragment: (one) => fragments.push(one),
  });
  reader.push(fragmentedClip({ seconds: 10, fps: 5, group: 10 }));
  for (const one of fragments) ring.onFragment({ ...one, atMs: startMs + one.mediaMs });
  await ring.flush();
  const answers = new Map<string, (posted: Posted) => void>();
  const requests = { now: 0, most: 0, all: 0 };
  const server = http.createServer(async (incoming, answer) => {
    requests.all += 1;
    requests.most = Math.max(requests.most, ++requests.now);
    if (options.status) answer.writeHead(options.status).end();
    await options.hold;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      // Broken off.
      return;
    } finally {
      requests.now -= 1;
    }
    if (!options.status) answer.writeHead(204).end();
    const id = incoming.url?.split('/').at(-1) ?? '';
    const type = incoming.headers['content-type'] ?? '';
    answers.get(id)?.({ status: 204, type, body: Buffer.concat(chunks) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = ({ method, path: to, body, headers, signal }: GatewayRequest) =>
    new Promise<GatewayAnswer>((resolve, reject) => {
      const out = http.request({ host: '127.0.0.1', port, method, path: to, agent: false, headers, signal });
      out.on('error', reject);
      out.on('response', (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.alloc(0), chain: [] });
      });
      (body as Readable).pipe(out);
    });
  const desk = new RecordingsDesk({
    ...{ folder, clock: systemClock, logger, request, bytesPerSecond: options.bytesPerSecond ?? 1e9 },
    ...{ share: { take: () => 0, bytesPerSecond: undefined }, isMetered: false },
  });
  t.teardown(async () => {
    await desk.close();
    await ring.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const message = (ask: RecordingAsk, deviceId = cameraId): DownRecordings => ({
    ...{ v: 1, requestId: `p.${uuidv7()}`, deviceId, withinMs: 20_000, at: Date.now(), ask },
  });
  const ask = (what: RecordingAsk, deviceId = cameraId) =>
    new Promise<Posted>((resolve) => {
      const one = message(what, deviceId);
      answers.set(one.requestId, resolve);
      desk.take(one);
    });
  return { desk, ask, message, requests, ring, cameraId };
};

const day = { from: startMs, to: startMs + 86_400_000 };
const media = { kind: 'media', from: startMs, pictures: 'all', maxBytes: 1_000_000 } as const;

t.test('spans, pictures, a file: each one request', { skip }, async (t) => {
  const { ask, desk, cameraId } = await setup(t);
  const spans = spansAnswerSchema.parse(JSON.parse((await ask({ kind: 'spans', ...day })).body.toString()));
  t.match(spans, { spans: [{ from: startMs, to: startMs + 10_000 }], oldestAt: startMs, newestAt: startMs + 10_000 });
  const none = await ask({ kind: 'spans', ...day }, uuidv7());
  t.match(JSON.parse(none.body.toString()), { spans: [], oldestAt: null });

  const pictures = new LiveRecordReader().push((await ask(media)).body);
  t.same(
    pictures.slice(0, 4).map(({ kind }) => kind),
    ['describe', 'init', 'time', 'key'],
  );
  t.equal(pictures.at(-1)?.kind, 'end');
  t.equal(pictures.length, 50 + 4);

  const planned = planAnswerSchema.parse(
    JSON.parse((await ask({ kind: 'plan', from: startMs, to: startMs + 6_000 })).body.toString()),
  );
  t.match(planned, { pictures: 31, holes: 0 });
  const whole: Buffer[] = [];
  for (let offset = 0; offset < planned.bytes; offset += 20_000) {
    const file = { kind: 'file', plan: planned.plan, offset, maxBytes: 20_000 } as const;
    whole.push((await ask(file)).body);
  }
  t.equal(Buffer.concat(whole).length, planned.bytes);
  t.equal(whole[0]?.toString('latin1', 4, 8), 'ftyp');
  const problemOf = async (answer: Promise<Posted>) => {
    const { type, body } = await answer;
    t.equal(type, 'application/problem+json');
    return recordingProblemSchema.parse(JSON.parse(body.toString())).problem;
  };
  t.equal(await problemOf(ask({ kind: 'file', plan: 'other', offset: 0, maxBytes: 2_000 })), 'gone');
  t.equal(await problemOf(ask({ kind: 'plan', from: startMs + 60_000, to: startMs + 90_000 })), 'not_recorded');
  t.match(await desk.spans(cameraId, day), { spans: [{ to: startMs + 10_000 }] });
  t.ok(desk.figures.answered >= 7);
});

t.test('eight at one recording: four at a time, all are served; a flood is not', { skip }, async (t) => {
  let letGo = () => {};
  const hold = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { ask, desk, message, requests } = await setup(t, { hold });
  const eight = Array.from({ length: 8 }, () => ask(media));
  const flood = Array.from({ length: 60 }, () => message(media));
  for (const one of flood) desk.take(one);
  t.match(desk.figures, { running: 4, waiting: 32 });
  for (const one of flood.slice(0, 5)) desk.take(one);
  t.equal(desk.figures.waiting, 32, 'the same again is not asked twice');
  letGo();
  const sizes = (await Promise.all(eight)).map(({ body }) => body.length);
  t.equal(new Set(sizes).size, 1, 'everybody gets the same');
  t.ok((sizes[0] ?? 0) > 20_000);
  t.ok(requests.most <= 4);
});

t.test('a rate for all together; nobody waits any more; the end', { skip }, async (t) => {
  const { ask, desk } = await setup(t, { bytesPerSecond: 300_000 });
  const began = performance.now();
  const sizes = (await Promise.all([ask(media), ask(media)])).map(({ body }) => body.length);
  const all = sizes.reduce((sum, one) => sum + one, 0);
  const leastMs = (all / 300_000 - 1) * 1_000;
  t.ok(performance.now() - began >= leastMs * 0.9, `${all} bytes take their time`);
  const refused = await setup(t, { status: 409 });
  refused.desk.take(refused.message(media));
  while (refused.desk.figures.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.equal(refused.desk.figures.answered, 0);
  void ask(media);
  await desk.close();
  t.equal(desk.figures.running, 0, 'what runs is broken off');
});
