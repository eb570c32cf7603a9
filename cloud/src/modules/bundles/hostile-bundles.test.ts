import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { uuidv7 } from '@hallhub/shared';
import { encodeBatch } from '@hallhub/shared/wire';
import t from 'tap';
import { testJpeg } from '../evidence/testing.js';
import { TestStream, until } from '../streams/testing.js';
import { sweepDrafts } from './jobs.js';
import { startTestBundles, testMaxBytes } from './test-bundles.js';
import { batchParts, makeTestBundle, streamOf, type TestBundle, type TestPart } from './testing.js';

t.setTimeout(300_000);

const deviceId = uuidv7();
const sample = (at: number, n: number) => ({ kind: 'sample', at: at + n, deviceId, values: { n } });

t.test('what is no bundle, was changed, or belongs to somebody else', async (t) => {
  const s = await startTestBundles(t);
  const owner = await s.signInAs('owner');
  const { unitId, secret, signer } = await s.newUnit();
  const stream = new TestStream({ unitId, secret }, 'live');
  stream.append(...Array.from({ length: 6 }, (_, n) => sample(s.clock.now() - 60_000, n)));
  const parts = batchParts(stream, { cursor: 0, rows: 3 });
  const streams = [streamOf(stream, 1, 6)];
  const make = (change: Partial<TestBundle> = {}) => makeTestBundle({ unitId, signer, parts, streams, ...change });
  const good = make();
  const refused = async (what: string, bytes: Uint8Array, expected: { status: number; detail?: RegExp }) =>
    t.match(
      await s.post(owner, bytes),
      { status: expected.status, body: expected.detail ? { detail: expected.detail } : {} },
      what,
    );
  const flipped = (at: number) => {
    const copy = Buffer.from(good);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  await refused('nothing', Buffer.alloc(0), { status: 400 });
  await refused('a picture', testJpeg(), { status: 400, detail: /no bundle/ });
  await refused('one endless line', Buffer.alloc(300_000, 0x7b), { status: 400, detail: /no bundle/ });
  await refused('a header of nonsense', Buffer.from('{"v":1}\n{}\n'), { status: 400 });
  await refused('a changed header', flipped(good.indexOf('"madeAt":') + 12), { status: 403, detail: /not signed/ });
  await refused('a changed part', flipped(good.length - 1), { status: 400, detail: /damaged/ });
  await refused('cut short', good.subarray(0, -10), { status: 400, detail: /not whole/ });
  await refused('cut in its header', good.subarray(0, 200), { status: 400, detail: /no bundle/ });
  await refused('with a tail', Buffer.concat([good, Buffer.from('x')]), { status: 400, detail: /more in it/ });
  await refused('too large', Buffer.concat([good, Buffer.alloc(testMaxBytes)]), { status: 413 });

  const small = { bytes: Buffer.from('x') };
  for (const name of ['../../../etc/cron.d/x', '/etc/passwd', 'evidence/../../x', 'batch/live/../1', 'batch/other/1'])
    await refused(name, make({ parts: [{ name, ...small }] }), { status: 400 });
  const hyphens = `evidence/${'-'.repeat(36)}`;
  await refused('an id that is none', make({ parts: [{ name: hyphens, ...small }] }), { status: 400, detail: /known/ });
  const [one] = parts as [TestPart];
  await refused('a part twice', make({ parts: [one, one] }), { status: 400, detail: /twice/ });
  const huge = { parts: [{ name: 'batch/live/1', bytes: 900_000_000, sha256: '0'.repeat(64) }] };
  await refused('a length that nothing bears out', make({ parts: [], change: huge }), {
    status: 400,
    detail: /larger/,
  });

  const neighbour = await s.newUnit();
  await refused('signed by a neighbour', make({ signer: neighbour.signer }), { status: 403 });
  const mixed = { ...neighbour.signer, certificate: signer.certificate };
  await refused('with the unit’s certificate and a neighbour’s key', make({ signer: mixed }), { status: 403 });
  const foreign = await s.newUnit('other');
  const theirs = makeTestBundle({ unitId: foreign.unitId, signer: foreign.signer, parts: [] });
  await refused('another organisation’s', theirs, { status: 404 });
  const { rows } = await s.db.ownerPool.query('SELECT count(*)::int AS n FROM streams');
  t.equal(rows[0].n, 0, 'nothing of all that was taken in');
  t.same(await s.auditRows('bundle.imported'), []);
  t.same(readdirSync(s.draftsDir), []);

  await s.db.ownerPool.query(
    'UPDATE unit_certificates SET revoked_at = now(), revoked_why = $2, revoked_seen = clock_timestamp() WHERE unit_id = $1',
    [unitId, 'lost'],
  );
  await refused('its certificate was revoked', good, { status: 403 });
  await s.db.ownerPool.query('UPDATE units SET archived_at = now() WHERE id = $1', [neighbour.unitId]);
  const late = makeTestBundle({ unitId: neighbour.unitId, signer: neighbour.signer, parts: [] });
  await refused('its unit was archived', late, { status: 403 });
});

t.test('signed parts that are broken all the same stop their lane, and are told', async (t) => {
  const s = await startTestBundles(t);
  const owner = await s.signInAs('owner');
  const { unitId, secret, signer } = await s.newUnit();
  const stream = new TestStream({ unitId, secret }, 'live');
  stream.append(...Array.from({ length: 6 }, (_, n) => sample(s.clock.now() - 60_000, n)));
  const [first, second] = batchParts(stream, { cursor: 0, rows: 3 }) as [TestPart, TestPart];
  const post = async (parts: readonly TestPart[]) =>
    (await s.post(owner, makeTestBundle({ unitId, signer, parts }))).body;
  const lane = (body: { report: { lanes: object[] } }) => body.report.lanes[0];

  const bomb = gzipSync(Buffer.alloc(60_000_000, 0x20));
  t.ok(bomb.length < testMaxBytes);
  const packed = encodeBatch(stream.header(1, 3, { bytes: 1_000 }), bomb);
  const bombed = await post([{ name: 'batch/live/1', bytes: packed }, second]);
  t.match(bombed, { complete: false });
  t.match(lane(bombed), { result: 'rejected', reason: /size/, rows: 0 });

  t.match(lane(await post([second])), { result: 'resync', rows: 0, cursor: 0, reason: /earlier bundle is missing/ });
  const neighbour = await s.newUnit();
  const theirs = new TestStream(neighbour, 'live').append(sample(s.clock.now(), 1));
  t.match(lane(await post(batchParts(theirs, { cursor: 0, rows: 1 }))), { result: 'resync', rows: 0 });
  const misplaced: TestPart = { name: 'batch/events/1', bytes: first.bytes };
  t.match(lane(await post([misplaced])), { lane: 'events', result: 'rejected', reason: /header/ });
  t.match(lane(await post([first, { name: 'batch/live/9', bytes: Buffer.from('{}\n') }, second])), {
    ...{ result: 'rejected', rows: 3, cursor: 3 },
  });
  t.match(lane(await post([first, second])), { result: 'committed', rows: 3, repeated: 1, cursor: 6 });

  const page = { name: `evidence/${uuidv7()}`, bytes: Buffer.from('<script>alert(1)</script>') };
  t.match(await post([page]), { complete: false, report: { evidence: [{ state: 'refused', reason: /kind/ }] } });
});

t.test('an empty file in a bundle is refused alone', async (t) => {
  const s = await startTestBundles(t);
  const owner = await s.signInAs('owner');
  const { unitId, secret, signer } = await s.newUnit();
  const stream = new TestStream({ unitId, secret }, 'live').append(sample(s.clock.now() - 60_000, 1));
  const parts = [
    ...batchParts(stream, { cursor: 0, rows: 1 }),
    { name: `evidence/${uuidv7()}`, bytes: Buffer.alloc(0) },
  ];
  const taken = await s.post(owner, makeTestBundle({ unitId, signer, parts }));
  t.match(taken, {
    status: 201,
    body: { complete: false, report: { evidence: [{ state: 'refused', reason: /empty/ }] } },
  });
  t.match(taken.body.report.lanes, [{ rows: 1 }]);
});

/** A body that somebody sends as slowly as they like. */
const slowBody = (first: Uint8Array) => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
      given.enqueue(new Uint8Array(first));
    },
  });
  return {
    stream,
    push: (bytes: Uint8Array) => controller?.enqueue(new Uint8Array(bytes)),
    end: () => controller?.close(),
  };
};

const draftsIn = (folder: string): number => (existsSync(folder) ? readdirSync(folder).length : 0);

t.test('two at a time by one person, and others are not kept waiting by them', async (t) => {
  const s = await startTestBundles(t);
  const [owner, other] = [await s.signInAs('owner'), await s.signInAs('field-engineer', { hallIds: [s.hallId] })];
  const { unitId, signer } = await s.newUnit();
  const whole = makeTestBundle({ unitId, signer, parts: [] });
  const bodies = [slowBody(whole), slowBody(whole)];
  const running = bodies.map(({ stream }) => s.post(owner, stream));
  await until(async () => draftsIn(s.draftsDir) === 2);
  t.match(await s.post(owner, whole), { status: 429 });
  t.equal((await s.post(other, whole)).status, 201);
  for (const { end } of bodies) end();
  t.same(
    (await Promise.all(running)).map(({ status }) => status),
    [201, 201],
  );
  t.equal((await s.post(owner, whole)).status, 201);
});

t.test('a body that comes by the drop is given up, and its draft goes', async (t) => {
  const s = await startTestBundles(t);
  const owner = await s.signInAs('owner');
  const { unitId, signer } = await s.newUnit();
  const whole = makeTestBundle({ unitId, signer, parts: [] });
  const { stream, push } = slowBody(whole.subarray(0, 100));
  const answer = s.post(owner, stream);
  await until(async () => draftsIn(s.draftsDir) === 1);
  push(Buffer.alloc(100_000));
  const bytesOfDraft = () => {
    const [name] = readdirSync(s.draftsDir);
    return name ? statSync(join(s.draftsDir, name)).size : 0;
  };
  await until(async () => bytesOfDraft() === 100_100);
  await s.clock.advance(61_000);
  t.equal(draftsIn(s.draftsDir), 1, 'a thin line is no drop');
  push(Buffer.from('x'));
  await s.clock.advance(60_000);
  t.match(await answer, { status: 504 });
  await until(async () => draftsIn(s.draftsDir) === 0);
});

t.test('what a killed process left of a bundle goes after a day', async (t) => {
  const s = await startTestBundles(t);
  const [old, young, foreign] = ['a.hhb.part', 'b.part', 'notes.txt'].map((name) => join(s.draftsDir, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(s.draftsDir, { recursive: true });
  for (const file of [old, young, foreign]) writeFileSync(file, 'x');
  const [then, now] = [new Date(s.clock.now() - 25 * 3_600_000), new Date(s.clock.now())];
  for (const file of [old, foreign]) utimesSync(file, then, then);
  utimesSync(young, now, now);
  t.match(await sweepDrafts({ draftsDir: s.draftsDir, clock: s.clock }), { removed: 1 });
  t.same(readdirSync(s.draftsDir).sort(), ['b.part', 'notes.txt']);
  t.match(await sweepDrafts({ draftsDir: join(s.draftsDir, 'none'), clock: s.clock }), {
    removed: 0,
  });
});
