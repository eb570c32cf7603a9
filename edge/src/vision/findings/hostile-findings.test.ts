import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { until } from '../../__fixtures__/until.js';
import { began, ended, findingUnit, keptNow, made, mp4, outcomes, pictures } from './__fixtures__/finding-unit.js';

t.test('a file that the store does not take holds up no other finding, and not for ever its own', async (t) => {
  const dir = t.testdir();
  const broken = new Set<string>();
  const clock = new ManualClock(Date.now());
  const one: Awaited<ReturnType<typeof findingUnit>> = await findingUnit(path.join(dir, 'b'), {
    clock,
    put: async (given) => {
      if (given.eventId !== undefined && broken.has(given.eventId)) throw new Error('EIO: i/o error, read');
      return await one.evidence.put(given);
    },
  });
  await one.desk.start();
  const [bad, good] = [uuidv7(), uuidv7()];
  broken.add(bad);
  await one.desk.take(outcomes(began(bad)));
  await one.desk.take(pictures(one, bad));
  await one.desk.take(outcomes(began(good)));
  await one.desk.take(pictures(one, good));
  t.match(one.findings(), [{ episodeId: good }], 'the other is told at once');
  await until(() => {
    void clock.advance(10_000);
    return one.findings().length === 2;
  }, 'it goes without its files in the end');
  t.match(one.findings()[1], { episodeId: bad, evidence: { length: 0 } });
  t.ok(one.faults.includes('vision_evidence_lost'));
  await one.desk.take({ kind: 'pictures', episodeId: good });
  t.same(readdirSync(one.madeFolder), []);
  await one.die();

  // What failed once is tried again.
  const two = await findingUnit(path.join(dir, 'c'), {
    clock,
    put: async (given) => {
      if (broken.delete(bad)) throw new Error('EIO: i/o error, read');
      return await two.evidence.put(given);
    },
  });
  await two.desk.start();
  await two.desk.take(outcomes(began(bad)));
  await two.desk.take(pictures(two, bad));
  t.same(two.findings(), []);
  await until(() => {
    void clock.advance(10_000);
    return two.findings().length > 0;
  }, 'it is told');
  t.match(two.findings(), [{ evidence: { length: 2 } }]);
  await two.die();
});

t.test('an agent starts, whatever its files are like', async (t) => {
  const dir = t.testdir();
  let one = await findingUnit(dir, { put: async () => Promise.reject(new Error('EACCES: permission denied')) });
  await one.desk.start();
  const episodeId = uuidv7();
  await one.desk.take(outcomes(began(episodeId)));
  await one.desk.take(pictures(one, episodeId));
  await one.die();
  one = await findingUnit(dir, { put: async () => Promise.reject(new Error('EACCES: permission denied')) });
  await one.desk.start();
  await one.die();
  t.pass('it started');
});

t.test('by the child’s word nothing outside of its folder is handed over or removed', async (t) => {
  const dir = t.testdir();
  const one = await findingUnit(dir);
  await one.desk.start();
  const secret = path.join(dir, 'unit.jpg');
  writeFileSync(secret, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1]));
  const episodeId = uuidv7();
  await one.desk.take(outcomes(began(episodeId, true)));
  const news = pictures(one, episodeId);
  if (news.kind !== 'pictures' || !news.made) throw new Error('no pictures');
  const [overview] = news.made.files;
  const outside = [secret, path.join(one.madeFolder, '..', '..', 'unit.jpg'), '/etc/hostname'];
  const files = [...news.made.files, ...outside.map((file) => ({ ...overview!, file }))];
  await one.desk.take({ ...news, made: { ...news.made, files } });
  t.match(one.findings(), [{ evidence: { length: 2 } }]);
  const clip = { file: { ...overview!, role: 'clip' as const, file: secret }, faces: 'clear' as const };
  const told = { ...clip, fromMs: 0, toMs: 1, isShortened: false };
  await one.desk.take({ kind: 'clip', episodeId, made: told });
  await one.desk.take({ kind: 'clip', episodeId, made: told });
  t.ok(existsSync(secret));
  // The note of a killed child is no more than its word.
  const next = uuidv7();
  await one.desk.take(outcomes(began(next)));
  const note = { files: [{ ...overview, file: secret }], faces: 'none', picture: { width: 1, height: 1 } };
  writeFileSync(path.join(one.madeFolder, `${next}.made.json`), JSON.stringify(note));
  const last = uuidv7();
  await one.desk.take(outcomes(began(last)));
  writeFileSync(path.join(one.madeFolder, `${last}.made.json`), '{"files":[{"file":1}]}');
  await one.die();
  const two = await findingUnit(dir);
  await two.desk.start();
  t.match(two.findings().slice(1), [{ evidence: { length: 0 } }, { evidence: { length: 0 } }]);
  t.ok(existsSync(secret));
  await two.die();
});

t.test('what comes too late, and what nobody asked for, is not kept for ever', async (t) => {
  const clock = new ManualClock(Date.now());
  const one = await findingUnit(t.testdir(), { clock });
  await one.desk.start();
  const episodeId = uuidv7();
  await one.desk.take(outcomes(began(episodeId)));
  await one.desk.take({ kind: 'pictures', episodeId, problem: 'they did not come' });
  await one.desk.take(pictures(one, episodeId));
  const file = made(one, `${episodeId}.clip.mp4`, 'clip', mp4);
  await one.desk.take({
    kind: 'clip',
    episodeId,
    made: { file, faces: 'clear', fromMs: 0, toMs: 1, isShortened: false },
  });
  t.same(readdirSync(one.madeFolder), [], 'late files go at once');
  // A child that was killed in the middle of its work leaves such.
  writeFileSync(path.join(one.madeFolder, `${uuidv7()}.clip.mp4`), mp4);
  mkdirSync(path.join(one.madeFolder, 'folder'));
  for (let minute = 0; minute < 40; minute++) await clock.advance(60_000);
  await one.desk.take({ kind: 'pictures', episodeId });
  t.equal(readdirSync(one.madeFolder).length, 2, 'the child may still be at it');
  await until(() => {
    void clock.advance(60_000);
    return readdirSync(one.madeFolder).length === 0;
  }, 'it goes');
  await one.die();
});

t.test('an episode whose end was lost is not open for ever', async (t) => {
  const one = await findingUnit(t.testdir());
  await one.desk.start();
  const [lost, open] = [uuidv7(), uuidv7()];
  await one.desk.take(outcomes(began(lost), began(open)));
  for (const episodeId of [lost, open]) await one.desk.take(pictures(one, episodeId));
  const { cameraId } = await import('./__fixtures__/finding-unit.js');
  await one.desk.take({ kind: 'kept', cameraId, kept: keptNow() });
  t.equal(one.findings().length, 2);
  await one.desk.take({ kind: 'kept', cameraId: uuidv7(), kept: keptNow([lost]) });
  t.equal(one.findings().length, 2, 'another camera’s rules know nothing of it');
  await one.desk.take({ kind: 'kept', cameraId, kept: keptNow([lost]) });
  t.match(one.findings().slice(2), [{ phase: 'ended', episodeId: lost }]);
  await one.desk.take(outcomes(ended(open), ended(lost)));
  t.match(one.findings().slice(3), [{ phase: 'ended', episodeId: open }]);
  await one.die();
});

t.test('what rules remember is written with what comes next, and holds up no finding', async (t) => {
  const dir = t.testdir();
  const one = await findingUnit(dir);
  await one.desk.start();
  const ids = [uuidv7(), uuidv7(), uuidv7()];
  for (const id of ids) await one.desk.take({ kind: 'kept', cameraId: id, kept: keptNow() });
  t.equal(one.store.hub.commit.pending, 3, 'nobody waited for them');
  await one.desk.take(outcomes(began(uuidv7())));
  t.equal(one.store.hub.commit.pending, 0, 'they went with the finding');
  await one.desk.take({ kind: 'kept', cameraId: uuidv7(), kept: keptNow() });
  await one.die();
  const two = await findingUnit(dir);
  t.equal(two.book.kept().length, 5, 'and none is lost where the agent stops');
  await two.die();
});

t.test('a model’s odd numbers do not keep a finding from being taken', async (t) => {
  const one = await findingUnit(t.testdir());
  await one.desk.start();
  const episodeId = uuidv7();
  const thing = { label: 'person', confidence: 3.7, box: [-0.1, 0.2, 1.3, 0.5] as [number, number, number, number] };
  const odd = {
    ...began(episodeId),
    seen: Array.from({ length: 50 }, () => thing),
    confidence: 1.4,
    detail: 'x'.repeat(300),
  };
  await one.desk.take(outcomes(odd as ReturnType<typeof began>));
  await one.desk.take({ kind: 'pictures', episodeId, problem: 'none' });
  t.match(one.findings(), [{ confidence: 1, seen: { length: 32 } }], 'as the contract has it');
  await one.die();
});

t.test('two cameras whose rules have one id: each is counted', async (t) => {
  const one = await findingUnit(t.testdir());
  await one.desk.start();
  const news = outcomes({ kind: 'flow', flow: { v: 1, ruleId: uuidv7(), viewId: uuidv7(), minute: 60_000, in: 1 } });
  await one.desk.take(news);
  await one.desk.take({ ...news, cameraId: uuidv7() } as typeof news);
  await one.desk.take(news);
  const sql = "SELECT count(*) FROM lane_events WHERE instr(body, 'vision.flow')";
  t.equal(one.store.hub.commit.db.prepare(sql).pluck().get(), 2);
  await one.die();
});
