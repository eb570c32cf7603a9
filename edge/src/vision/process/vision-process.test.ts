import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { cameraVisionSchema, type VisionRule, visionRuleSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { clipFile, skipWithoutFfmpeg as skip } from '../pipeline/test-clip.js';
import { until } from '../pipeline/test-until.js';
import type { WatchedCamera, WatchNews, WatchSettings } from '../vision-worker.js';
import { VisionProcess, type VisionProcessOptions } from './vision-process.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-vision-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
t.setTimeout(300_000);

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid));
const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State:\tZ';
  }
};
/** Its ffmpegs that play; a loader of sources is no part of it. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(
      (one) =>
        one > 0 && /^Name:\tffmpeg$/m.test(statusOf(one)) && new RegExp(`^PPid:\\t${pid}$`, 'm').test(statusOf(one)),
    );

const tamper = (): VisionRule =>
  visionRuleSchema.parse({ id: uuidv7(), name: '遮挡', algorithm: 'tamper', kinds: ['black'], coolDownMs: 0 });

const camera = (file: string, rules: readonly VisionRule[] = [tamper()]): WatchedCamera => {
  const cameraId = uuidv7();
  const views = [{ id: uuidv7(), name: '窗口', rules: [...rules] }];
  return {
    ...{ cameraId, name: '大厅', source: { kind: 'file', path: file, loop: true }, kept: [] },
    vision: cameraVisionSchema.parse({ deviceId: cameraId, analysisFps: 5, recordHours: 1, views }),
  };
};

const settings = (cameras: readonly WatchedCamera[], over: Partial<WatchSettings> = {}): WatchSettings => ({
  ...{ zone: 'Asia/Shanghai', placeName: '演示营业厅', cameras, clips: 'reduced', ffmpeg: 'ffmpeg', overlayKey: '00' },
  ...{ modelsFolder: path.join(folder, 'models'), folder: path.join(folder, 'vision') },
  recording: { maxBytes: 64 * 1024 * 1024, minFreeBytes: 0 },
  ...over,
});

const open = (t: Test, options: Partial<VisionProcessOptions> = {}) => {
  const news: WatchNews[] = [];
  const faults: string[] = [];
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const vision = new VisionProcess({
    clock: systemClock,
    logger: { ...quiet, child: () => quiet } as unknown as VisionProcessOptions['logger'],
    listener: { onNews: (one) => news.push(one), onStatus: () => undefined },
    onFault: (code) => faults.push(code),
    firstBackoffMs: 100,
    ...options,
  });
  t.teardown(() => vision.stop());
  const playing = (cameras = 1) =>
    until(() => {
      const seen = vision.status.cameras.filter(({ state }) => state === 'no_model');
      return seen.length === cameras && seen;
    }, 'pictures come');
  return { vision, news, faults, playing };
};

t.test('without a camera, or without ffmpeg, there is no process', async (t) => {
  const { vision } = open(t);
  t.match(vision.status, { state: 'off', restarts: 0, pid: undefined, cameras: [] });
  vision.apply(settings([]));
  const off = camera('/nowhere.mp4');
  vision.apply(settings([{ ...off, vision: { ...off.vision, enabled: false } }]));
  t.match(vision.status, { state: 'off', pid: undefined });
  vision.apply(settings([camera('/nowhere.mp4')], { ffmpeg: 'ffmpeg-that-is-not-there' }));
  await until(() => vision.status.state === 'waiting', 'it waits');
  t.match(vision.status, {
    reason: 'no_ffmpeg',
    hint: /apt-get install ffmpeg/,
    pid: undefined,
    cameras: [{ state: 'starting' }],
  });
});

t.test(
  'two cameras: they play, are recorded and watched; one is set up anew, the other is not disturbed; all ends',
  { skip },
  async (t) => {
    const black = clipFile(path.join(folder, 'black.mp4'), { source: 'color=c=black', seconds: 2 });
    const plain = clipFile(path.join(folder, 'plain.mp4'), { seconds: 2 });
    const [first, second] = [camera(black), camera(plain)];
    const { vision, news, playing } = open(t);
    vision.apply(settings([first, second, camera(path.join(folder, 'missing.mp4'))]));
    const seen = await playing(2);
    t.match(seen[0], { state: 'no_model', hint: /hub models/, width: 320, height: 180 });
    await until(() => vision.status.cameras[2]?.state === 'no_pictures', 'the third is missing');
    t.match(vision.status, { state: 'running', cameras: [{}, {}, { reason: 'not_found' }] });

    const began = await until(
      () => news.find((one) => one.kind === 'outcomes' && one.cameraId === first.cameraId),
      'black is a finding, without any model',
    );
    t.match(began, { outcomes: [{ kind: 'began', rule: { algorithm: 'tamper' }, detail: 'black' }] });
    const proof = await until(() => news.find((one) => one.kind === 'pictures'), 'its picture');
    t.match(proof, { made: { files: [{ role: 'overview' }], picture: { width: 320, height: 180 } } });
    t.equal(vision.status.cameras[0]?.health, 'black');
    t.equal(vision.status.cameras[1]?.health, null);

    const starts = () => vision.status.cameras.map(({ stream }) => stream?.starts);
    const before = starts();
    const { pid } = vision.status;
    const more = { ...second, vision: { ...second.vision, purpose: '客流', recordHours: 2 } };
    vision.apply(settings([{ ...first, source: { kind: 'file', path: plain, loop: true } }, more]));
    await until(
      () => vision.status.cameras[0]?.health === null && vision.status.cameras[0]?.state === 'no_model',
      'the other file',
    );
    t.equal(vision.status.pid, pid, 'in the same process');
    t.equal(starts()[1], before[1], 'the second plays on');
    t.ok((vision.status.cameras[1]?.recording?.bytes ?? 0) > 0);
    await until(
      () => news.find((one) => one.kind === 'outcomes' && one.outcomes.some(({ kind }) => kind === 'ended')),
      'what was begun ends, with what the rules remembered',
    );

    const children = childrenOf(pid as number);
    t.equal(children.length, 2);
    const startedMs = performance.now();
    await vision.stop();
    t.comment(`it stopped in ${Math.round(performance.now() - startedMs)} ms`);
    t.notOk([pid as number, ...children].some(isAlive), 'nothing is left behind');
    t.match(vision.status, { state: 'off' });
  },
);

t.test(
  'a process that is killed is started again, with what its rules remembered, and leaves no ffmpeg',
  { skip },
  async (t) => {
    const plain = clipFile(path.join(folder, 'again.mp4'), { seconds: 2 });
    const { vision, faults, playing, news } = open(t);
    vision.apply(settings([camera(plain)]));
    await playing();
    await until(() => news.some(({ kind }) => kind === 'kept'), 'what is remembered');
    const pid = vision.status.pid as number;
    const children = childrenOf(pid);
    process.kill(pid, 'SIGKILL');
    await until(() => vision.status.restarts === 1, 'it is seen');
    t.same(faults, ['vision_crashed']);
    await until(() => !children.some(isAlive), 'its ffmpegs are gone');
    await playing();
    t.not(vision.status.pid, pid);
  },
);

const childThat = (name: string, does: string): string => {
  const entry = path.join(folder, `${name}.mjs`);
  writeFileSync(entry, does);
  return entry;
};

t.test('one that cannot even start is tried again, more and more seldom', { skip }, async (t) => {
  const entry = childThat('breaks', 'throw new Error("this cannot work");');
  const { vision, faults } = open(t, { entry, firstBackoffMs: 20 });
  vision.apply(settings([camera('/nowhere.mp4')]));
  await until(() => vision.status.restarts >= 3, 'three times');
  t.equal(new Set(faults).size, 1);
  t.match(vision.status, { reason: 'vision_crashed' });
});

t.test('one that hangs, and one that grows without bound, are ended', { skip }, async (t) => {
  const hangs = childThat('hangs', 'process.send({ type: "ready" }); process.on("message", () => undefined);');
  const hanging = open(t, { entry: hangs, stuckAfterMs: 1_500 });
  hanging.vision.apply(settings([camera('/nowhere.mp4')]));
  await until(() => hanging.faults.includes('vision_stuck'), 'it is seen');

  const grows = childThat(
    'grows',
    `process.send({ type: 'ready' });
     setInterval(() => process.send({ type: 'beat', lateMs: 0, memoryBytes: 9e9, cameras: [] }), 100);`,
  );
  const growing = open(t, { entry: grows });
  growing.vision.apply(settings([camera('/nowhere.mp4')]));
  await until(() => growing.faults.includes('vision_memory'), 'it is seen');
});

t.test('one that does not want to stop is ended within three seconds', { skip }, async (t) => {
  const entry = childThat(
    'stays',
    'process.send({ type: "ready" }); process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000);',
  );
  const { vision } = open(t, { entry });
  vision.apply(settings([camera('/nowhere.mp4')]));
  const pid = await until(() => vision.status.pid, 'it runs');
  const startedMs = performance.now();
  await vision.stop();
  t.comment(`it was ended in ${Math.round(performance.now() - startedMs)} ms`);
  t.notOk(isAlive(pid));
});
