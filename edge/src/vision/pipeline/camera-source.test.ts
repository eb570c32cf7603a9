import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { CameraSource, type CameraSourceOptions } from './camera-source.js';
import type { Fragment, InitSegment } from './fragment.js';
import { FragmentStream } from './fragment-stream.js';
import type { Picture } from './picture.js';
import type { SourceState } from './source-state.js';
import { clipArgs, clipFile, ffmpegRun, skipWithoutFfmpeg as skip } from './test-clip.js';
import { openRtspRefuser } from './test-rtsp-refuser.js';
import { until } from './test-until.js';

t.setTimeout(300_000);
const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-source-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);

type Given = Pick<CameraSourceOptions, 'address'> & Partial<CameraSourceOptions>;

const play = (t: Test, given: Given) => {
  const pictures: Picture[] = [];
  const states: SourceState[] = [];
  const inits: InitSegment[] = [];
  const fragments: Fragment[] = [];
  const stream = new FragmentStream();
  stream.subscribe({ onInit: (init) => inits.push(init), onFragment: (fragment) => fragments.push(fragment) });
  const source = new CameraSource({
    ...{ cameraId: 'camera', fps: 5, clock: systemClock, fragments: stream, random: () => 0.5 },
    onPicture: (picture) => pictures.push(picture),
    onState: (state) => states.push(state),
    ...given,
  });
  const stop = new AbortController();
  const done = source.run(stop.signal);
  const end = async () => {
    stop.abort();
    await done;
  };
  t.teardown(end);
  return { source, pictures, states, inits, fragments, stream, end, done };
};

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid));
const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
};

t.test('a file plays as a camera would: pictures at the wanted rate, and the stream as it is', { skip }, async (t) => {
  const clip = clipFile(file('plain.mp4'), { size: '1280x720', fps: 10, seconds: 2, group: 10 });
  const { pictures, states, inits, fragments, source, end } = play(t, {
    address: { kind: 'file', path: clip, loop: true },
  });
  await until(() => pictures.length >= 12 && fragments.length >= 22, 'over the end of the file and on');
  t.match(pictures[0], { cameraId: 'camera', width: 640, height: 360, seq: 0 });
  t.equal(pictures[0]?.rgb.length, 640 * 360 * 3);
  t.match(inits, [{ width: 1280, height: 720, codec: /^avc1/ }]);
  t.ok(fragments[0]?.isKeyframe);
  t.match(states, [{ state: 'playing' }]);
  const times = fragments.map(({ atMs }) => atMs);
  t.same(
    times,
    [...times].sort((a, b) => a - b),
    'in order',
  );
  t.ok(Math.abs((times.at(-1) ?? 0) - (times[0] ?? 0) - 100 * (times.length - 1)) < 1_000, 'at their own speed');
  const { pid } = source.figures;
  t.ok(pid === undefined || isAlive(pid));
  const beforeMs = performance.now();
  await end();
  t.comment(`it ended in ${Math.round(performance.now() - beforeMs)} ms`);
  t.notOk(pid && isAlive(pid), 'and leaves nothing behind');
});

t.test('an ffmpeg that is killed is started again', { skip }, async (t) => {
  const clip = clipFile(file('kill.mp4'), { seconds: 1 });
  const { states, source, pictures } = play(t, { address: { kind: 'file', path: clip, loop: true } });
  const pid = await until(() => source.figures.pid, 'figures');
  const before = pictures.length;
  process.kill(pid, 'SIGKILL');
  await until(() => states.length >= 3 && pictures.length > before, 'pictures come again');
  t.match(states, [{ state: 'playing' }, { state: 'gone', reason: 'crashed' }, { state: 'playing' }]);
  t.equal(source.figures.starts, 2);
});

t.test('a file that is not looped is over at its end', { skip }, async (t) => {
  const clip = clipFile(file('once.mp4'), { seconds: 1 });
  const { states, done, pictures } = play(t, { address: { kind: 'file', path: clip, loop: false } });
  await done;
  t.ok(pictures.length >= 5);
  t.match(states.at(-1), { state: 'gone', reason: 'ended' });
});

t.test('what is not there, cannot be read, or has no ffmpeg is said', { skip }, async (t) => {
  writeFileSync(file('text.mp4'), 'this is no video'.repeat(100));
  const cases: [Given, string, string][] = [
    [{ address: { kind: 'file', path: file('nowhere.mp4'), loop: true } }, 'gone', 'not_found'],
    [{ address: { kind: 'file', path: file('text.mp4'), loop: true } }, 'corrupt', 'bad_data'],
    [{ address: { kind: 'usb', device: '/dev/video97', width: 640, height: 480, fps: 15 } }, 'gone', 'not_found'],
    [{ address: { kind: 'file', path: '/', loop: true }, program: 'ffmpeg-that-is-not-there' }, 'gone', 'no_ffmpeg'],
    [{ address: { kind: 'rtsp', url: 'rtsp://127.0.0.1:9/x', transport: 'tcp' } }, 'gone', 'connection_refused'],
  ];
  for (const [given, state, reason] of cases) {
    const { states, end } = play(t, given);
    t.match(await until(() => states[0], reason), { state, reason });
    await end();
  }
});

t.test(
  'a password: not among the arguments, not in what is told; a wrong one is not tried again and again',
  { skip },
  async (t) => {
    const password = `p'ss w@rd/%1"`;
    const basic = Buffer.from(`hub:${password}`).toString('base64');
    await using server = await openRtspRefuser((method, authorization) => {
      if (method === 'OPTIONS') return '200 OK';
      if (authorization === `Basic ${basic}`) return '404 Not Found';
      return '401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"';
    });
    const address = { kind: 'rtsp', url: server.url, userName: 'hub', transport: 'tcp' } as const;
    const right = play(t, { address: { ...address, password } });
    t.match(await until(() => right.states[0], 'an answer'), { state: 'gone', reason: 'not_found' });
    t.ok(server.asked.includes(`DESCRIBE Basic ${basic}`), 'every letter arrived');
    t.notMatch(JSON.stringify(right.states), /hub|p'ss|rtsp:/);
    await right.end();

    const wrong = play(t, { address: { ...address, password: 'no' } });
    t.match(await until(() => wrong.states[0], 'a refusal'), { state: 'refused', reason: 'wrong_credentials' });
    t.equal(wrong.source.figures.starts, 1);
    await wrong.end();
  },
);

t.test('one that answers nothing is silent, and its arguments hold no password', { skip }, async (t) => {
  await using server = await openRtspRefuser(() => undefined);
  const address = { kind: 'rtsp', url: server.url, userName: 'hub', password: 'secret-1', transport: 'tcp' } as const;
  const { states, source } = play(t, { address, startWithinMs: 8_000, silentAfterMs: 20_000 });
  await until(() => server.asked.length > 0, 'it was asked');
  const own = readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && statusOf(Number(pid)).includes(`PPid:\t${process.pid}\n`),
  );
  const lines = own
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
    .filter((line) => line.startsWith('ffmpeg'));
  t.equal(lines.length, 1);
  t.notMatch(lines.join(), /secret-1|127\.0\.0\.1/);
  t.match(await until(() => states[0], 'silence'), { state: 'silent', reason: 'no_bytes' });
  t.equal(source.figures.starts, 1);
});

t.test('a stream that changes its size in the middle begins anew with another init segment', { skip }, async (t) => {
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-f', 'mpegts'];
  const both = file('sizes.ts');
  writeFileSync(both, ffmpegRun([...clipArgs({ seconds: 1, codec }), 'pipe:1']));
  appendFileSync(
    both,
    ffmpegRun([...clipArgs({ seconds: 3, size: '240x240', codec }), '-output_ts_offset', '1', 'pipe:1']),
  );
  const { inits, pictures, source } = play(t, { address: { kind: 'file', path: both, loop: true } });
  await until(() => inits.length >= 2, 'it begins anew');
  t.match(pictures[0], { width: 320, height: 180 });
  t.equal(source.figures.starts, 2);
});

t.test('what is broken in the middle costs pictures and is said; what is whole again plays', { skip }, async (t) => {
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-f', 'h264'];
  const clip = ffmpegRun([...clipArgs({ seconds: 4, fps: 25, codec, group: 5 }), 'pipe:1']);
  for (let at = 4_000; at < clip.length; at += 397) clip[at] = (clip[at] ?? 0) ^ 0x5a;
  writeFileSync(file('broken.h264'), clip);
  const { states, pictures, source } = play(t, { address: { kind: 'file', path: file('broken.h264'), loop: true } });
  await until(() => states.some(({ reason }) => reason === 'decode_errors'), 'errors of decoding');
  t.match(states[0], { state: 'playing' });
  t.ok(pictures.length > 0);
  t.ok(source.figures.decodeErrors >= 20);
});

t.test('a codec that MP4 cannot hold still gives pictures', { skip }, async (t) => {
  const clip = clipFile(file('old.avi'), { codec: ['-c:v', 'huffyuv', '-pix_fmt', 'yuv422p'], seconds: 1 });
  const { states, pictures, fragments, source } = play(t, { address: { kind: 'file', path: clip, loop: true } });
  await until(() => pictures.length > 3, 'pictures');
  t.equal(source.figures.isRecordable, false);
  t.equal(fragments.length, 0);
  t.match(states.at(-1), { state: 'playing' });
});

t.test('a decoder that does not work here is left out', { skip }, async (t) => {
  const clip = clipFile(file('hardware.mp4'), { seconds: 1 });
  const hardware = ['-hwaccel', 'vaapi', '-hwaccel_device', '/dev/dri/renderD999'];
  const { pictures, source } = play(t, { address: { kind: 'file', path: clip, loop: true }, hardware });
  await until(() => pictures.length > 3, 'pictures');
  t.equal(source.figures.isHardware, false);
});

t.test('when its parent is killed, ffmpeg ends by itself', { skip }, async (t) => {
  const clip = clipFile(file('orphan.mp4'), { seconds: 1 });
  const module = (name: string) => JSON.stringify(import.meta.url.replace('camera-source.test', name));
  const script = `
    import { systemClock } from '@hallhub/shared';
    import { CameraSource } from ${module('camera-source')};
    import { FragmentStream } from ${module('fragment-stream')};
    const source = new CameraSource({
      cameraId: 'a', address: { kind: 'file', path: ${JSON.stringify(clip)}, loop: true }, fps: 5, clock: systemClock,
      fragments: new FragmentStream(), onPicture: () => undefined, onState: () => undefined,
    });
    void source.run(new AbortController().signal);
    setInterval(() => source.figures.pid && process.stdout.write(source.figures.pid + '\\n'), 100);
  `;
  const parent: ChildProcess = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => parent.kill('SIGKILL'));
  let said = '';
  parent.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  const pid = Number(await until(() => /^\d+/.exec(said)?.[0], 'it plays'));
  t.ok(isAlive(pid));
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), 'ffmpeg ends');
  t.pass('no orphan');
});
