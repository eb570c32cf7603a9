import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import { maxEvidenceBytes } from '@hallhub/shared/wire';
import t from 'tap';
import { addTestHall, addTestUnit } from '../streams/testing.js';
import { openEvidenceGateway } from './evidence-gateway.js';
import { sweepEvidence } from './jobs.js';
import { sha256Of, startTestEvidence, TestSender, testJpeg } from './testing.js';

const dayMs = 86_400_000;

t.test('a file whose manifest is here is complete; one without waits for it', async (t) => {
  const { sender, addManifest, blobs, tenantId, published, uploadsDir } = await startTestEvidence(t);
  const [id, early] = [uuidv7(), uuidv7()];
  const bytes = testJpeg();
  const sha256 = sha256Of(bytes);
  await addManifest(id, { bytes: bytes.length, sha256 });
  t.match(await sender.standing(id), { state: 'pending', sha256: null });
  t.equal((await sender.upload(id, bytes)).status, 204);
  t.match(await sender.standing(id), { state: 'complete', sha256 });
  t.equal(await blobs.stat({ tenantId, sha256 }), bytes.length);
  t.match(published, [{ type: 'evidence.state', data: { id, state: 'complete' } }]);
  t.equal((await sender.upload(id, bytes)).status, 409, 'it is here already');

  t.equal((await sender.upload(early, bytes)).status, 204);
  t.match(await sender.standing(early), { state: 'uploading', sha256 }, 'the manifest is on its way');
  t.match(await sender.standing(uuidv7()), { state: 'unknown', sha256: null });
  t.same(readdirSync(uploadsDir), [], 'no draft is left');
});

t.test('an upload goes on where it stopped, and nobody else finds it', async (t) => {
  const { sender, gateway, openAnother, unitId, database, ...hall } = await startTestEvidence(t);
  const id = uuidv7();
  const bytes = testJpeg(3_000);
  const created = await sender.create(id, { bytes: bytes.length, sha256: sha256Of(bytes) });
  const path = created.headers.get('location') ?? '';
  t.match(path, new RegExp(`/${unitId}\\.${id}\\.[0-9a-f]{16}$`));
  t.equal((await sender.patch(path, 0, bytes.subarray(0, 1_000))).headers.get('upload-offset'), '1000');
  t.equal((await sender.patch(path, 500, bytes.subarray(500))).status, 409, 'a wrong offset changes nothing');

  const neighbour = new TestSender(gateway, (await addTestUnit(database, hall)).unitId);
  const foreign = new TestSender(gateway, (await addTestHall(database)).unitId);
  for (const other of [neighbour, foreign]) {
    t.equal((await other.head(path)).status, 404);
    t.equal((await other.patch(path, 1_000, bytes.subarray(1_000))).status, 404);
    t.match(await other.standing(id), { state: 'unknown', sha256: null });
  }
  t.equal((await neighbour.upload(id, bytes)).status, 409, 'the id is another unit’s of this organisation');
  t.equal((await foreign.upload(id, bytes)).status, 204, 'another organisation’s ids are its own');

  const after = new TestSender(await openAnother(), unitId);
  t.equal((await after.head(path)).headers.get('upload-offset'), '1000', 'also after a restart');
  t.equal((await after.patch(path, 1_000, bytes.subarray(1_000))).status, 204);
  t.match(await after.standing(id), { sha256: sha256Of(bytes) });
});

t.test('what is refused', async (t) => {
  const { sender, addManifest, uploadsDir, rows, unitId } = await startTestEvidence(t);
  const bytes = testJpeg();
  const stateOf = async (id: string) =>
    (await rows<{ state: string }>('SELECT state FROM evidence WHERE id = $1', [id]))[0]?.state;

  const html = Buffer.from('<script>alert(1)</script>'.repeat(10));
  const page = uuidv7();
  await addManifest(page, { bytes: html.length, sha256: sha256Of(html) });
  t.equal((await sender.upload(page, html)).status, 415, 'a page that calls itself a picture');
  t.equal(await stateOf(page), 'pending');
  const pdf = uuidv7();
  const document = Buffer.concat([Buffer.from('%PDF-1.7'), Buffer.alloc(100)]);
  await addManifest(pdf, { bytes: document.length, sha256: sha256Of(document) });
  t.equal((await sender.upload(pdf, document)).status, 415, 'a good kind, and not the announced one');

  const other = uuidv7();
  t.equal((await sender.upload(other, bytes, sha256Of(html))).status, 460, 'bytes that are not what they say');
  t.match(await sender.standing(other), { sha256: null });
  const promised = uuidv7();
  await addManifest(promised, { bytes: bytes.length, sha256: sha256Of(html) });
  t.equal((await sender.upload(promised, bytes)).status, 460, 'not the manifest’s, said before a byte is sent');

  const create = (bytes: number, given: { id?: string; sha256?: string } = {}) =>
    sender.create(given.id ?? uuidv7(), { bytes, sha256: given.sha256 ?? sha256Of(html) });
  t.equal((await create(maxEvidenceBytes + 1)).status, 413);
  t.equal((await create(0)).status, 400);
  t.equal((await create(10, { sha256: 'x' })).status, 400);
  for (const id of ['../../etc/passwd', 'x', '', `${uuidv7()}/..`]) t.equal((await create(10, { id })).status, 400, id);
  for (const path of [`../${page}`, '..%2f..%2fx', `${unitId}.${page}`, `${unitId}.${page}.0000000000000000/../x`]) {
    t.ok([400, 404, 405].includes((await sender.head(`/unit/v1/evidence/${path}`)).status), path);
  }
  t.equal((await sender.send('DELETE', '/unit/v1/evidence/x')).status, 405);
  t.same(readdirSync(uploadsDir), [], 'nothing is kept of what was refused');

  for (let i = 0; i < 16; i++) t.equal((await create(10)).status, 201);
  t.equal((await create(10)).status, 429, 'no more than 16 at a time');
});

t.test('abandoned uploads go, and the halves that a killed process left', async (t) => {
  const clock = new ManualClock(Date.now());
  const evidence = await startTestEvidence(t, clock);
  const { sender, uploadsDir, unitId, deps, gateway } = evidence;
  const bytes = testJpeg();
  const created = await sender.create(uuidv7(), { bytes: bytes.length, sha256: sha256Of(bytes) });
  await sender.patch(created.headers.get('location') ?? '', 0, bytes.subarray(0, 100));
  const half = () => `${unitId}.${uuidv7()}.0123456789abcdef`;
  writeFileSync(join(uploadsDir, half()), 'bytes without their note');
  writeFileSync(join(uploadsDir, `${half()}.json`), '{}');
  writeFileSync(join(uploadsDir, 'not-ours.txt'), 'x');
  t.equal(await gateway.expire(), 0);
  await clock.advance(8 * dayMs);
  const sweep = () => sweepEvidence({ ...deps, keepDays: 180, expire: gateway.expire });
  t.match(await sweep(), { expired: 3 });
  t.same(readdirSync(uploadsDir), ['not-ours.txt']);
});

t.test(
  'what never came is missing, and is taken should it come; what is old goes, its blob with its last row',
  async (t) => {
    const clock = new ManualClock(Date.now());
    const { sender, addManifest, deps, gateway, blobs, tenantId, rows } = await startTestEvidence(t, clock);
    const sweep = () => sweepEvidence({ ...deps, keepDays: 180, expire: gateway.expire });
    const bytes = testJpeg();
    const of = { bytes: bytes.length, sha256: sha256Of(bytes) };
    const [first, second, late] = [uuidv7(), uuidv7(), uuidv7()];
    for (const id of [first, late]) await addManifest(id, of);
    await sender.upload(first, bytes);
    await clock.advance(31 * dayMs);
    t.match(await sweep(), { missing: 1, removed: 0 });
    t.match(await sender.standing(late), { state: 'missing' });
    t.equal((await sender.upload(late, bytes)).status, 204);
    t.match(await sender.standing(late), { state: 'complete' });
    await clock.advance(120 * dayMs);
    await addManifest(second, of);
    await sender.upload(second, bytes);
    await clock.advance(30 * dayMs);
    t.match(await sweep(), { removed: 2 });
    t.equal(await blobs.stat({ tenantId, sha256: of.sha256 }), bytes.length, 'the second one has the same bytes');
    await clock.advance(151 * dayMs);
    t.match(await sweep(), { removed: 1 });
    t.equal(await blobs.stat({ tenantId, sha256: of.sha256 }), undefined);
    t.same(await rows('SELECT id FROM evidence'), []);
    const trail = await rows<{ after: { files: { id: string }[] } }>(
      `SELECT after FROM audit_entries WHERE action = 'evidence.deleted' ORDER BY at`,
    );
    const told = trail.flatMap(({ after }) => after.files.map(({ id }) => id));
    t.same(told.sort(), [first, second, late].sort(), 'each deletion stands in the trail, once');
  },
);

t.test('an upload begun anew, or of a file that the unit has no more, takes no place', async (t) => {
  const { sender, rows, uploadsDir } = await startTestEvidence(t);
  const of = { bytes: 10, sha256: sha256Of(Buffer.alloc(10)) };
  const id = uuidv7();
  for (let i = 0; i < 17; i++) t.equal((await sender.create(id, of)).status, 201);
  t.equal(readdirSync(uploadsDir).length, 2, 'the last one alone: its bytes and its note');
  const ids = Array.from({ length: 15 }, () => uuidv7());
  for (const one of ids) t.equal((await sender.create(one, of)).status, 201);
  t.equal((await sender.create(uuidv7(), of)).status, 429);
  await rows(`UPDATE evidence SET state = 'given_up', reason = 'space' WHERE id = $1`, [ids[0]]);
  t.equal((await sender.create(uuidv7(), of)).status, 201);
  t.equal(readdirSync(uploadsDir).length, 32);
});

t.test('an upload ends a week after its last byte, however long it takes', async (t) => {
  const { sender, uploadsDir } = await startTestEvidence(t);
  const bytes = testJpeg();
  const created = await sender.create(uuidv7(), { bytes: bytes.length, sha256: sha256Of(bytes) });
  const path = created.headers.get('location') ?? '';
  const draft = join(uploadsDir, path.split('/').at(-1) ?? '');
  const daysAgo = (days: number) => new Date(Date.now() - days * dayMs);
  const note = JSON.parse(readFileSync(`${draft}.json`, 'utf8'));
  writeFileSync(`${draft}.json`, JSON.stringify({ ...note, creation_date: daysAgo(20).toISOString() }));
  utimesSync(draft, daysAgo(6), daysAgo(6));
  t.equal((await sender.head(path)).status, 200);
  const patched = await sender.patch(path, 0, bytes.subarray(0, 100));
  t.equal(patched.status, 204);
  t.ok(Date.parse(patched.headers.get('upload-expires') ?? '') > Date.now());
  utimesSync(draft, daysAgo(8), daysAgo(8));
  t.equal((await sender.head(path)).status, 410);
});

t.test('the same bytes come again just when their old copy goes: they are here', async (t) => {
  const clock = new ManualClock(Date.now());
  const { sender, addManifest, deps, gateway, blobs, tenantId } = await startTestEvidence(t, clock);
  const bytes = testJpeg();
  const of = { bytes: bytes.length, sha256: sha256Of(bytes) };
  const [old, again] = [uuidv7(), uuidv7()];
  await addManifest(old, of);
  await sender.upload(old, bytes);
  await clock.advance(181 * dayMs);
  await addManifest(again, of);
  let coming: Promise<Response> | undefined;
  const remove = async (key: Parameters<typeof blobs.remove>[0]) => {
    coming = sender.upload(again, bytes);
    // As far as it gets while the old copy is being removed.
    await Promise.race([coming, new Promise((resolve) => setTimeout(resolve, 300))]);
    await blobs.remove(key);
  };
  t.match(await sweepEvidence({ ...deps, blobs: { ...blobs, remove }, keepDays: 180, expire: gateway.expire }), {
    removed: 1,
  });
  t.equal((await coming)?.status, 204);
  t.match(await sender.standing(again), { state: 'complete' });
  t.equal(await blobs.stat({ tenantId, sha256: of.sha256 }), bytes.length);
});

t.test('a disk that is nearly full takes no evidence: the database needs it', async (t) => {
  const { deps, uploadsDir, unitId, rows } = await startTestEvidence(t);
  const room = { bytes: 600 * 1_048_576 };
  const gateway = await openEvidenceGateway({ ...deps, uploadsDir, freeBytes: async () => room.bytes });
  const sender = new TestSender(gateway, unitId);
  const sha256 = sha256Of(Buffer.alloc(10));
  t.equal((await sender.create(uuidv7(), { bytes: 50 * 1_048_576, sha256 })).status, 201);
  const refused = await sender.create(uuidv7(), { bytes: 200 * 1_048_576, sha256 });
  t.equal(refused.status, 507, 'the unit keeps it and comes back');
  room.bytes = 0;
  t.equal((await sender.create(uuidv7(), { bytes: 10, sha256 })).status, 507);
  t.equal((await rows('SELECT id FROM evidence')).length, 1);
  t.equal(readdirSync(uploadsDir).length, 2);
});
