import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type LiveRecord, mediaEndSchema, mediaTimeSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import type { Fragment, InitSegment } from '../pipeline/fragment.js';
import { FragmentReader } from '../pipeline/fragment-reader.js';
import { fragmentedClip, skipWithoutFfmpeg } from '../pipeline/test-clip.js';
import { DownloadPlan } from './download-plan.js';
import { playRing } from './play-ring.js';
import { recordedSpans } from './recorded-spans.js';
import { RecordingRing } from './recording-ring.js';
import { listRingFiles } from './ring-folder.js';

const skip = skipWithoutFfmpeg;
const startMs = Date.UTC(2026, 5, 1);
const s = 1_000;

/** Pictures of a camera, made once; each of `at` is when one of its runs of ten seconds begins. */
const runOf = (size = '160x90') => {
  let init: InitSegment | undefined;
  const fragments: Fragment[] = [];
  const reader = new FragmentReader({
    now: () => 0,
    onInit: (one) => {
      init = one;
    },
    onFragment: (one) => fragments.push(one),
  });
  reader.push(fragmentedClip({ seconds: 10, fps: 5, group: 10, size }));
  if (!init) throw new Error('no clip');
  return { init, fragments };
};
const small = skip ? undefined : runOf();
const large = skip ? undefined : runOf('320x180');

const record = async (ring: RecordingRing, atMs: number, run = small) => {
  if (!run) throw new Error('no clip');
  ring.onInit(run.init);
  for (const one of run.fragments) ring.onFragment({ ...one, atMs: atMs + one.mediaMs });
  await ring.flush();
};

const ringIn = async (t: Test, options: { segmentMs?: number } = {}) => {
  const folder = t.testdir();
  const ring = new RecordingRing({ folder, segmentMs: 4_000, ...options });
  await ring.start();
  t.teardown(() => ring.stop());
  return { folder, ring };
};

type Asked = Partial<Parameters<typeof playRing>[0]> & { folder: string };
const play = async (asked: Asked) => {
  const records: LiveRecord[] = [];
  for await (const one of playRing({ from: startMs, pictures: 'all', maxBytes: 1e9, ...asked })) records.push(one);
  const json = ({ payload }: LiveRecord) => JSON.parse(Buffer.from(payload).toString('utf8'));
  const zeros = records.filter(({ kind }) => kind === 'time').map((one) => mediaTimeSchema.parse(json(one)).zeroAt);
  const last = records.at(-1);
  if (last?.kind !== 'end') throw new Error('it broke off');
  const pictures = records.filter(({ kind }) => kind === 'key' || kind === 'more');
  return { records, pictures, zeros, kinds: records.map(({ kind }) => kind), end: mediaEndSchema.parse(json(last)) };
};

t.test('from the key picture before, over files, to the newest; and on from there', { skip }, async (t) => {
  const { folder, ring } = await ringIn(t);
  await record(ring, startMs);
  const all = await play({ folder });
  t.same(all.kinds.slice(0, 4), ['describe', 'init', 'time', 'key']);
  t.equal(all.pictures.length, 50, 'a picture each');
  t.same(all.zeros, [startMs], 'one time for all files of a stream');
  t.match(all.end, { reason: 'newest' });
  const late = await play({ folder, from: startMs + 5_300 });
  t.equal(late.pictures.length, 30, 'from the key picture at four seconds');
  const short = await play({ folder, from: startMs + 5_300, to: startMs + 8 * s });
  t.match(short.end, { reason: 'to', at: startMs + 8 * s });
  t.equal(short.pictures.length, 20);
  const keys = await play({ folder, pictures: 'keys' });
  t.same(
    keys.kinds.filter((kind) => kind === 'key' || kind === 'more'),
    Array(5).fill('key'),
  );
  // In pieces it is the same.
  const pieces: LiveRecord[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < 200; i++) {
    const piece = await play({ folder, maxBytes: 3_000, ...(cursor === undefined ? {} : { cursor }) });
    pieces.push(...piece.pictures);
    if (piece.end.reason !== 'more') break;
    cursor = piece.end.cursor ?? undefined;
  }
  t.same(
    pieces.map(({ payload }) => payload.length),
    all.pictures.map(({ payload }) => payload.length),
  );
  await record(ring, startMs + 60 * s);
  const next = await play({ folder, cursor: all.end.cursor ?? '' });
  t.equal(next.pictures.length, 50, 'what came since');
  t.match(await play({ folder, from: startMs + 30 * s }), { zeros: [startMs + 60 * s] }, 'a hole: what came next');
  t.match((await play({ folder, from: startMs + 3_600 * s })).end, { reason: 'newest', cursor: null });
  t.match((await play({ folder: path.join(folder, 'none') })).end, { reason: 'newest', cursor: null });
});

t.test('the ring goes on over it; the camera changes; the clock jumps', { skip }, async (t) => {
  const { folder, ring } = await ringIn(t);
  await record(ring, startMs);
  await record(ring, startMs + 10 * s, large);
  const both = await play({ folder });
  t.equal(both.kinds.filter((kind) => kind === 'describe').length, 2, 'described anew');
  t.equal(both.pictures.length, 100);
  const first = await play({ folder, maxBytes: 1_000 });
  await ring.dropOldest();
  await ring.dropOldest();
  const after = await play({ folder, cursor: first.end.cursor ?? '' });
  t.equal(after.kinds[3], 'key', 'goes on with what is left');
  t.ok(after.pictures.length > 50 && after.pictures.length < 70);
  const running = playRing({ folder, from: startMs, pictures: 'all', maxBytes: 1e9 });
  await running.next();
  while (await ring.dropOldest());
  const rest: string[] = [];
  for await (const { kind } of running) rest.push(kind);
  t.equal(rest.at(-1), 'end', 'a file that is being read stays readable');
  await record(ring, startMs + 100 * s);
  await record(ring, startMs + 40 * s);
  const jumping = await play({ folder, from: startMs + 100 * s });
  t.match(jumping.end, { reason: 'jump', at: startMs + 40 * s });
  t.equal((await play({ folder, cursor: jumping.end.cursor ?? '' })).pictures.length, 50);
  const files = (await listRingFiles(folder)).map((one) => ({ ...one, endMs: one.endMs ?? one.startMs + 2 * s }));
  t.equal(recordedSpans(files, { from: 0, to: 1e14, most: 99 }).length, 3);
});

t.test('a clock that jumps while a file is written: the next key picture begins another', { skip }, async (t) => {
  const { folder, ring } = await ringIn(t, { segmentMs: 60_000 });
  const { init, fragments } = small ?? runOf();
  ring.onInit(init);
  for (const [i, one] of fragments.entries()) {
    const jumpedMs = i < 25 ? 0 : 3_600 * s;
    ring.onFragment({ ...one, atMs: startMs + one.mediaMs + jumpedMs });
  }
  await ring.flush();
  const [before, after] = await listRingFiles(folder);
  t.match(before, { startMs, endMs: startMs + 5 * s }, 'ends where its time ended');
  t.match(after, { startMs: startMs + 3_606 * s });
  t.equal((await play({ folder })).pictures.length, 50, 'nothing is lost');
});

t.test('a file for download: plain, whole, bit by bit the recorded pictures', { skip }, async (t) => {
  const { folder, ring } = await ringIn(t);
  await record(ring, startMs);
  await record(ring, startMs + 15 * s);
  const plan = await DownloadPlan.make({ folder, from: startMs + 2_500, to: startMs + 20 * s });
  if (!plan) throw new Error('nothing is here');
  t.match(plan.answer, { from: startMs + 2 * s, pictures: 40 + 26, holes: 1, width: 160 });
  t.notOk('changesAt' in plan.answer);
  while (await ring.dropOldest());
  const parts: Buffer[] = [];
  for (let at = 0; at < plan.answer.bytes; at += 1_111) parts.push(await plan.read(at, 1_111));
  const file = path.join(folder, 'out.mp4');
  const bytes = Buffer.concat(parts);
  t.equal(bytes.length, plan.answer.bytes);
  t.ok(bytes.equals(await plan.read(0, 1e9)), 'in whichever pieces');
  writeFileSync(file, bytes);
  await plan[Symbol.asyncDispose]();
  const shown = ['-show_entries', 'stream=codec_name,nb_read_frames,duration:format=duration', '-count_frames'];
  const probe = spawnSync('ffprobe', ['-v', 'error', ...shown, '-of', 'json', file], { encoding: 'utf8' });
  t.equal(probe.stderr, '', 'nothing is wrong with it');
  const { streams, format } = JSON.parse(probe.stdout);
  t.match(streams[0], { codec_name: 'h264', nb_read_frames: '66' });
  t.ok(Math.abs(Number(format.duration) - 18.2) < 0.1, `as long as it was, its hole too: ${format.duration}`);
  t.ok(bytes.indexOf('moov') < bytes.indexOf('mdat'));
  const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], { encoding: 'utf8' });
  t.equal(decoded.stderr, '', 'every picture can be decoded');
});

t.test('a file ends where the camera’s picture changes; nothing there, nothing made', { skip }, async (t) => {
  const { folder, ring } = await ringIn(t);
  await record(ring, startMs);
  await record(ring, startMs + 10 * s, large);
  await using plan = await DownloadPlan.make({ folder, from: startMs, to: startMs + 20 * s });
  t.match(plan?.answer, { pictures: 50, changesAt: startMs + 10 * s, to: startMs + 10 * s });
  t.equal(await DownloadPlan.make({ folder, from: startMs + 99 * s, to: startMs + 120 * s }), undefined);
  const over = new AbortController();
  over.abort(new Error('enough'));
  await t.rejects(DownloadPlan.make({ folder, from: startMs, to: startMs + 9 * s, signal: over.signal }), /enough/);
});

t.test('a cursor leads on from a time, not back to one that nobody asked for', { skip }, async (t) => {
  const { folder, ring } = await ringIn(t);
  await record(ring, startMs);
  await record(ring, startMs + 600 * s);
  const asked = { folder, from: startMs + 600 * s };
  const right = await play(asked);
  t.same(right.zeros, [startMs + 600 * s]);
  const [first] = await listRingFiles(folder);
  for (const cursor of [`${first?.seq}.0`, '0.0', `${first?.seq}.999999`]) {
    const back = await play({ ...asked, cursor });
    t.same(back.zeros, right.zeros, cursor);
    t.equal(back.pictures.length, right.pictures.length);
  }
});
