import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Clock, toHubError } from '@hallhub/shared';
import { canonicalJson } from '@hallhub/shared/proof';
import { EvidenceMaker } from '../evidence/index.js';
import { findHardwareDecode } from '../pipeline/hardware-decode.js';
import { RateGovernor } from '../pipeline/rate-governor.js';
import { RecordingStore } from '../recording/index.js';
import type { LiveExtras, Sight } from '../turning/sight-in-child.js';
import { makeClip } from '../view-watch.js';
import { type FactValues, factKey, type WatchedCamera, type WatchSettings } from '../vision-worker.js';
import { CameraWorker } from './camera-worker.js';
import type { Beat, FromChild, ToChild } from './ipc-contract.js';
import { ServingModels } from './serving-models.js';
import { wantedModels } from './wanted-models.js';

export interface VisionChildOptions {
  readonly clock: Clock;
  readonly tell: (message: FromChild) => void;
}

const secondMs = 1_000;
const modelsEveryS = 5;
/** A disk that was full, or not there, may be so no more. */
const againEveryS = 5;

/** All that runs in the child: models, recordings, evidence, and a worker for each camera. */
export class VisionChild {
  readonly #options: VisionChildOptions;
  readonly #workers = new Map<string, CameraWorker>();
  readonly #governor = new RateGovernor();
  readonly #stop = new AbortController();
  #parts: Parts | undefined;
  #settings: WatchSettings | undefined;
  #facts: FactValues = {};
  /** Of cameras that turn. */
  readonly #sights = new Map<string, Sight>();
  readonly #extras = new Map<string, LiveExtras>();
  #applying: Promise<void> = Promise.resolve();
  /** What could not be applied yet, and why. */
  #pending: { readonly settings: WatchSettings; readonly problem: string } | undefined;
  #before = { done: 0, skipped: 0 };
  #ticks = 0;

  constructor(options: VisionChildOptions) {
    this.#options = options;
    void this.#beat();
  }

  take(message: Exclude<ToChild, { type: 'beat' | 'stop' }>): void {
    switch (message.type) {
      case 'settings':
        this.#applying = this.#applying.then(() => this.#apply(message.settings));
        break;
      case 'facts':
        this.#facts = message.facts;
        break;
      case 'clip':
        if (this.#parts) {
          const { evidence } = this.#parts;
          void makeClip(message.order, { evidence, tell: (news) => this.#options.tell({ type: 'news', news }) });
        }
        break;
      case 'live':
        this.#workers.get(message.order.cameraId)?.live.start(message.order);
        break;
      case 'sight':
        if (message.sight) this.#sights.set(message.cameraId, message.sight);
        else this.#sights.delete(message.cameraId);
        this.#workers.get(message.cameraId)?.setSight(message.sight ?? undefined);
        break;
      case 'extras':
        this.#extras.set(message.cameraId, message.extras);
        this.#workers.get(message.cameraId)?.tellLive(message.extras);
        break;
      case 'live_end':
        this.#workers.get(message.cameraId)?.live.end(message.form);
        break;
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    await this.#parts?.store.stop();
    await this.#parts?.models.close();
  }

  async #apply(settings: WatchSettings): Promise<void> {
    const before = this.#pending;
    this.#pending = undefined;
    if (this.#stop.signal.aborted) return;
    try {
      this.#parts ??= await this.#open(settings);
      await this.#parts.models.want(wantedModels(settings.cameras));
      const place = ({ zone, placeName, position }: WatchSettings) =>
        canonicalJson([zone, placeName, position ? { ...position } : null]);
      const isSamePlace = this.#settings !== undefined && place(this.#settings) === place(settings);
      this.#settings = settings;
      const wanted = new Map(settings.cameras.filter(({ vision }) => vision.enabled).map((one) => [one.cameraId, one]));
      for (const [cameraId, worker] of this.#workers) {
        const camera = wanted.get(cameraId);
        if (camera && isSamePlace && CameraWorker.sourceKey(camera) === CameraWorker.sourceKey(worker.camera)) continue;
        this.#workers.delete(cameraId);
        await worker.stop();
        if (camera) wanted.set(cameraId, { ...camera, kept: worker.kept });
      }
      for (const camera of wanted.values()) this.#watch(camera, this.#parts);
    } catch (error) {
      const { message, code } = toHubError(error);
      this.#pending = { settings, problem: message };
      if (before?.problem === message) return;
      this.#options.tell({ type: 'fault', code: 'vision_settings', message, context: { code } });
    }
  }

  #watch(camera: WatchedCamera, parts: Parts): void {
    const { cameraId } = camera;
    const known = this.#workers.get(cameraId);
    try {
      if (known) {
        if (setUpOf(known.camera) !== setUpOf(camera)) known.change(camera);
      } else this.#begin(camera, parts);
    } catch (error) {
      const { message } = toHubError(error);
      this.#options.tell({ type: 'fault', code: 'vision_camera', message, context: { cameraId } });
      // Perhaps what its rules remembered is of no use to this version: it begins anew, and its neighbours do not notice.
      if (!known && camera.kept.length > 0) this.#watch({ ...camera, kept: [] }, parts);
    }
  }

  #begin(camera: WatchedCamera, parts: Parts): void {
    const { clock } = this.#options;
    const worker = new CameraWorker({
      ...{ camera, clock, ...parts, settings: this.#settings as WatchSettings },
      sight: this.#sights.get(camera.cameraId),
      facts: (fact) => this.#facts[factKey(fact)],
      tell: (news) => this.#options.tell({ type: 'news', news }),
      log: (level, message, fields) => this.#options.tell({ type: 'log', level, message, fields }),
    });
    this.#workers.set(camera.cameraId, worker);
    const extras = this.#extras.get(camera.cameraId);
    if (extras) worker.tellLive(extras);
    worker.start();
  }

  async #open({ modelsFolder, folder, recording, clips, ffmpeg }: WatchSettings): Promise<Parts> {
    const { clock, tell } = this.#options;
    const { signal } = this.#stop;
    const models = new ServingModels({
      ...{ folder: modelsFolder, clock, threads: availableParallelism() >= 4 ? 2 : 1 },
      onChange: () => {
        for (const worker of this.#workers.values()) worker.modelChanged();
      },
      onFault: (code, message, context) => tell({ type: 'fault', code, message, ...(context ? { context } : {}) }),
    });
    const store = new RecordingStore({
      ...{ ...recording, clock, folder: path.join(folder, 'recordings') },
      freeBytes: () =>
        statfs(folder).then(
          ({ bavail, bsize }) => bavail * bsize,
          () => undefined,
        ),
      onFailure: (cameraId, error) =>
        tell({ type: 'fault', code: 'vision_recording', message: error.message, context: { cameraId } }),
    });
    // First what a full disk refuses: nothing that runs is left behind where this is tried again.
    const evidence = new EvidenceMaker({
      ...{ folder: path.join(folder, 'outgoing'), ffmpeg, clips, signal },
      faces: () => models.faces,
      ring: (cameraId) => store.ring(cameraId),
    });
    await store.start();
    await models.look();
    return { models, store, evidence, hardware: await findHardwareDecode(ffmpeg, signal) };
  }

  async #beat(): Promise<void> {
    const { clock, tell } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        await clock.sleep(secondMs, signal);
      } catch {
        return;
      }
      for (const worker of this.#workers.values()) worker.tick();
      this.#shareTime();
      if (this.#pending && this.#ticks % againEveryS === 0) {
        const { settings } = this.#pending;
        this.#applying = this.#applying.then(() => this.#apply(settings));
      }
      if (++this.#ticks % modelsEveryS === 0) void this.#parts?.models.look();
      tell(this.#figures(Math.max(0, clock.monotonicMs() - startedMs - secondMs)));
    }
  }

  #shareTime(): void {
    const figures = this.#parts?.models.queue?.figures;
    if (!figures) return;
    const { done, skipped, inferenceMs } = figures;
    const load = {
      inferenceMs: inferenceMs?.p50 ?? 0,
      looked: Math.max(0, done - this.#before.done),
      skipped: Math.max(0, skipped - this.#before.skipped),
    };
    this.#before = { done, skipped };
    const demands = new Map([...this.#workers].map(([id, worker]) => [id, worker.demand]));
    for (const [id, perSecond] of this.#governor.share(demands, load)) this.#workers.get(id)?.allow(perSecond);
  }

  #figures(lateMs: number): Beat {
    const { queue, absent } = this.#parts?.models ?? {};
    const figures = queue?.figures;
    return {
      ...{ type: 'beat', lateMs, memoryBytes: process.memoryUsage.rss() },
      ...(queue && figures
        ? {
            detector: {
              ...{ model: queue.detector.model.id, trust: this.#governor.trust },
              ...{ waiting: figures.waiting, skipped: figures.skipped, failed: figures.failed },
              ...(figures.inferenceMs ? { inferenceMs: figures.inferenceMs } : {}),
              ...(figures.waitMs ? { waitMs: figures.waitMs } : {}),
            },
          }
        : {}),
      ...(absent ? { absent: { message: absent.message, hint: absent.hint } } : {}),
      cameras: [...this.#workers.values()].map(({ beat }) => beat),
    };
  }
}

interface Parts {
  readonly models: ServingModels;
  readonly store: RecordingStore;
  readonly evidence: EvidenceMaker;
  readonly hardware: readonly string[];
}

/** All of a camera but what its rules remember. */
const setUpOf = ({ kept, ...rest }: WatchedCamera): string => canonicalJson(rest);
