import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, systemClock, uuidv7 } from '@hallhub/shared';
import { cameraVisionSchema, visionRuleSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { EvidenceMaker } from '../evidence/index.js';
import { type Detection, type Detector, DetectorQueue } from '../inference/index.js';
import { clipFile, skipWithoutFfmpeg as skip } from '../pipeline/test-clip.js';
import { until } from '../pipeline/test-until.js';
import { RecordingStore } from '../recording/index.js';
import type { WatchedCamera, WatchNews } from '../vision-worker.js';
import { CameraWorker, type CameraWorkerOptions } from './camera-worker.js';
import type { ServingModels } from './serving-models.js';
import { SteeredClock } from './steered-clock.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-worker-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
t.setTimeout(300_000);
t.jobs = 3;

const everywhere = [
  [0.01, 0.01],
  [0.99, 0.01],
  [0.99, 0.99],
  [0.01, 0.99],
];

const ruleOf = (algorithm: string, more: object = {}) =>
  visionRuleSchema.parse({ id: uuidv7(), name: algorithm, algorithm, zone: everywhere, coolDownMs: 0, ...more });

const camera = (file: string, rules: object[]): WatchedCamera => {
  const cameraId = uuidv7();
  const views = [{ id: uuidv7(), name: '窗口', rules }];
  const vision = cameraVisionSchema.parse({ deviceId: cameraId, analysisFps: 5, recordHours: 0, views });
  return { cameraId, name: '大厅', source: { kind: 'file', path: file, loop: true }, kept: [], vision };
};

/** Says what it is told to see, and counts how often it was asked. */
const detectorThat = (sees: () => readonly Detection[]) => {
  const asked = { times: 0 };
  const detector: Detector = {
    ...{ model: { id: 'told', sha256: '0'.repeat(64) }, labels: ['person'], thresholds: { sure: 0.5, least: 0.1 } },
    detect: async () => {
      asked.times += 1;
      return sees();
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { asked, queue: new DetectorQueue({ detector, clock: systemClock }) };
};

const watch = async (t: Test, watched: WatchedCamera, queue: DetectorQueue | undefined) => {
  const news: WatchNews[] = [];
  const models = {
    queue,
    pose: undefined,
    identities: queue ? [queue.detector.model] : [],
  } as unknown as ServingModels;
  const vision = path.join(folder, watched.cameraId);
  const store = new RecordingStore({
    ...{ folder: path.join(vision, 'recordings'), maxBytes: 1e9, minFreeBytes: 0, clock: systemClock },
    freeBytes: async () => undefined,
  });
  await store.start();
  const evidence = new EvidenceMaker({
    ...{ folder: path.join(vision, 'outgoing'), ffmpeg: 'ffmpeg', clips: 'reduced' },
    faces: () => undefined,
    ring: (cameraId) => store.ring(cameraId),
  });
  const settings: CameraWorkerOptions['settings'] = {
    ...{ zone: 'Asia/Shanghai', placeName: '', modelsFolder: '', folder: vision, ffmpeg: 'ffmpeg' },
    ...{ clips: 'reduced', overlayKey: '00', recording: { maxBytes: 1e9, minFreeBytes: 0 } },
  };
  const worker = new CameraWorker({
    ...{ camera: watched, settings, clock: systemClock, models, store, evidence, hardware: [] },
    facts: () => undefined,
    tell: (one) => news.push(one),
    log: () => undefined,
  });
  worker.start();
  const ticks = setInterval(() => worker.tick(), 1_000);
  t.teardown(async () => {
    clearInterval(ticks);
    await worker.stop();
    await store.stop();
  });
  const outcome = (kind: string, algorithm: string) =>
    until(
      () =>
        news
          .flatMap((one) => (one.kind === 'outcomes' ? one.outcomes : []))
          .find((one) => one.kind === kind && 'rule' in one && one.rule.algorithm === algorithm),
      `${algorithm} ${kind}`,
    );
  return { worker, news, outcome };
};

t.test(
  'a still scene: somebody who stands there is found, held without looks, and missed when he is gone',
  { skip },
  async (t) => {
    // Two seconds of nothing, again and again: where it begins anew nothing moves either.
    const still = clipFile(path.join(folder, 'still.mp4'), {
      source: 'mandelbrot=end_pts=1:maxiter=40',
      fps: 5,
      seconds: 2,
      codec: ['-vf', 'loop=loop=-1:size=1:start=0', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    });
    let seen: readonly Detection[] = [{ label: 'person', confidence: 0.9, box: [0.4, 0.3, 0.1, 0.5] }];
    const { asked, queue } = detectorThat(() => seen);
    const { worker, outcome } = await watch(
      t,
      camera(still, [ruleOf('intrusion'), ruleOf('absence', { forMs: 1_000 })]),
      queue,
    );
    t.match(await outcome('began', 'intrusion'), { seen: [{ label: 'person' }] });
    const [timesBefore, startedMs] = [asked.times, performance.now()];
    await until(() => performance.now() - startedMs > 6_500 || undefined, 'some seconds');
    // Five pictures a second; on a busy machine the seconds may have become more.
    const [looks, passedMs] = [asked.times - timesBefore, performance.now() - startedMs];
    t.ok(looks <= passedMs / 800, `${looks} looks in ${(passedMs / 1_000).toFixed(1)} s`);
    t.match(worker.beat, { people: 1, tracks: 1, source: { state: 'playing' } });
    seen = [];
    t.match(await outcome('began', 'absence'), { rule: { algorithm: 'absence' } });
    t.equal(worker.beat.people, 0);
  },
);

t.test(
  'where everything moves each picture is looked at; a detector that fails costs pictures and nothing else',
  { skip },
  async (t) => {
    const moving = clipFile(path.join(folder, 'moving.mp4'), { source: 'testsrc2', fps: 10, seconds: 2 });
    let times = 0;
    const { asked, queue } = detectorThat(() => {
      if (times++ === 3) throw new Error('out of memory');
      return [];
    });
    const { worker } = await watch(t, camera(moving, [ruleOf('intrusion')]), queue);
    await until(() => asked.times > 12, 'looks');
    t.equal(worker.beat.failed, 1);
    t.ok(worker.beat.motionShare > 0.5);
  },
);

t.test('without a detector nobody is called absent, and the picture itself is watched', { skip }, async (t) => {
  const black = clipFile(path.join(folder, 'black.mp4'), { source: 'color=c=black', seconds: 2 });
  const tamper = visionRuleSchema.parse({ id: uuidv7(), name: 'tamper', algorithm: 'tamper' });
  const { news, outcome } = await watch(t, camera(black, [ruleOf('absence', { forMs: 500 }), tamper]), undefined);
  t.match(await outcome('began', 'tamper'), { detail: 'black' });
  const told = news.flatMap((one) => (one.kind === 'outcomes' ? one.outcomes : []));
  t.notOk(told.some((one) => 'rule' in one && one.rule.algorithm === 'absence'));
});

t.test('the child’s clock is the agent’s', async (t) => {
  const own = new ManualClock(1_800_000_000_000);
  const clock = new SteeredClock(own);
  clock.steer(own.now() + 5);
  t.equal(clock.now(), own.now(), 'the way of a message is no difference');
  clock.steer(own.now() - 3_600_000);
  t.equal(clock.now(), own.now() - 3_600_000);
});
