import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { cameraVisionSchema, visionRuleSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { until } from '../pipeline/test-until.js';
import type { WatchedCamera, WatchNews, WatchSettings } from '../vision-worker.js';
import type { FromChild } from './ipc-contract.js';
import { VisionChild } from './vision-child.js';
import { VisionProcess, type VisionProcessOptions } from './vision-process.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-hostile-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
t.setTimeout(300_000);

const ruleId = uuidv7();

const camera = (over: Partial<WatchedCamera> = {}): WatchedCamera => {
  const cameraId = uuidv7();
  const views = [{ id: uuidv7(), name: '窗口', rules: [] }];
  return {
    ...{ cameraId, name: '大厅', source: { kind: 'file', path: '/nowhere.mp4', loop: true }, kept: [] },
    vision: cameraVisionSchema.parse({ deviceId: cameraId, recordHours: 0, views }),
    ...over,
  };
};

const settings = (cameras: readonly WatchedCamera[], data: string): WatchSettings => ({
  ...{ zone: 'Asia/Shanghai', placeName: '演示营业厅', cameras, clips: 'reduced', ffmpeg: 'true', overlayKey: '00' },
  ...{ modelsFolder: path.join(data, 'models'), folder: path.join(data, 'vision') },
  recording: { maxBytes: 64 * 1024 * 1024, minFreeBytes: 0 },
});

const open = (t: Test, options: Partial<VisionProcessOptions>) => {
  const news: WatchNews[] = [];
  const faults: string[] = [];
  const said: string[] = [];
  const say = (_fields: unknown, message: string) => void said.push(message);
  const logger = { debug: say, info: say, warn: say, error: say };
  const vision = new VisionProcess({
    clock: systemClock,
    logger: { ...logger, child: () => logger } as unknown as VisionProcessOptions['logger'],
    listener: { onNews: (one) => news.push(one), onStatus: () => undefined },
    onFault: (code) => faults.push(code),
    firstBackoffMs: 50,
    ...options,
  });
  t.teardown(() => vision.stop());
  return { vision, news, faults, said };
};

t.test('a process that cannot even be made costs the agent nothing, and is tried again', async (t) => {
  const { vision, faults } = open(t, { entry: 'no\0file' });
  vision.apply(settings([camera()], folder));
  await until(() => vision.status.restarts >= 2, 'it is tried again');
  t.match(vision.status, { pid: undefined, reason: 'vision_crashed' });
  t.ok(faults.includes('vision_crashed'));
});

t.test('a child that talks nonsense is not believed, and the agent goes on', async (t) => {
  const entry = path.join(folder, 'nonsense.mjs');
  const episode = { kind: 'began', episodeId: uuidv7(), startedAt: 1, seen: [] };
  const messages = [
    { type: 'ready' },
    { type: 'news', news: { kind: 'outcomes' } },
    { type: 'news', news: { kind: 'kept', cameraId: 'x', kept: null } },
    { type: 'news', news: { kind: 'pictures', episodeId: uuidv7(), made: { files: [{ file: 7 }] } } },
    { type: 'news', news: { kind: 'clip', episodeId: 1, made: null } },
    {
      type: 'news',
      news: {
        ...{ kind: 'outcomes', cameraId: uuidv7(), viewId: uuidv7(), atMs: 1, outcomes: [episode], people: [] },
        ...{ picture: { width: 1, height: 1 }, models: [], kept: { viewId: uuidv7(), rules: [] } },
      },
    },
    { type: 'beat', memoryBytes: 'much' },
    { type: 'log', level: 'fatal', message: 'x', fields: {} },
    'text',
    null,
    {
      type: 'news',
      news: {
        ...{ kind: 'outcomes', cameraId: uuidv7(), viewId: ruleId, atMs: 1, people: [[0, 0, 1, 1]], models: [] },
        ...{ picture: { width: 1, height: 1 }, kept: { v: 1, viewId: ruleId, rules: [], heat: { cells: {} } } },
        outcomes: [
          { ...episode, rule: { id: ruleId } },
          { kind: 'flow', flow: { v: 1, ruleId, viewId: ruleId, minute: 0 } },
        ],
      },
    },
    { type: 'news', news: { kind: 'pictures', episodeId: uuidv7(), problem: 'the disk is full' } },
  ];
  writeFileSync(
    entry,
    `for (const one of ${JSON.stringify(messages)}) process.send(one);
     process.on('message', (one) => one.type === 'stop' && process.exit(0)); process.on('disconnect', () => process.exit(0));`,
  );
  const { vision, news, faults } = open(t, { entry });
  vision.apply(settings([camera()], folder));
  await until(() => news.length > 1, 'what is right is heard');
  t.match(news, [
    { kind: 'outcomes', outcomes: { length: 2 } },
    { kind: 'pictures', problem: 'the disk is full' },
  ]);
  t.equal(news.length, 2);
  t.ok(faults.includes('vision_news_refused'), 'what is lost by it is told');
  t.equal(faults.filter((code) => code === 'vision_news_refused').length, 1, 'once');
});

t.test('in the child: what cannot be opened is tried again; one camera’s damage is its own', async (t) => {
  const data = path.join(folder, 'data');
  const heard: FromChild[] = [];
  const child = new VisionChild({ clock: systemClock, tell: (message) => heard.push(message) });
  t.teardown(() => child.stop());
  const cameras = () => heard.flatMap((one) => (one.type === 'beat' ? [one.cameras] : [])).at(-1) ?? [];
  const rule = visionRuleSchema.parse({ id: uuidv7(), name: '遮挡', algorithm: 'tamper' });
  const whole = camera();
  const broken = camera();
  const [view] = broken.vision.views;
  const kept = [{ v: 1, viewId: view?.id, heat: 7, rules: [{ rule, state: 7, open: null }] }] as never;
  // A file where the folder is to be: as on a disk that is full or not there yet.
  writeFileSync(data, '');
  const both = [{ ...broken, kept }, whole].map((one) => ({ ...one, kept: [...one.kept] }));
  child.take({ type: 'settings', settings: { ...settings([], data), cameras: both } });
  await until(() => heard.find((one) => one.type === 'fault'), 'it is told');
  rmSync(data);
  await until(() => cameras().length === 2, 'both are looked at');
  t.same(
    cameras()
      .map(({ cameraId }) => cameraId)
      .sort(),
    [broken.cameraId, whole.cameraId].sort(),
  );
  t.match(
    heard.filter((one) => one.type === 'fault').map((one) => ('context' in one ? one.context : undefined)),
    [{}, { cameraId: broken.cameraId }],
  );
});
