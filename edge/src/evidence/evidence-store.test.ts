import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { testDeviceId as deviceId, openTestEvidence, testFolder, testJpeg } from './__fixtures__/test-evidence.js';
import { sha256Of } from './__fixtures__/tus-cloud.js';

t.test('a file and its manifest row are on disk when it was put; the manifest says what it is', async (t) => {
  const folder = testFolder(t);
  const { store, evidence, told } = openTestEvidence(folder, systemClock);
  t.teardown(() => store.close());
  await evidence.start();
  const bytes = testJpeg();
  const eventId = uuidv7();
  const [fromBytes, fromFile] = [testJpeg(9_000), path.join(folder, 'given.jpg')];
  writeFileSync(fromFile, bytes);
  let puts = 0;
  evidence.onPut(() => puts++);
  const one = await evidence.put({ deviceId, eventId, file: fromFile, name: ' 柜台 ', madeAt: 1_000 });
  const two = await evidence.put({ deviceId, bytes: fromBytes });
  t.match(one, { state: 'waiting', mediaType: 'image/jpeg', bytes: 5_000, sha256: sha256Of(bytes), name: '柜台' });
  t.same(readFileSync(evidence.pathOf(one.evidenceId)), bytes);
  t.same(readFileSync(evidence.pathOf(two.evidenceId)), fromBytes);
  t.ok(existsSync(fromFile), 'what was given is copied, not taken');
  t.match(told(), [
    { kind: 'evidence', id: one.evidenceId, deviceId, eventId, bytes: 5_000, sha256: one.sha256, madeAt: 1_000 },
    { kind: 'evidence', id: two.evidenceId, deviceId, bytes: 9_000 },
  ]);
  t.same(evidence.waiting, { files: 2, bytes: 14_000 });
  t.equal(evidence.produced.bytes, 14_000);
  t.equal(puts, 2);
  t.throws(() => evidence.pathOf('../hub.db'), { code: 'bug' });
});

t.test('what is not taken leaves nothing', async (t) => {
  const folder = testFolder(t);
  const { store, evidence, told } = openTestEvidence(folder, systemClock, { maxFileBytes: 6_000 });
  t.teardown(() => store.close());
  await evidence.start();
  const page = Buffer.from('<script>alert(1)</script>');
  await t.rejects(evidence.put({ deviceId, bytes: page }), { code: 'unsupported' });
  await t.rejects(evidence.put({ deviceId, bytes: Buffer.alloc(0) }), { code: 'unsupported' });
  await t.rejects(evidence.put({ deviceId, bytes: testJpeg(), mediaType: 'image/png' }), { code: 'invalid_input' });
  await t.rejects(evidence.put({ deviceId, bytes: testJpeg(6_001) }), { code: 'too_large' });
  await t.rejects(evidence.put({ deviceId: '../x', bytes: testJpeg() }), { code: 'invalid_input' });
  await t.rejects(evidence.put({ deviceId, eventId: 'x', bytes: testJpeg() }), { code: 'invalid_input' });
  await t.rejects(evidence.put({ deviceId, bytes: testJpeg(), madeAt: -1 }), { code: 'invalid_input' });
  await t.rejects(evidence.put({ deviceId, file: path.join(folder, 'none') }), { code: 'not_found' });
  await t.rejects(evidence.put({ deviceId, file: folder }), { code: 'invalid_input' });
  t.same(readdirSync(evidence.folder), []);
  t.same(told(), []);
  t.match(await evidence.put({ deviceId, bytes: testJpeg(6_000) }), { bytes: 6_000 }, 'the next one is taken');
});

t.test('at the limit the oldest go, and the manifest says so; the one on its way is the last to go', async (t) => {
  const { store, evidence, told } = openTestEvidence(testFolder(t), systemClock, { maxBytes: 20_000 });
  t.teardown(() => store.close());
  await evidence.start();
  const ids: string[] = [];
  for (let i = 0; i < 4; i++)
    ids.push((await evidence.put({ deviceId, bytes: testJpeg(), madeAt: 1_000 + i })).evidenceId);
  const [first, second, third, fourth] = ids as [string, string, string, string];
  const release = evidence.spare(first);
  await evidence.put({ deviceId, bytes: testJpeg(6_000), madeAt: 1_010 });
  t.match(evidence.get(first), { state: 'waiting' });
  t.match(evidence.get(second), { state: 'given_up', problem: 'limit' });
  t.match(evidence.get(third), { state: 'given_up' });
  t.notOk(existsSync(evidence.pathOf(second)));
  t.match(told().slice(-3, -1), [
    { id: second, givenUp: 'limit' },
    { id: third, givenUp: 'limit' },
  ]);
  t.equal(await evidence.giveUpOldest(1, 'space'), 5_000);
  t.match(evidence.get(fourth), { state: 'given_up', problem: 'space' });
  await evidence.put({ deviceId, bytes: testJpeg(20_000) });
  t.match(evidence.get(first), { state: 'given_up' }, 'where nothing else is left');
  release();
  await t.rejects(evidence.put({ deviceId, bytes: testJpeg(20_001) }), { code: 'too_large' });
  t.same(evidence.waiting, { files: 1, bytes: 20_000 });
});

t.test('after a power cut books and folder agree', async (t) => {
  const folder = testFolder(t);
  const before = openTestEvidence(folder, systemClock);
  await before.evidence.start();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await before.evidence.put({ deviceId, bytes: testJpeg() })).evidenceId);
  const [whole, gone, short] = ids as [string, string, string];
  before.store.close();
  rmSync(before.evidence.pathOf(gone));
  truncateSync(before.evidence.pathOf(short), 100);
  const orphan = before.evidence.pathOf(uuidv7());
  writeFileSync(orphan, testJpeg());
  writeFileSync(`${before.evidence.pathOf(uuidv7())}.part`, 'half');
  writeFileSync(path.join(before.evidence.folder, 'README'), 'a person’s');
  const after = openTestEvidence(folder, systemClock);
  t.teardown(() => after.store.close());
  await after.evidence.start();
  t.same(readdirSync(after.evidence.folder).sort(), [whole, 'README'].sort());
  t.match(after.evidence.get(gone), { state: 'given_up', problem: 'lost' });
  t.match(after.evidence.get(short), { state: 'given_up', problem: 'lost' });
  t.same(
    after.evidence.listWaiting(9).map(({ evidenceId }) => evidenceId),
    [whole],
  );
  t.equal(after.told().filter((row) => 'givenUp' in row && row.givenUp === 'lost').length, 2);
});

t.test('where the books are lost, files are kept aside for a person', async (t) => {
  const folder = testFolder(t);
  const before = openTestEvidence(folder, systemClock);
  await before.evidence.start();
  const { evidenceId } = await before.evidence.put({ deviceId, bytes: testJpeg() });
  before.store.close();
  for (const suffix of ['-wal', '-shm']) rmSync(path.join(folder, `hub.db${suffix}`), { force: true });
  writeFileSync(path.join(folder, 'hub.db'), 'this is no database'.repeat(500));
  const after = openTestEvidence(folder, systemClock);
  t.teardown(() => after.store.close());
  await after.evidence.start();
  t.same(readdirSync(path.join(after.evidence.folder, 'lost')), [evidenceId]);
  t.same(after.faults, ['evidence_lost']);
});

t.test('what is put before the start waits for it: the start takes no file for an orphan', async (t) => {
  const { store, evidence } = openTestEvidence(testFolder(t), systemClock);
  t.teardown(() => store.close());
  const early = evidence.put({ deviceId, bytes: testJpeg() });
  await evidence.start();
  const { evidenceId } = await early;
  t.ok(existsSync(evidence.pathOf(evidenceId)));
  t.match(evidence.get(evidenceId), { state: 'waiting' });
});

t.test('while files are kept for an export, those that went are still there; then they go', async (t) => {
  const { store, evidence } = openTestEvidence(testFolder(t), systemClock);
  t.teardown(() => store.close());
  await evidence.start();
  const [one, two] = [
    await evidence.put({ deviceId, bytes: testJpeg() }),
    await evidence.put({ deviceId, bytes: testJpeg() }),
  ];
  const release = evidence.keepFiles();
  await evidence.sent(one.evidenceId);
  await evidence.giveUp(two.evidenceId, 'space');
  t.equal(evidence.waiting.files, 0);
  t.ok(existsSync(evidence.pathOf(one.evidenceId)));
  await release();
  t.same(readdirSync(evidence.folder), []);
});

t.test('what was sent or given up is remembered for a while', async (t) => {
  const folder = testFolder(t);
  const { store, evidence } = openTestEvidence(folder, systemClock);
  await evidence.start();
  const { evidenceId: sent } = await evidence.put({ deviceId, bytes: testJpeg() });
  const { evidenceId: waits } = await evidence.put({ deviceId, bytes: testJpeg() });
  await evidence.sent(sent);
  await evidence.sent(uuidv7());
  t.same(
    evidence.waitingOf([sent, waits, uuidv7()]).map(({ evidenceId }) => evidenceId),
    [waits],
  );
  await evidence.tidy();
  t.match(evidence.get(sent), { state: 'sent' });
  store.close();
  const late = openTestEvidence(folder, { ...systemClock, now: () => Date.now() + 31 * 86_400_000 });
  t.teardown(() => late.store.close());
  await late.evidence.start();
  await late.evidence.tidy();
  t.equal(late.evidence.get(sent), undefined);
  t.match(late.evidence.get(waits), { state: 'waiting' }, 'what waits is never forgotten');
});

t.test('a folder that cannot be used ends nothing: it is told, and tried again', async (t) => {
  const folder = testFolder(t);
  const { store, evidence, faults } = openTestEvidence(folder, systemClock);
  t.teardown(() => store.close());
  writeFileSync(path.join(folder, 'evidence'), 'in the way');
  await evidence.start();
  t.same(faults, ['evidence_folder']);
  await t.rejects(evidence.put({ deviceId, bytes: testJpeg() }), { code: 'ENOTDIR' });
  rmSync(path.join(folder, 'evidence'));
  t.match(await evidence.put({ deviceId, bytes: testJpeg() }), { state: 'waiting' });
});
