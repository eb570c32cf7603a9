import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { cameraVisionSchema } from '@hallhub/shared/vision';
import { silentLogger } from '../../../edge/src/ports/index.js';
import { outputsNeeded } from '../../../edge/src/vision/inference/decoders/index.js';
import { OnnxSession } from '../../../edge/src/vision/inference/onnx-session.js';
import { VisionProcess } from '../../../edge/src/vision/process/index.js';
import type { WatchedCamera } from '../../../edge/src/vision/vision-worker.js';
import { waitUntil } from '../e2e/wait-until.js';
import { type Clip, type ClipName, openClipStore } from '../peers/camera/footage/clip-store.js';
import { openStreamServer, type StreamServer } from '../peers/camera/rtsp-stream.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { cpuSecondsBelow, cpuSecondsOf, residentBytesBelow, residentMemoryOf } from './process-figures.js';
import { median } from './statistics.js';
import { benchModel, modelsFolder, openBenchDetector } from './vision/bench-models.js';
import { OfflineCamera } from './vision/offline-camera.js';
import { sceneRules } from './vision/scene-rules.js';
import { lookedSize, scaledPictures } from './vision/watch-clip.js';

const folder = fileURLToPath(new URL('../../../node_modules/.cache/hallhub-footage', import.meta.url));
const fps = 5;
const stepMs = 1_000 / fps;
const beganAtMs = Date.UTC(2026, 5, 1);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Loaded {
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly Buffer[];
}

/** Decoded before the clock starts, at the rate that is looked at. */
const load = async (clip: Clip, seconds: number): Promise<Loaded> => {
  const pictures: Buffer[] = [];
  let number = 0;
  for await (const rgb of scaledPictures(clip.main)) {
    if (number++ % (clip.fps / fps) === 0) pictures.push(rgb);
    if (pictures.length >= seconds * fps) break;
  }
  return { ...lookedSize(clip.main), pictures };
};

const cpuOf = async (work: () => Promise<void>): Promise<{ cpuS: number; wallS: number }> => {
  const [before, startMs] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuS: (user + system) / 1_000_000, wallS: (performance.now() - startMs) / 1_000 };
};

/** `session.run` and nothing else, on numbers that are already there. */
const openBare = async () => {
  const { card, bytes } = benchModel();
  const { input } = card;
  const session = await OnnxSession.open(bytes, { threads: 1, input, names: outputsNeeded(card.output) });
  const numbers = new Float32Array(3 * input.width * input.height).fill(0.1);
  return { run: () => session.run(numbers), end: () => session[Symbol.asyncDispose]() };
};

await runBench(async ({ progress, quick }) => {
  const store = openClipStore(folder);
  const clipOf = async (name: ClipName): Promise<Clip> => {
    progress(`footage: ${name}`);
    const clip = await store.clip(name);
    if ('missing' in clip) throw new Error(`${clip.missing}: ${clip.why}; ${clip.install}`);
    return clip;
  };
  const [street, still] = [await clipOf('street'), await clipOf('still')];
  await using detector = await openBenchDetector(progress, { threads: 1 });
  const bare = await openBare();
  const figures: Figure[] = [];

  const walk = await load(street, quick ? 4 : 12);
  const rounds = quick ? 2 : 6;
  progress(`the pipeline against session.run, ${rounds} rounds of ${walk.pictures.length} pictures`);
  const through = async () => {
    const camera = new OfflineCamera({ detector, rules: sceneRules, isGated: false });
    for (const [i, rgb] of walk.pictures.entries()) await camera.look({ ...walk, rgb, atMs: beganAtMs + i * stepMs });
  };
  const alone = async () => {
    for (let i = 0; i < walk.pictures.length; i++) await bare.run();
  };
  await alone();
  await through();
  const ratios: { wall: number; cpu: number; pipelineS: number; bareS: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [alone, through] : [through, alone];
    const times = new Map<() => Promise<void>, { cpuS: number; wallS: number }>();
    for (const work of order) times.set(work, await cpuOf(work));
    const [one, other] = [times.get(alone), times.get(through)] as [
      { cpuS: number; wallS: number },
      { cpuS: number; wallS: number },
    ];
    ratios.push({
      wall: one.wallS / other.wallS,
      cpu: one.cpuS / other.cpuS,
      pipelineS: other.wallS,
      bareS: one.wallS,
    });
  }
  await bare.end();
  const perPicture = (key: 'pipelineS' | 'bareS') =>
    (median(ratios.map((one) => one[key])) / walk.pictures.length) * 1000;
  figures.push({
    what: 'pipeline frames/s, all but decoding, against a bare session.run, one thread',
    value: Number(median(ratios.map(({ wall }) => wall)).toFixed(3)),
    unit: '',
    aim: { atLeast: 0.85 },
    detail: `${digits(perPicture('pipelineS'))} ms a picture against ${digits(perPicture('bareS'))} ms; by CPU time ${median(ratios.map(({ cpu }) => cpu)).toFixed(3)}`,
  });

  const scene = await load(still, 20);
  progress('a still scene with and without the motion gate');
  const warmUp = 5 * fps;
  const stillPictures = (quick ? 6 : 30) * fps;
  const look = async (isGated: boolean): Promise<number> => {
    const camera = new OfflineCamera({ detector, rules: sceneRules, isGated });
    const show = async (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const rgb = scene.pictures[i % scene.pictures.length] as Buffer;
        await camera.look({ width: scene.width, height: scene.height, rgb, atMs: beganAtMs + i * stepMs });
      }
    };
    // Everything is new at first, and is looked at.
    await show(0, warmUp);
    return (await cpuOf(() => show(warmUp, warmUp + stillPictures))).cpuS;
  };
  const shares: number[] = [];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const without = await look(false);
    shares.push((await look(true)) / without);
  }
  figures.push({
    what: 'detector CPU on a still scene, with the motion gate against without',
    value: Number(median(shares).toFixed(3)),
    unit: '',
    aim: { atMost: 0.15 },
    detail: `${stillPictures} pictures at ${fps} a second with a camera's noise, nobody in them; the gate's own work is in it, decoding is not`,
  });

  const data = mkdtempSync(join(tmpdir(), 'hallhub-bench-vision-'));
  try {
    const one = await measureCameras({ data, clip: street, count: 1, forMs: quick ? 5_000 : 25_000, progress });
    const four = await measureCameras({ data, clip: street, count: 4, forMs: quick ? 5_000 : 25_000, progress });
    // A machine that is busy otherwise lets the unit look at fewer: what one look costs is the same.
    const perLook = (four.cpuShare - four.decodeShare) / (4 * four.fps);
    const perCamera = four.decodeShare / 4 + perLook * fps;
    figures.push({
      what: `cameras at ${fps} pictures/s for one core (768 × 576, people walking), decoding and recording in it`,
      value: Number((1 / perCamera).toFixed(1)),
      unit: 'cameras',
      detail: `from ${digits((four.decodeShare / 4) * 100)} % of a core for decoding and copying a camera, and ${digits(perLook * 1000)} ms of CPU for a picture that is looked at; four cameras: ${digits(four.cpuShare * 100)} % of a core, the detector looked at ${digits(four.fps)} pictures/s of each, ${four.skipped} skipped; inference p50 ${digits(four.inferenceMs ?? 0)} ms`,
    });
    figures.push({
      what: 'memory for each further camera, its ffmpeg in it',
      value: Math.round((four.bytes - one.bytes) / 3 / 1_000_000),
      unit: 'MB',
      detail: `one camera ${digits(one.bytes / 1_000_000)} MB with the model, four ${digits(four.bytes / 1_000_000)} MB; the child process alone ${digits(four.childBytes / 1_000_000)} MB`,
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
  return figures;
});

interface CameraLoad {
  readonly cpuShare: number;
  readonly decodeShare: number;
  readonly bytes: number;
  readonly childBytes: number;
  readonly fps: number;
  readonly skipped: number;
  readonly inferenceMs: number | undefined;
}

async function openStreams(): Promise<StreamServer> {
  const server = await openStreamServer();
  if ('missing' in server) throw new Error(`${server.missing}: ${server.why} ${server.install}`);
  return server;
}

/** The unit's own child process with cameras whose streams a server of its own process plays. */
async function measureCameras({
  data,
  clip,
  count,
  forMs,
  progress,
}: {
  readonly data: string;
  readonly clip: Clip;
  readonly count: number;
  readonly forMs: number;
  readonly progress: (text: string) => void;
}): Promise<CameraLoad> {
  await using server = await openStreams();
  const served = { file: clip.main.file, fps: clip.fps, startedAtMs: Date.now() };
  const urls = await Promise.all(
    Array.from({ length: count }, (_, i) => server.mount({ path: `camera-${i}`, clip: served })),
  );
  const cameras = urls.map((url): WatchedCamera => {
    const cameraId = uuidv7();
    const views = [{ id: uuidv7(), name: 'view', rules: [...sceneRules] }];
    return {
      ...{ cameraId, name: 'camera', source: { kind: 'rtsp', url, transport: 'tcp' }, kept: [] },
      vision: cameraVisionSchema.parse({ deviceId: cameraId, analysisFps: fps, recordHours: 1, views }),
    };
  });
  const vision = new VisionProcess({
    clock: systemClock,
    logger: silentLogger,
    listener: { onNews: () => undefined, onStatus: () => undefined },
    onFault: (code, message) => progress(`${code}: ${message}`),
  });
  try {
    vision.apply({
      ...{ zone: 'Asia/Shanghai', placeName: 'bench', cameras, clips: 'reduced', ffmpeg: 'ffmpeg', overlayKey: '00' },
      ...{ modelsFolder, folder: join(data, `vision-${count}`) },
      recording: { maxBytes: 256 * 1024 * 1024, minFreeBytes: 0 },
    });
    await waitUntil(
      `${count} cameras to be watched`,
      () => vision.status.cameras.length === count && vision.status.cameras.every(({ state }) => state === 'watching'),
      { withinMs: 60_000, everyMs: 250 },
    );
    progress(`${count} cameras are watched`);
    await pause(5_000);
    const pid = vision.status.pid as number;
    const [own, below, startMs] = [cpuSecondsOf(pid), cpuSecondsBelow(pid), performance.now()];
    await pause(forMs);
    const seconds = (performance.now() - startMs) / 1_000;
    const [ownS, belowS] = [cpuSecondsOf(pid) - own, cpuSecondsBelow(pid) - below];
    const { cameras: seen, detector } = vision.status;
    const childBytes = residentMemoryOf(pid).nowBytes;
    return {
      cpuShare: (ownS + belowS) / seconds,
      decodeShare: belowS / seconds,
      bytes: childBytes + residentBytesBelow(pid),
      childBytes,
      fps: seen.reduce((sum, one) => sum + (one.fps ?? 0), 0) / count,
      skipped: detector?.skipped ?? 0,
      inferenceMs: detector?.inferenceMs?.p50,
    };
  } finally {
    await vision.stop();
  }
}
