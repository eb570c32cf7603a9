import { HubError, ManualClock, uuidv7 } from '@hallhub/shared';
import { eventRowSchema } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { silentLogger } from '../../ports/index.js';
import { cameraId, openStores } from '../findings/__fixtures__/finding-unit.js';
import { comparison } from './__fixtures__/comparison.js';
import { FaceBook } from './face-book.js';
import { FaceDesk, type FaceDeskOptions, type FaceQuestion } from './face-desk.js';
import type { FaceComparison } from './faces-contract.js';
import type { FaceOrder } from './faces-process.js';

const noon = Date.UTC(2026, 10, 22, 4);

const setup = async (t: Test, over: Partial<FaceDeskOptions> = {}) => {
  const clock = new ManualClock(noon);
  const { store, outbox } = await openStores(t.testdir());
  const orders: FaceOrder[] = [];
  const next: { answer: () => Promise<FaceComparison> } = { answer: async () => comparison() };
  const book = new FaceBook(store.hub, outbox);
  const desk = new FaceDesk({
    ...{ settings: { purpose: { zh: '核对本人' } }, modelsFolder: t.testdirName, ffmpeg: 'ffmpeg', book, clock },
    process: {
      compare: (order) => {
        orders.push(order);
        return next.answer();
      },
      stop: async () => undefined,
    },
    registry: { get: (id: string) => (id === cameraId ? { state: 'active' } : undefined) } as never,
    addressOf: () => ({ kind: 'file', path: '/x.mp4', loop: true }),
    ...{ zone: () => 'Asia/Shanghai', logger: silentLogger },
    ...over,
  });
  t.teardown(() => store.close());
  const rows = () =>
    (store.hub.commit.db.prepare('SELECT body FROM lane_events ORDER BY seq').pluck().all() as (string | Buffer)[])
      .map((body) => JSON.parse(body.toString()) as { kind: string })
      .filter(({ kind }) => kind === 'event');
  return { desk, book, clock, orders, next, rows, store };
};
const files = { person: { file: '/a.jpg' }, document: { file: '/b.jpg' } };

t.test('off unless set up: nothing is started', async (t) => {
  const { desk, orders } = await setup(t, { settings: undefined });
  t.match(desk.standing, { state: 'off', hint: /purpose/ });
  await t.rejects(desk.compare(files), { code: 'precondition_failed' });
  t.same(orders, []);
});

t.test('without models it says which, and how to get them', async (t) => {
  const { desk } = await setup(t);
  t.match(desk.standing, { state: 'no_model', reason: /is not on this unit/, hint: /hub models pull/ });
});

t.test('each comparison is recorded with its purpose, and nothing of a face', async (t) => {
  const { desk, book, next, rows } = await setup(t);
  t.match(await desk.compare(files), { verdict: 'same', purpose: { zh: '核对本人' }, liveness: 'not_checked' });
  t.same(rows(), [], 'no device, no event');
  const poor = { width: 9, height: 9, faces: 2, problems: [{ reason: 'several_faces' as const }], quality: null };
  const { pictures } = comparison();
  next.answer = async () =>
    comparison({ verdict: 'not_compared', likeness: null, pictures: { ...pictures, person: poor } });
  await desk.compare({ person: { cameraId }, document: { bytes: new Uint8Array(3) } });
  next.answer = () => Promise.reject(new HubError('too_large', 'a bomb'));
  const kiosk = uuidv7();
  await t.rejects(desk.compare({ ...files, deviceId: kiosk }), { code: 'too_large' });
  t.match(book.days, [{ day: '2026-11-22', same: 1, unsure: 0, different: 0, not_compared: 1, failed: 1 }]);
  t.match(book.records, [
    { outcome: 'failed', reasons: ['too_large'], deviceId: kiosk },
    {
      outcome: 'not_compared',
      reasons: ['person:several_faces'],
      person: 'camera',
      document: 'bytes',
      deviceId: cameraId,
    },
    { outcome: 'same', reasons: [], purpose: '核对本人', models: ['finder', 'embedder'] },
  ]);
  const events = rows();
  t.match(events, [
    {
      event: 'face.compared',
      deviceId: cameraId,
      severity: 'info',
      data: { outcome: 'not_compared', liveness: 'not_checked' },
    },
    { event: 'face.compared', deviceId: kiosk, data: { v: 1, outcome: 'failed', purpose: '核对本人' } },
  ]);
  for (const event of events) t.ok(eventRowSchema.safeParse(event).success);
  t.notMatch(JSON.stringify([book.records, events]), /likeness|0\.74|eyesPx|a\.jpg/, 'neither scores nor file names');
});

t.test('who is turned away at the door leaves no record: a crowd there would push out what was done', async (t) => {
  const { desk, book, next } = await setup(t);
  next.answer = () => Promise.reject(new HubError('rate_limited', '4 comparisons wait already'));
  await t.rejects(desk.compare({ ...files, deviceId: uuidv7() }), { code: 'rate_limited' });
  t.same([book.days, book.records], [[], []]);
});

t.test('bytes that were handed in are overwritten, whatever comes of it', async (t) => {
  const { desk, next } = await setup(t);
  const compare = async (over: Partial<FaceQuestion> = {}) => {
    const [person, document] = [new Uint8Array(9).fill(7), new Uint8Array(9).fill(7)];
    await desk.compare({ person: { bytes: person }, document: { bytes: document }, ...over }).catch(() => undefined);
    return [...('person' in over ? [] : person), ...document].every((value) => value === 0);
  };
  t.ok(await compare());
  next.answer = () => Promise.reject(new HubError('timeout', 'over 25 s'));
  t.ok(await compare());
  t.ok(await compare({ person: { cameraId: uuidv7() } }), 'also where it does not begin');
  const off = await setup(t, { settings: undefined });
  const bytes = new Uint8Array(3).fill(7);
  await t.rejects(off.desk.compare({ ...files, person: { bytes } }));
  t.same([...bytes], [0, 0, 0]);
});

t.test('what cannot be recorded is not told', async (t) => {
  const { desk, book } = await setup(t);
  book.note = () => Promise.reject(new HubError('store_full', 'no room'));
  await t.rejects(desk.compare(files), { code: 'store_full' });
});

t.test('a camera is asked by where its pictures come from; one that is not here is not', async (t) => {
  const { desk, orders } = await setup(t);
  await desk.compare({ person: { cameraId }, document: { file: '/b.jpg' } });
  t.match(orders, [{ person: { kind: 'camera', address: { path: '/x.mp4' }, ffmpeg: 'ffmpeg' } }]);
  await t.rejects(desk.compare({ ...files, person: { cameraId: uuidv7() } }), { code: 'not_found' });
  const silent = await setup(t, { addressOf: () => undefined });
  await t.rejects(silent.desk.compare({ ...files, person: { cameraId } }), { code: 'unavailable' });
});

t.test('books are bounded: a month of days, two hundred records; a damaged one begins anew', async (t) => {
  const { desk, book, store } = await setup(t);
  await desk.compare(files);
  const put = store.hub.commit.db.prepare("UPDATE meta SET value = ? WHERE key = 'faces.book'");
  const [day, record] = [book.days[0], book.records[0]];
  const days = Array.from({ length: 31 }, (_, i) => ({ ...day, day: `2026-10-${String(31 - i).padStart(2, '0')}` }));
  put.run(JSON.stringify({ days, records: Array.from({ length: 200 }, () => ({ ...record, outcome: 'different' })) }));
  await desk.compare(files);
  t.same([book.days.length, book.records.length], [31, 200]);
  t.match([book.days[0], book.days[30]], [{ day: '2026-11-22', same: 1 }, { day: '2026-10-02' }]);
  t.match(book.records[0], { outcome: 'same' });
  for (const damaged of ['{', 'null', '[]', '{"days":7,"records":[{}]}']) {
    put.run(damaged);
    await desk.compare(files);
    t.equal(book.records.length, 1, damaged);
  }
});
