import { createSign, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { checkFinding, type Finding, findingSchema, firstSeal, visionRuleSchema } from '@hallhub/shared/vision';
import { type EventRow, eventRowSchema } from '@hallhub/shared/wire';
import t from 'tap';
import { until } from '../../__fixtures__/until.js';
import { EvidenceStore } from '../../evidence/index.js';
import type { UnitIdentity } from '../../identity/index.js';
import { ClockSegments, Outbox } from '../../outbox/index.js';
import { silentLogger } from '../../ports/index.js';
import { Store } from '../../store/index.js';
import { hashesOf, sm3 } from '../evidence/hashes.js';
import type { MadeFile } from '../evidence/index.js';
import type { EngineSnapshot, RuleOutcome } from '../rules/index.js';
import { verifyFindings } from '../verify-findings.js';
import type { ClipOrder, WatchNews } from '../vision-worker.js';
import { FindingBook } from './finding-book.js';
import { FindingDesk } from './finding-desk.js';

const cameraId = '01a20262-9489-7000-9064-d6158e8a23a8';
const viewId = '01a20262-9489-7000-9064-d6158e8a23a9';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const zone = [
  [0.1, 0.1],
  [0.4, 0.1],
  [0.4, 0.6],
];
const rule = (clip: boolean) =>
  visionRuleSchema.parse({
    id: viewId,
    name: '脱岗',
    algorithm: 'absence',
    zone,
    severity: 'warning',
    ...(clip ? { clip: { beforeMs: 10_000, afterMs: 0 } } : {}),
  });
const kept: EngineSnapshot = { v: 1, viewId, heat: { cells: {} }, rules: [] };
const jpeg = (text: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);

/** A unit's desk over real books; `die` leaves everything as a kill would. */
const unit = async (dataDir: string) => {
  const store = new Store({ dataDir, clock: systemClock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId: uuidv7(), clock: systemClock, segments, logger: silentLogger });
  const faults: string[] = [];
  const onFault = (code: string) => void faults.push(code);
  const limits = { maxBytes: 1e8, maxFileBytes: 1e7 };
  const evidence = new EvidenceStore({ store, outbox, clock: systemClock, logger: silentLogger, limits, onFault });
  await evidence.start();
  const book = new FindingBook(store);
  const orders: ClipOrder[] = [];
  const identity = {
    certificates: [],
    sign: (bytes: Uint8Array) => createSign('sha256').update(bytes).sign(privateKey),
  } as unknown as UnitIdentity;
  const madeFolder = path.join(dataDir, 'vision', 'outgoing');
  mkdirSync(madeFolder, { recursive: true });
  const desk = new FindingDesk({
    ...{
      book,
      outbox,
      evidence,
      clock: systemClock,
      logger: silentLogger,
      identity: () => identity,
      madeFolder,
      onFault,
    },
    ...{ nameOf: () => '柜台一', orderClip: (order: ClipOrder) => void orders.push(order) },
  });
  const rows = (): EventRow[] =>
    store.hub.commit.db
      .prepare('SELECT body FROM lane_events ORDER BY seq')
      .pluck()
      .all()
      .map((body) => JSON.parse(String(body)))
      .filter(({ kind, event }) => kind === 'event' && event === 'vision.finding')
      .map((row) => eventRowSchema.parse(row));
  return {
    ...{ store, evidence, book, desk, orders, faults, madeFolder, rows },
    findings: (): Finding[] => rows().map(({ data }) => findingSchema.parse(data)),
    die: async () => {
      await desk.stop();
      store.close();
    },
  };
};
type Unit = Awaited<ReturnType<typeof unit>>;

const made = ({ madeFolder }: Unit, name: string, role: MadeFile['role'], bytes = jpeg(name)): MadeFile => {
  const file = path.join(madeFolder, name);
  writeFileSync(file, bytes);
  return { role, file, ...hashesOf(bytes) };
};
const outcomes = (...list: RuleOutcome[]): WatchNews => ({
  ...{ kind: 'outcomes', cameraId, viewId, atMs: Date.now(), outcomes: list, kept, people: [] },
  ...{ picture: { width: 640, height: 360 }, models: [{ id: 'nanodet', sha256: '0'.repeat(64) }] },
});
const began = (episodeId: string, clip = false): RuleOutcome => ({
  ...{ kind: 'began', episodeId, rule: rule(clip), seen: [], startedAt: Date.now() - 1_000 },
});
const ended = (episodeId: string, startedAt = Date.now() - 1_000): RuleOutcome => ({
  ...{ kind: 'ended', episodeId, rule: rule(false), seen: [], startedAt, endedAt: startedAt + 5_000, count: 2 },
});
const pictures = (one: Unit, episodeId: string): WatchNews => ({
  ...{ kind: 'pictures', episodeId },
  made: {
    files: [made(one, `${episodeId}.overview.jpg`, 'overview'), made(one, `${episodeId}.closeup.jpg`, 'closeup')],
    ...{ faces: 'blurred', picture: { width: 1_920, height: 1_080 }, source: 'recorded' },
  },
});
const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 16]), Buffer.from('ftypisom'), Buffer.alloc(20)]);

t.test('an episode: its first row with pictures, its last with the clip; a chain that proves itself', async (t) => {
  const one = await unit(t.testdir());
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
  const sources = { book: one.book, evidence: one.evidence, certificate: () => undefined };
  t.match(await verifyFindings(sources, { event: episodeId }), {
    verdict: 'right',
    rows: [{ chain: 'first' }, { chain: 'linked' }],
  });
  const file = path.join(t.testdirName, 'copy.mp4');
  writeFileSync(file, mp4);
  t.match(await verifyFindings(sources, { file }), { file: { role: 'clip', state: 'right' } });
  writeFileSync(file, 'changed');
  await t.rejects(verifyFindings(sources, { file }), { code: 'not_found' });
  writeFileSync(one.evidence.pathOf(waiting[0]?.evidenceId ?? ''), jpeg('changed'));
  t.match(await verifyFindings(sources, { event: episodeId }), { verdict: 'changed' });
  await one.die();
});

t.test('killed anywhere: nothing is lost, nothing is told twice', async (t) => {
  const dir = t.testdir();
  const [a, b, c] = [uuidv7(), uuidv7(), uuidv7()];
  let one = await unit(dir);
  await one.desk.start();
  await one.desk.take(outcomes(began(a), began(b)));
  // The child had made one's pictures and had not said so.
  const news = pictures(one, a);
  if (news.kind !== 'pictures') throw new Error('no pictures');
  writeFileSync(path.join(one.madeFolder, `${a}.made.json`), JSON.stringify(news.made));
  writeFileSync(path.join(one.madeFolder, 'of-nobody.jpg'), 'x');
  await one.die();
  one = await unit(dir);
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
  one = await unit(dir);
  await one.desk.start();
  await one.desk.take(outcomes(ended(b)));
  t.equal(one.findings().at(-1)?.seal.previous, last, 'the chain goes on over a restart');
  t.same(one.book.kept(), [{ cameraId, kept: JSON.parse(JSON.stringify(kept)) }]);
  await one.die();
});

t.test('what never comes is not waited for: no clip, no pictures, a camera taken away', async (t) => {
  const one = await unit(t.testdir());
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
  const one = await unit(t.testdir());
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
