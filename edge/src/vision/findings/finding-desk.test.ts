import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { checkFinding, firstSeal } from '@hallhub/shared/vision';
import t from 'tap';
import { until } from '../../__fixtures__/until.js';
import { hashesOfFile, sm3 } from '../evidence/hashes.js';
import type { RuleOutcome } from '../rules/index.js';
import { verifyFindings } from '../verify-findings.js';
import {
  began,
  cameraId,
  ended,
  findingUnit,
  jpeg,
  keptNow,
  made,
  mp4,
  outcomes,
  pictures,
  viewId,
} from './__fixtures__/finding-unit.js';

t.test('an episode: its first row with pictures, its last with the clip; a chain that proves itself', async (t) => {
  const one = await findingUnit(t.testdir());
  await one.desk.start();
  const episodeId = uuidv7();
  await one.desk.take(outcomes(began(episodeId, true)));
  t.same(one.findings(), [], 'it waits for its pictures');
  await one.desk.take(pictures(one, episodeId));
  t.match(one.rows(), [{ id: episodeId, deviceId: cameraId, severity: 'warning' }]);
  t.match(one.findings(), [{ phase: 'began', faces: 'blurred', picture: { width: 1_920 }, evidence: { length: 2 } }]);
  await until(() => one.orders.length === 1, 'the clip is ordered');
  await one.desk.take(outcomes(ended(episodeId)));
  t.equal(one.findings().length, 1, 'the last row waits for the clip');
  const clip = made(one, `${episodeId}.clip.mp4`, 'clip', mp4);
  await one.desk.take({
    kind: 'clip',
    episodeId,
    made: { file: clip, faces: 'blurred', fromMs: 0, toMs: 1, isShortened: false },
  });
  const [first, last] = one.findings();
  t.match(last, { phase: 'ended', episodeId, count: 2, evidence: [{ role: 'clip', sm3: clip.sm3 }] });
  t.ok((last?.endedAt ?? 0) > (last?.startedAt ?? 0));
  t.equal(first?.seal.previous, firstSeal);
  t.equal(last?.seal.previous, first?.seal.hash);
  for (const finding of one.findings()) t.ok(checkFinding(finding, { sm3 }).isUnchanged);
  const waiting = one.evidence.listWaiting(10);
  t.equal(waiting.length, 3);
  t.ok(waiting.every(({ eventId }) => eventId === episodeId));
  t.same(readdirSync(one.madeFolder), [], 'what the store has is not kept twice');
  const sources = { book: one.book, evidence: one.evidence, identity: () => undefined };
  t.match(await verifyFindings(sources, { event: episodeId }), {
    verdict: 'unproven',
    rows: [{ chain: 'first' }, { chain: 'linked' }],
  });
  const file = path.join(t.testdirName, 'copy.mp4');
  writeFileSync(file, mp4);
  t.match(await verifyFindings(sources, { file: await hashesOfFile(file) }), {
    file: { role: 'clip', state: 'right' },
  });
  writeFileSync(file, 'changed');
  await t.rejects(verifyFindings(sources, { file: await hashesOfFile(file) }), { code: 'not_found' });
  writeFileSync(one.evidence.pathOf(waiting[0]?.evidenceId ?? ''), jpeg('changed'));
  t.match(await verifyFindings(sources, { event: episodeId }), { verdict: 'changed' });
  await one.die();
});

t.test('killed anywhere: nothing is lost, nothing is told twice', async (t) => {
  const dir = t.testdir();
  const [a, b, c] = [uuidv7(), uuidv7(), uuidv7()];
  let one = await findingUnit(dir);
  await one.desk.start();
  await one.desk.take(outcomes(began(a), began(b)));
  // The child had made one's pictures and had not said so.
  const news = pictures(one, a);
  if (news.kind !== 'pictures') throw new Error('no pictures');
  writeFileSync(path.join(one.madeFolder, `${a}.made.json`), JSON.stringify(news.made));
  writeFileSync(path.join(one.madeFolder, 'of-nobody.jpg'), 'x');
  await one.die();
  one = await findingUnit(dir);
  await one.desk.start();
  t.match(one.findings(), [
    { episodeId: a, faces: 'blurred', evidence: { length: 2 } },
    { episodeId: b, faces: 'not_looked_for', evidence: { length: 0 } },
  ]);
  t.same(readdirSync(one.madeFolder), []);
  await one.desk.take(outcomes(began(a), ended(a), ended(c)));
  await one.desk.take(outcomes(ended(a)));
  t.same(
    one.findings().map(({ phase, episodeId }) => `${phase} ${episodeId}`),
    [`began ${a}`, `began ${b}`, `ended ${a}`],
  );
  const last = one.findings().at(-1)?.seal.hash;
  await one.die();
  one = await findingUnit(dir);
  await one.desk.start();
  await one.desk.take(outcomes(ended(b)));
  t.equal(one.findings().at(-1)?.seal.previous, last, 'the chain goes on over a restart');
  t.same(one.book.kept(), [{ cameraId, kept: JSON.parse(JSON.stringify(keptNow())) }]);
  await one.die();
});

t.test('what never comes is not waited for: no clip, no pictures, a camera taken away', async (t) => {
  const one = await findingUnit(t.testdir());
  await one.desk.start();
  const episodeId = uuidv7();
  const once: RuleOutcome = { ...began(episodeId, true), kind: 'once' } as RuleOutcome;
  await one.desk.take(outcomes(once));
  await one.desk.take({ kind: 'pictures', episodeId, problem: 'the disk is full' });
  await one.desk.take({ kind: 'clip', episodeId, problem: 'nothing of that time is recorded' });
  t.match(one.findings(), [
    { phase: 'once', evidence: { length: 0 } },
    { phase: 'ended', evidence: { length: 0 } },
  ]);
  const open = uuidv7();
  await one.desk.take(outcomes(began(open)));
  await one.desk.take(pictures(one, open));
  await one.desk.endAll(() => true);
  t.match(one.findings().at(-1), { phase: 'ended', episodeId: open });
  const gone = uuidv7();
  await one.desk.take(outcomes(began(gone)));
  const news = pictures(one, gone);
  for (const name of readdirSync(one.madeFolder))
    if (existsSync(path.join(one.madeFolder, name))) writeFileSync(path.join(one.madeFolder, name), 'no picture');
  await one.desk.take(news);
  t.match(one.findings().at(-1), { episodeId: gone, evidence: { length: 0 } }, 'a file that is none goes without');
  t.ok(one.faults.includes('vision_evidence_lost'));
  await one.die();
});

t.test('a minute and an hour are told once', async (t) => {
  const one = await findingUnit(t.testdir());
  await one.desk.start();
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const flow = (at: number): RuleOutcome => ({
    kind: 'flow',
    flow: { v: 1, ruleId: viewId, viewId, minute: at, in: 1 },
  });
  await one.desk.take(outcomes(flow(minute), flow(minute + 60_000)));
  await one.desk.take(outcomes(flow(minute), flow(minute + 120_000)));
  const count = one.store.hub.commit.db
    .prepare("SELECT count(*) FROM lane_events WHERE instr(body, 'vision.flow')")
    .pluck()
    .get();
  t.equal(count, 3);
  await one.die();
});
