import t from 'tap';
import type { LocalResult } from '../../local-api/contract.js';
import type { CliContext } from '../cli-context.js';
import { nextStep, statusText } from './vision-status-text.js';

type Status = LocalResult<'vision'>;
const now = 1_800_000_000_000;
const same = (text: string) => text;
const context = {
  terminal: { width: undefined, now: () => now, style: { good: same, warn: same, bad: same, dim: same } },
} as unknown as CliContext;

const nothing: Status = {
  config: { source: null, version: null, at: null, askedAt: null, problem: null },
  process: { state: 'off', restarts: 0, pid: null, memoryBytes: null, reason: null, hint: null },
  ...{ inference: null, hasChineseFont: null, clips: 'reduced', waiting: 0, cameras: [] },
};
const camera: Status['cameras'][number] = {
  ...{ cameraId: 'c', name: '柜台', enabled: true, rules: 3, state: 'watching', reason: null, hint: null },
  ...{ fps: 4, skipped: 0, people: 2, health: null, sight: null, recording: null },
};
const cloud = { ...nothing.config, source: 'cloud' as const, version: 'a'.repeat(32), at: now - 5_000, askedAt: now };
const running = { ...nothing.process, state: 'running' as const, pid: 1, memoryBytes: 1e8 };
const told = (status: Status) => `${statusText(status, context)}\n${nextStep(status)}`;

t.test('nothing is set up: where it is done, with a line and without', async (t) => {
  t.match(
    told(nothing),
    /off: nothing is set up[\s\S]*视频 → 摄像机 \(Video → Cameras\), or without a line: hub vision import FILE/,
  );
  t.match(told({ ...nothing, config: cloud }), /off: nothing is set up[\s\S]*console: 视频 → 摄像机/);
  t.notMatch(told({ ...nothing, config: cloud }), /import/);
});

t.test('no model, no ffmpeg, switched off: the one thing to do', async (t) => {
  const hint = 'Fetch it: hub models pull nanodet-g-416';
  const blind = { ...camera, state: 'no_model' as const, reason: 'nanodet-g-416 is not on this unit', hint };
  const without = { ...nothing, config: cloud, process: running, cameras: [blind] };
  t.match(
    told(without),
    /Detector +none: [\s\S]*hub models pull\n[\s\S]*柜台 +no model[\s\S]*柜台: Fetch it: hub models pull nanodet-g-416$/,
  );
  const waits = { ...nothing.process, state: 'waiting' as const, reason: 'no_ffmpeg', hint: 'apt-get install ffmpeg' };
  t.match(told({ ...without, process: waits }), /waiting: ffmpeg is missing[\s\S]*Next: apt-get install ffmpeg$/);
  const off = { ...camera, state: 'disabled' as const, enabled: false };
  t.match(
    told({ ...nothing, config: cloud, cameras: [off] }),
    /off: no camera can be watched now[\s\S]*Turn cameras on in the console/,
  );
});

t.test('cameras are watched', async (t) => {
  const inference = { model: 'nanodet-g-416', p50Ms: 31, p95Ms: 40, waiting: 0, skipped: 0 };
  const well = told({ ...nothing, config: cloud, process: running, inference, cameras: [camera] });
  t.match(well, /nanodet-g-416, 31 ms[\s\S]*柜台 +watching +4\.0 +2 +3[\s\S]*hub vision findings$/);
});
