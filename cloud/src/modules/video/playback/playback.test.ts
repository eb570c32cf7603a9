import { createHash, randomBytes } from 'node:crypto';
import { type HubError, ManualClock, uuidv7 } from '@hallhub/shared';
import type { DownRecordings, PlanAnswer, RecordingAsk } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { testOrigin } from '../../../http/testing.js';
import { bringUpDevice, startTestLink, type TestLink } from '../../streams/test-link.js';
import { type AnswerPart, type AnswerRelay, noAnswerRelay, readPart, writePart } from './answer-relay.js';
import { openPlayback, type Playback } from './open-playback.js';
import { RecordingAsks } from './recording-asks.js';

t.setTimeout(300_000);

type Post = (type: string, body: Uint8Array | ReadableStream<Uint8Array>) => Promise<Response>;

/** The app with a unit that answers as `unit` says, over the gateway's module. */
const setup = async (t: Test) => {
  let playback: Playback | undefined;
  let unit: (ask: RecordingAsk, post: Post, message: DownRecordings) => unknown = () => {};
  const asked: DownRecordings[] = [];
  const posts: Promise<unknown>[] = [];
  const cloud = await startTestLink(t, {
    routes: ({ clock, metrics }) => {
      playback = openPlayback({
        ...{
          clock,
          metrics,
          relay: noAnswerRelay(),
          secret: 'test-secret-of-32-characters-or-more',
        },
        tell: (_topic, message) => {
          const down = message as DownRecordings;
          asked.push(down);
          setImmediate(() => unit(down.ask, (type, body) => post(down.requestId, type, body), down));
        },
      });
      return playback.routes;
    },
  });
  t.teardown(() => playback?.close());
  const { deviceId } = await bringUpDevice(cloud);
  const post = (requestId: string, type: string, body: unknown, unitId = cloud.unit.unitId): Promise<Response> => {
    const request = new Request(`https://unit/unit/v1/recordings/${requestId}`, {
      ...{ method: 'POST', body, duplex: 'half', headers: { 'content-type': type } },
    } as RequestInit);
    const of = { unitId, address: '127.0.0.1', certificateSha256: '' };
    const answer = Promise.resolve(
      playback?.gateway.handle(request, of, request.body as ReadableStream<Uint8Array>),
    ) as Promise<Response>;
    posts.push(answer.catch(() => undefined));
    return answer;
  };
  return {
    ...{ cloud, deviceId, asked, post },
    answers: (how: typeof unit) => {
      unit = how;
    },
    path: (what: string) => `/video/recordings/${deviceId}/${what}`,
  };
};

/** Of an answer that is no JSON. */
const bytesOf = async (cloud: TestLink, { cookie }: { cookie: string }, path: string): Promise<Response> =>
  cloud.app.request(`${testOrigin}/api/v1${path}`, { headers: { cookie } });

const json = (value: object) => Buffer.from(JSON.stringify(value));
const day = { from: '2026-06-01T00:00:00.000Z', to: '2026-06-02T00:00:00.000Z' };
const dayMs = { from: Date.parse(day.from), to: Date.parse(day.to) };
const query = (of: Record<string, string>) => new URLSearchParams(of).toString();

t.test('spans, a viewing and its pieces', async (t) => {
  const { cloud, deviceId, answers, asked, path } = await setup(t);
  const manager = await cloud.signInAs('hall-manager');
  answers((ask, post) => {
    if (ask.kind === 'spans')
      void post('application/json', json({ v: 1, spans: [{ ...dayMs }], oldestAt: dayMs.from, newestAt: dayMs.to }));
    else void post('application/octet-stream', Buffer.from('records'));
  });
  const spans = await manager.get(`${path('spans')}?${query(day)}`);
  t.match(spans, { status: 200, body: { spans: [day], timeZone: 'Asia/Shanghai', oldestAt: day.from } });
  t.match(asked[0], { deviceId, ask: { kind: 'spans', ...dayMs } });
  for (const to of ['2026-05-31T00:00:00Z', '2026-07-04T00:00:00Z'])
    t.equal((await manager.get(`${path('spans')}?${query({ ...day, to })}`)).status, 400, 'no unit is asked for that');
  const unseen = await manager.get(`${path('media')}?${query({ ticket: 'x', from: day.from })}`);
  t.match(unseen, { status: 409, body: { context: { reason: 'ticket' } } });
  const { status, body } = await manager.post(path('viewings'), day);
  t.equal(status, 201);
  t.match(await cloud.auditRows('recording.viewed'), [{ targetId: deviceId, hallId: cloud.hallId, after: day }]);
  const media = (more: Record<string, string> = {}) =>
    `${path('media')}?${query({ ticket: body.ticket, from: day.from, ...more })}`;
  const piece = await bytesOf(cloud, manager, media({ cursor: '7.120', pictures: 'keys' }));
  t.equal(await piece.text(), 'records');
  t.equal(piece.headers.get('cache-control'), 'private, no-store');
  t.match(asked.at(-1)?.ask, { kind: 'media', cursor: '7.120', pictures: 'keys', to: dayMs.to });
  t.equal((await manager.get(media({ from: '2026-06-03T00:00:00Z' }))).status, 400, 'another day is another viewing');
  const second = await cloud.signInAs('owner');
  t.equal((await second.get(media())).status, 409, 'a ticket is nobody else’s');
  t.equal((await manager.post(path('viewings'), { from: day.from, to: '2026-06-05T00:00:00Z' })).status, 400);
  await cloud.clock.advance(60 * 60_000);
  t.equal((await manager.get(media())).status, 409, 'and over after an hour');
});

t.test('who may not; a unit that is away, silent, refuses, breaks off, answers for another', async (t) => {
  const { cloud, answers, asked, path, post } = await setup(t);
  const manager = await cloud.signInAs('hall-manager');
  const get = () => manager.get(`${path('spans')}?${query(day)}`);
  for (const person of [
    await cloud.signInAs('owner', { tenant: 'other' }),
    await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] }),
  ]) {
    t.equal((await person.get(`${path('spans')}?${query(day)}`)).status, 404);
    t.equal((await person.post(path('viewings'), day)).status, 404);
    t.equal((await person.post(path('downloads'), { from: day.from, to: '2026-06-01T00:05:00Z' })).status, 404);
  }
  t.equal((await (await cloud.signInAs('observer')).post(path('viewings'), day)).status, 403);
  t.same(asked, [], 'no unit was asked');
  answers((_ask, post) => void post('application/problem+json', json({ v: 1, problem: 'gone', detail: 'over' })));
  t.match(await get(), { status: 410, body: { context: { reason: 'gone' } } });
  answers((_ask, post) => void post('application/json', json({ v: 2 })));
  t.equal((await get()).status, 502);
  answers((_ask, post) => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('{"v":')),
      pull: (controller) => controller.error(new Error('line')),
    });
    post('application/json', broken).catch(() => undefined);
  });
  t.match(await get(), { status: 503, body: { context: { reason: 'unit_line' } } });
  answers((_ask, _post, message) => {
    const stranger = post(message.requestId, 'application/json', json({}), uuidv7());
    stranger.catch((error: HubError) => t.equal(error.code, 'conflict', 'another unit’s answer is refused'));
    void cloud.clock.advance(16_000);
  });
  t.match(await get(), { status: 504, body: { context: { reason: 'unit_silent' } } });
});

t.test('a download: as fast as it is taken, and written down with its hash', async (t) => {
  const { cloud, deviceId, answers, path, asked } = await setup(t);
  const manager = await cloud.signInAs('hall-manager');
  const file = randomBytes(9_000_001);
  const plan: PlanAnswer = {
    ...{ v: 1, plan: 'p1', from: dayMs.from, to: dayMs.from + 60_000, bytes: file.length, pictures: 1_500 },
    ...{ width: 640, height: 360, codec: 'avc1.42e01e', holes: 0 },
  };
  let isGone = false;
  answers((ask, post) => {
    if (ask.kind === 'plan') void post('application/json', json(plan));
    else if (isGone) void post('application/problem+json', json({ v: 1, problem: 'gone' }));
    else if (ask.kind === 'file')
      post('application/octet-stream', file.subarray(ask.offset, ask.offset + ask.maxBytes)).catch(() => undefined);
  });
  const asking = { from: day.from, to: '2026-06-01T00:01:00.000Z' };
  const planned = await manager.post(path('downloads'), asking);
  t.match(planned, { status: 201, body: { bytes: file.length, pictures: 1_500, changesAt: null } });
  t.equal((await manager.post(path('downloads'), { from: day.from, to: '2026-06-01T01:00:00Z' })).status, 400);
  const fetchIt = () => bytesOf(cloud, manager, `${path('file')}?${query({ ticket: planned.body.ticket })}`);
  const answer = await fetchIt();
  t.match(answer.headers.get('content-disposition'), /attachment.*2026-06-01%2008-00-00\.mp4/, 'by the hall’s clock');
  t.ok(Buffer.from(await answer.arrayBuffer()).equals(file));
  const sha256 = createHash('sha256').update(file).digest('hex');
  t.match(await cloud.auditRows('recording.downloaded'), [
    { targetId: deviceId, hallId: cloud.hallId, after: { sha256, bytes: file.length, ...asking } },
  ]);
  t.same(
    asked.flatMap(({ ask }) => (ask.kind === 'file' ? ask.offset : [])),
    [0, 4_194_304, 8_388_608],
  );
  const left = await fetchIt();
  const reader = left.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  t.match(await cloud.auditRows('recording.download_broken'), [{ targetId: deviceId, after: { bytes: file.length } }]);
  const half = await fetchIt();
  const taken = half.body?.getReader();
  await taken?.read();
  isGone = true;
  await t.rejects(async () => {
    while (!(await taken?.read())?.done);
  }, 'what cannot be whole is broken off');
  t.equal((await cloud.auditRows('recording.download_broken')).length, 2);
  t.equal((await cloud.auditRows('recording.download_begun')).length, 3);
  t.equal((await bytesOf(cloud, manager, `${path('file')}?ticket=x.y`)).status, 409);
  answers((_ask, post) => void post('application/octet-stream', new Uint8Array(0)));
  const before = asked.length;
  await t.rejects((await fetchIt()).arrayBuffer(), 'a unit that gives nothing is not asked for ever');
  t.equal(asked.length, before + 1);
});

/** Processes joined by memory, parts as bytes; `lose` drops one. */
const wire = () => {
  const ends = new Map<string, (part: AnswerPart) => void>();
  let lose: (part: AnswerPart) => boolean = () => false;
  const end = (processId: string): AnswerRelay => ({
    processId,
    send: (to, part) => {
      const read = readPart(writePart(part));
      if (read && !lose(part)) ends.get(to)?.(read);
    },
    onPart: (listener) => void ends.set(processId, listener),
    close: async () => {},
  });
  return {
    end,
    losing: (how: typeof lose) => {
      lose = how;
    },
  };
};

t.test('the answer comes to another process than the question; too much, and too many', async (t) => {
  const clock = new ManualClock();
  const { end, losing } = wire();
  const told: DownRecordings[] = [];
  const here = new RecordingAsks({
    clock,
    relay: end('a'),
    tell: (_topic, message) => told.push(message as DownRecordings),
  });
  const there = new RecordingAsks({ clock, relay: end('b'), tell: () => {} });
  const camera = { unitId: uuidv7(), deviceId: uuidv7() };
  const ask = () => here.ask(camera, { kind: 'spans', from: 0, to: 1 });
  const sinkOf = (asks: RecordingAsks, unitId = camera.unitId) =>
    asks.receive({ unitId, requestId: told.at(-1)?.requestId ?? '', type: 'application/octet-stream' });
  const asking = ask();
  const sink = sinkOf(there);
  sink.push(Buffer.from('one '));
  sink.push(Buffer.from('two'));
  sink.end();
  t.equal(await new Response((await asking).body).text(), 'one two');
  t.equal(here.figures.pending, 0);

  const spoilt = ask();
  losing(({ n }) => n === 2);
  const lossy = sinkOf(there);
  for (let i = 0; i < 3; i++) lossy.push(Buffer.from('x'));
  await t.rejects(new Response((await spoilt).body).text(), { code: 'unavailable' }, 'a lost part is no answer');
  losing(() => false);

  const much = ask();
  const pouring = sinkOf(here);
  const megabyte = new Uint8Array(1_048_576);
  let poured = 0;
  while (pouring.push(megabyte)) poured += 1;
  t.ok(poured <= 17, `no more is kept than an answer may have: ${poured} MiB`);
  await t.rejects(new Response((await much).body).text(), { code: 'protocol_violation' });

  const untaken = ask();
  const slow = sinkOf(here);
  slow.push(megabyte);
  const { body } = await untaken;
  for (let i = 0; i < 13; i++) {
    slow.push(new Uint8Array(1));
    await clock.advance(10_000);
  }
  t.equal(here.figures.pending, 0, 'what nobody takes is let go');
  await t.rejects(new Response(body).text(), { code: 'timeout' });

  const many = Array.from({ length: 128 }, ask);
  await t.rejects(ask(), { code: 'rate_limited' });
  here.close();
  for (const one of await Promise.allSettled(many)) t.equal(one.status, 'rejected');
  t.throws(() => sinkOf(here), { code: 'conflict' });
});
