import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import type { Fragment, InitSegment } from '../pipeline/fragment.js';
import { FragmentReader } from '../pipeline/fragment-reader.js';
import { fragmentedClip, skipWithoutFfmpeg } from '../pipeline/test-clip.js';
import { cutClip } from './clip-cut.js';
import { finishClip } from './finish-clip.js';
import { RecordingRing } from './recording-ring.js';
import { RecordingStore } from './recording-store.js';

const skip = skipWithoutFfmpeg;
const startMs = Date.UTC(2026, 5, 1);

const streamOf = (options: Parameters<typeof fragmentedClip>[0], fromMs = startMs) => {
  let init: InitSegment | undefined;
  const fragments: Fragment[] = [];
  const reader = new FragmentReader({
    now: () => fromMs,
    onInit: (one) => {
      init = one;
    },
    onFragment: (one) => fragments.push({ ...one, atMs: fromMs + one.mediaMs }),
  });
  reader.push(fragmentedClip(options));
  if (!init) throw new Error('no clip');
  return { init, fragments };
};
type Stream = ReturnType<typeof streamOf>;

const feed = async (ring: RecordingRing, { init, fragments }: Stream) => {
  ring.onInit(init);
  for (const fragment of fragments) ring.onFragment(fragment);
  await ring.flush();
};

const probe = (file: string) => {
  const shown = ['-show_entries', 'stream=codec_name,nb_read_frames,start_time,duration', '-count_frames'];
  const { stdout, stderr } = spawnSync('ffprobe', ['-v', 'error', ...shown, '-of', 'json', file], { encoding: 'utf8' });
  return { stream: JSON.parse(stdout).streams[0], problems: stderr };
};

t.test('what came is on disk, and clips play from 0 with their time before', { skip }, async (t) => {
  const folder = t.testdir();
  const ring = new RecordingRing({ folder, segmentMs: 5_000 });
  await ring.start();
  await feed(ring, streamOf({ seconds: 16, fps: 5, group: 10 }));
  t.equal(ring.segments.length, 3, 'a file begins with a keyframe, each two seconds');
  const clip = await cutClip(ring, {
    fromMs: startMs + 3_000,
    toMs: startMs + 13_000,
    aroundMs: startMs + 12_000,
    maxBytes: 10_000_000,
  });
  if (!clip) throw new Error('no clip');
  t.equal(clip.fromMs, startMs + 2_000, 'from the keyframe before');
  t.notOk(clip.isShortened);
  const file = path.join(folder, 'clip.mp4');
  writeFileSync(`${file}.fragmented`, clip.bytes);
  await finishClip(clip, { file, ffmpeg: 'ffmpeg' });
  for (const one of [file, `${file}.fragmented`]) {
    const { stream, problems } = probe(one);
    t.equal(problems, '');
    t.match(stream, { codec_name: 'h264', nb_read_frames: '56' }, one);
    t.equal(Number(stream.start_time), 0);
  }
  t.ok(Math.abs(Number(probe(file).stream.duration) - 11.2) < 0.3);
  t.ok(readFileSync(file).indexOf('moov') < readFileSync(file).indexOf('mdat'), 'the index comes first');
  await ring.stop();
});

t.test('a file that gets its final name while a clip is cut is found again', { skip }, async (t) => {
  const folder = t.testdir();
  const ring = new RecordingRing({ folder });
  await ring.start();
  await feed(ring, streamOf({ seconds: 4, fps: 5, group: 5 }));
  const request = { fromMs: startMs, toMs: startMs + 4_000, aroundMs: startMs, maxBytes: 10_000_000 };
  const seen: string[] = [];
  // Its segments as they were before it was closed, until somebody has run into that; then between index and reading.
  const late = (stale: readonly number[]) =>
    new Proxy(ring, {
      get(target, name) {
        if (name !== 'segments') return Reflect.get(target, name).bind(target);
        const file = path.join(
          folder,
          stale.includes(seen.length) ? 'gone.part' : path.basename(target.segments[0]?.file ?? ''),
        );
        seen.push(file);
        return target.segments.map((segment) => ({ ...segment, file }));
      },
    });
  await ring.stop();
  const whole = await cutClip(ring, request);
  t.same((await cutClip(late([1]), request))?.bytes, whole?.bytes, 'while it is indexed');
  seen.length = 0;
  t.same((await cutClip(late([2]), request))?.bytes, whole?.bytes, 'while it is read');
});

t.test('a torn last file is cut at its last whole fragment', { skip }, async (t) => {
  const stream = streamOf({ seconds: 3, fps: 5, group: 5 });
  for (const lost of [1, 30, 57, 3_000]) {
    const folder = path.join(t.testdir(), String(lost));
    const ring = new RecordingRing({ folder });
    await ring.start();
    // As if killed: it is not stopped before the next one takes up its files.
    t.teardown(() => ring.stop());
    await feed(ring, stream);
    const [part = ''] = readdirSync(folder);
    const file = path.join(folder, part);
    truncateSync(file, readFileSync(file).length - lost);
    const after = new RecordingRing({ folder });
    await after.start();
    t.match(readdirSync(folder), [/^0000000001-\d+-\d+\.mp4$/]);
    const whole = after.figures;
    await feed(after, stream);
    t.equal(after.segments.length, 2);
    t.ok(whole.bytes > 0);
    const request = { fromMs: startMs, toMs: startMs + 9_000, aroundMs: startMs, maxBytes: 1e9 };
    t.ok(await cutClip(after, request));
    await after.stop();
  }
  const folder = t.testdir();
  appendFileSync(path.join(folder, '0000000007-12.part'), 'half');
  const ring = new RecordingRing({ folder });
  await ring.start();
  t.same(ring.segments, [], 'of nothing whole nothing is left');
  await ring.stop();
});

t.test('a camera that begins anew: one stream in a clip, its time goes on', { skip }, async (t) => {
  const folder = t.testdir();
  const ring = new RecordingRing({ folder });
  await ring.start();
  await feed(ring, streamOf({ seconds: 4, fps: 5, group: 5 }));
  await feed(ring, streamOf({ seconds: 4, fps: 5, group: 5 }, startMs + 10_000));
  const request = { fromMs: startMs, toMs: startMs + 14_000, aroundMs: startMs + 11_000, maxBytes: 1e9 };
  const clip = await cutClip(ring, request);
  const file = path.join(folder, 'clip.mp4');
  if (clip) await finishClip(clip, { file, ffmpeg: 'ffmpeg' });
  t.match(probe(file).stream, { nb_read_frames: '40' });
  t.ok(Math.abs(Number(probe(file).stream.duration) - 14) < 0.3, 'the hole is as long as it was');
  await feed(ring, streamOf({ seconds: 4, fps: 5, group: 5, size: '160x90' }, startMs + 14_000));
  const other = await cutClip(ring, { ...request, toMs: startMs + 20_000 });
  t.match(other, { isShortened: true });
  t.ok((other?.toMs ?? 0) <= startMs + 14_001, 'another picture is another clip');
  const small = await cutClip(ring, { ...request, maxBytes: 20_000 });
  t.match(small, { isShortened: true });
  t.ok((small?.bytes.length ?? 1e9) <= 20_000);
  t.equal(await cutClip(ring, { ...request, fromMs: 0, toMs: 1_000, aroundMs: 500 }), undefined);
  await ring.stop();
});

t.test('hours, bytes, the disk: the oldest go first, the file that is written stays', { skip }, async (t) => {
  const clock = new ManualClock(startMs + 60_000);
  const stream = streamOf({ seconds: 6, fps: 5, group: 5 });
  let free = 1e9;
  const failures: string[] = [];
  const options = {
    folder: path.join(t.testdir(), 'recordings'),
    ...{ maxBytes: 1e9, minFreeBytes: 1_000, clock, segmentMs: 2_000 },
    freeBytes: async () => free,
    onFailure: (_: string, error: Error) => failures.push(error.message),
  };
  const store = new RecordingStore(options);
  await store.start();
  const [one, other] = ['01a20262-9489-7000-9064-d6158e8a23a8', '01a20262-9489-7000-9064-d6158e8a23a9'];
  const first = await store.record(one ?? '', 1);
  const second = await store.record(other ?? '', 1);
  await feed(first, stream);
  await feed(second, stream);
  await store.tidy();
  t.equal(first.segments.length, 3);
  clock.jump(3_600_000 - 60_000 + 4_500);
  await store.tidy();
  t.equal(first.segments.length, 1, 'what is over an hour old is gone');
  clock.jump(-3_600_000);
  await feed(first, stream);
  free = 500;
  await store.tidy();
  t.equal(first.oldest, undefined);
  t.equal(first.segments.length, 1, 'the disk has no room: only what is being written is left');
  await store.stop();
  const again = new RecordingStore(options);
  free = 1e9;
  await again.start();
  t.equal(again.ring(one ?? '')?.segments.length, 1, 'a new start takes up what lies there');
  await again.stop();
  t.same(failures, []);
});

t.test('a clock that jumps ahead and back: the hours hold, and nothing is lost at once', { skip }, async (t) => {
  const clock = new ManualClock(startMs + 60_000);
  const store = new RecordingStore({
    folder: path.join(t.testdir(), 'recordings'),
    ...{ maxBytes: 1e9, minFreeBytes: 0, clock, segmentMs: 1_000, freeBytes: async () => 1e9 },
  });
  await store.start();
  t.teardown(() => store.stop());
  const ring = await store.record('01a20262-9489-7000-9064-d6158e8a23a8', 1);
  const yearMs = 365 * 24 * 3_600_000;
  await feed(ring, streamOf({ seconds: 6, fps: 5, group: 5 }));
  await feed(ring, streamOf({ seconds: 6, fps: 5, group: 5 }, startMs + yearMs));
  await feed(ring, streamOf({ seconds: 6, fps: 5, group: 5 }, startMs + 30_000));
  t.match(ring.figures, { segments: 18, oldestMs: startMs, newestMs: startMs + 36_000 });
  clock.jump(yearMs);
  await store.tidy();
  t.equal(ring.segments.length, 14, 'a year ahead for a moment costs four files');
  clock.jump(-yearMs);
  await store.tidy();
  t.equal(ring.segments.length, 14);
  clock.jump(3_600_000);
  for (let i = 0; i < 9; i++) await store.tidy();
  t.equal(ring.segments.length, 1, 'what was written a year ahead is no younger than what followed');
});

t.test('a disk that does not take it: told once, and again recording when it does', { skip }, async (t) => {
  const stream = streamOf({ seconds: 2, fps: 5, group: 5 });
  const folder = path.join(t.testdir(), 'ring');
  const failures: string[] = [];
  const ring = new RecordingRing({ folder, segmentMs: 500, onFailure: (error) => failures.push(error.message) });
  await ring.start();
  rmSync(folder, { recursive: true });
  await feed(ring, stream);
  t.equal(failures.length, 1);
  t.match(ring.figures, { problem: /ENOENT/ });
  mkdirSync(folder);
  await feed(ring, stream);
  t.match(ring.figures, { problem: undefined });
  t.ok(ring.segments.length > 0);
  await ring.stop();
});
