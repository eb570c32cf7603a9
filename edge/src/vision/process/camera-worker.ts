import { type Clock, toHubError } from '@hallhub/shared';
import { canonicalJson } from '@hallhub/shared/proof';
import type { Fact } from '@hallhub/shared/vision';
import type { EvidenceMaker } from '../evidence/index.js';
import { LiveOutlets } from '../live/live-outlets.js';
import { Attention } from '../pipeline/attention.js';
import { CameraSource } from '../pipeline/camera-source.js';
import { FragmentStream } from '../pipeline/fragment-stream.js';
import { greyOf } from '../pipeline/grey-picture.js';
import { type Motion, MotionGate } from '../pipeline/motion-gate.js';
import { Pace } from '../pipeline/pace.js';
import type { Picture } from '../pipeline/picture.js';
import type { PictureFault } from '../pipeline/picture-fault.js';
import type { RateDemand } from '../pipeline/rate-governor.js';
import type { Track } from '../pipeline/track.js';
import { Tracker } from '../pipeline/tracker.js';
import type { RecordingStore } from '../recording/index.js';
import type { SeenPose } from '../rules/index.js';
import type { LiveExtras, Sight } from '../turning/sight-in-child.js';
import type { WatchedCamera, WatchNews, WatchSettings } from '../vision-worker.js';
import { cameraBeat } from './camera-beat.js';
import { CameraRecording } from './camera-recording.js';
import { CameraSight, LiveTelling } from './camera-sight.js';
import type { CameraBeat } from './ipc-contract.js';
import { LookCounts } from './look-counts.js';
import { LookPace } from './look-pace.js';
import { PlaceHealth } from './place-health.js';
import type { ServingModels } from './serving-models.js';
import { WatchedViews } from './watched-views.js';

export interface CameraWorkerOptions {
  readonly camera: WatchedCamera;
  readonly settings: Omit<WatchSettings, 'cameras'>;
  readonly clock: Clock;
  readonly models: ServingModels;
  readonly store: RecordingStore;
  readonly evidence: EvidenceMaker;
  readonly hardware: readonly string[];
  /** Where it looks; left out: nothing turns it. */
  readonly sight?: Sight | undefined;
  readonly facts: (fact: Fact) => boolean | undefined;
  readonly tell: (news: WatchNews) => void;
  readonly log: (level: 'debug' | 'info' | 'warn', message: string, fields: Record<string, unknown>) => void;
}

/** While nothing moves, the rules are told so often that nothing changed. */
const heldEveryMs = 1_000;
/** No picture for so long, or for so many of them: nobody sees what happens. */
const blindAfterMs = 5_000;
const blindAfterPictures = 3;
const posesPerSecond = 2;
const referenceEveryMs = 60_000;

/** One camera from its stream to what its rules say. What it does costs its neighbours nothing but their share of the detector. */
export class CameraWorker {
  readonly fragments = new FragmentStream();
  readonly live: LiveOutlets;
  readonly #options: CameraWorkerOptions;
  readonly #stop = new AbortController();
  readonly #source: CameraSource;
  readonly #gate = new MotionGate();
  readonly #attention = new Attention();
  readonly #health: PlaceHealth;
  readonly #sight: CameraSight;
  readonly #telling: LiveTelling;
  readonly #pace: LookPace;
  readonly #posePace = new Pace(posesPerSecond);
  #camera: WatchedCamera;
  #tracker: Tracker;
  #running: Promise<void> | undefined;
  #tracks: readonly Track[] = [];
  #fault: PictureFault | null = null;
  #inFlight = 0;
  #picture: { width: number; height: number; monoMs: number } | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #blindMs = Number.NEGATIVE_INFINITY;
  #referenceMs = Number.NEGATIVE_INFINITY;
  readonly #counts: LookCounts;
  readonly #views: WatchedViews;
  readonly #recording: CameraRecording;

  constructor(options: CameraWorkerOptions) {
    const { camera, settings, clock, hardware } = options;
    this.#options = options;
    this.#camera = camera;
    this.live = new LiveOutlets({ fragments: this.fragments, ffmpeg: settings.ffmpeg, clock });
    this.#tracker = this.#newTracker();
    const { cameraId, source: address, vision } = camera;
    this.#pace = new LookPace(vision.analysisFps);
    this.#counts = new LookCounts(clock.monotonicMs());
    this.#views = new WatchedViews(options);
    this.#recording = new CameraRecording({ ...options, cameraId, fragments: this.fragments });
    this.#sight = new CameraSight(options.sight);
    this.#telling = new LiveTelling(this.live);
    this.#health = new PlaceHealth({ folder: settings.folder, cameraId }, options.sight, vision.views);
    this.#source = new CameraSource({
      ...{ cameraId, address, clock, hardware, program: settings.ffmpeg, fps: vision.analysisFps },
      fragments: this.fragments,
      onPicture: (picture) => this.#look(picture),
      onState: (state) =>
        options.log(state.state === 'playing' ? 'info' : 'warn', 'a camera’s stream', { cameraId, ...state }),
    });
    this.#watchViews(camera);
  }

  get camera(): WatchedCamera {
    return this.#camera;
  }

  /** As it is now, with what its rules remember. */
  get kept(): WatchedCamera['kept'] {
    return this.#views.kept;
  }

  /** Of what cannot be changed while it plays. */
  static sourceKey({ source, vision }: WatchedCamera): string {
    return canonicalJson([source, vision.analysisFps]);
  }

  start(): void {
    this.#running = this.#source.run(this.#stop.signal);
    void this.#recording.keep(this.#camera.vision.recordHours);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.live.close();
    this.#recording.stop();
    const { models, tell } = this.#options;
    const { cameraId } = this.#camera;
    models.queue?.forget(cameraId);
    for (const kept of this.kept) tell({ kind: 'kept', cameraId, kept });
    await this.#running;
  }

  /** Another set-up of the same stream: rules, overlay, recording. It plays on, and nobody is lost. */
  change(camera: WatchedCamera): void {
    this.#watchViews({ ...camera, kept: this.kept });
    void this.#recording.keep(this.#camera.vision.recordHours);
  }

  /** Another model serves, or none. */
  modelChanged(): void {
    this.#tracker = this.#newTracker();
    this.#tracks = [];
    this.#watchViews({ ...this.#camera, kept: this.kept });
  }

  /** It looks elsewhere now, or is about to; undefined: nothing turns it. */
  setSight(sight: Sight | undefined): void {
    if (!this.#sight.isAnother(sight)) return;
    this.#health.keep();
    this.#health.turn(sight, this.#camera.vision.views);
    this.#sight.turn(sight, this.#options.clock.now());
    this.#forgetScene();
    this.#options.models.queue?.forget(this.#camera.cameraId);
    this.#views.pick(this.#camera, sight);
  }

  /** What those who look get beside the pictures. */
  tellLive(extras: LiveExtras): void {
    this.#telling.set(extras);
  }

  allow(perSecond: number): void {
    this.#pace.allow(perSecond);
  }

  get demand(): RateDemand {
    return this.#pace.demand(this.#counts.rates.wanted);
  }

  /** Once a second. */
  tick(): void {
    const { clock } = this.#options;
    const monoMs = clock.monotonicMs();
    this.#counts.measure(monoMs);
    const silentMs = this.#picture ? monoMs - this.#picture.monoMs : Number.POSITIVE_INFINITY;
    if (silentMs > 2 * this.#blindAfterMs && this.#tracks.length > 0) this.#forgetScene();
    this.#beBlind(monoMs, silentMs > this.#blindAfterMs);
    if (monoMs - this.#referenceMs > referenceEveryMs) {
      this.#referenceMs = monoMs;
      this.#health.keep();
    }
  }

  get beat(): CameraBeat {
    return cameraBeat({
      ...{ cameraId: this.#camera.cameraId, source: this.#source, live: this.live, pace: this.#pace },
      ...{ counts: this.#counts, recording: this.#recording, tracks: this.#tracks, fault: this.#fault },
      picture: this.#picture,
    });
  }

  get #blindAfterMs(): number {
    return Math.max(blindAfterMs, (blindAfterPictures * 1_000) / this.#camera.vision.analysisFps);
  }

  #newTracker(): Tracker {
    const { sure, least } = this.#options.models.queue?.detector.thresholds ?? { sure: 0.5, least: 0.1 };
    return new Tracker({ sureConfidence: sure, leastConfidence: least });
  }

  #watchViews(camera: WatchedCamera): void {
    this.#camera = camera;
    this.#views.set(camera, this.#sight.now);
  }

  #look(picture: Picture): void {
    if (this.#stop.signal.aborted) return;
    const monoMs = this.#options.clock.monotonicMs();
    // After so long it is another scene.
    if (this.#picture && monoMs - this.#picture.monoMs > 2 * this.#blindAfterMs) this.#forgetScene();
    this.#picture = { width: picture.width, height: picture.height, monoMs };
    if (this.#sight.isTurning(picture.atMs)) {
      this.#counts.seen += 1;
      return;
    }
    const grey = greyOf(picture);
    const motion = this.#gate.look(grey, monoMs);
    this.#fault = this.#health.look(picture, grey);
    this.#counts.seen += 1;
    if (motion.places.length > 0) this.#counts.moved += 1;
    const { queue } = this.#options.models;
    if (!queue) this.#hold(picture, monoMs);
    else if (this.#wants(motion, monoMs)) {
      this.#counts.wanted += 1;
      if (this.#pace.take(monoMs)) void this.#detect(picture, monoMs);
    } else this.#hold(picture, monoMs);
  }

  #wants(motion: Motion, monoMs: number): boolean {
    return this.#attention.decide(motion, this.#tracks, monoMs) !== 'still';
  }

  async #detect(picture: Picture, monoMs: number): Promise<void> {
    const { models, log } = this.#options;
    this.#attention.looked(monoMs);
    this.#inFlight += 1;
    const { scene } = this.#sight;
    try {
      const seen = await models.queue?.submit(picture);
      if (seen === undefined || seen === 'skipped') {
        this.#counts.skipped += 1;
        return;
      }
      this.#counts.looked += 1;
      if (this.#stop.signal.aborted || scene !== this.#sight.scene) return;
      this.#tracks = this.#tracker.update(seen, picture.atMs);
      const poses = await this.#poses(picture, monoMs);
      // Meanwhile it may have stopped, turned, or told of a newer picture: time does not go backwards.
      if (this.#stop.signal.aborted || scene !== this.#sight.scene || monoMs < this.#toldMs) return;
      this.#tellViews(picture, monoMs, poses);
    } catch (error) {
      this.#counts.failed += 1;
      const { message } = toHubError(error);
      log('warn', 'a picture could not be looked at', { cameraId: this.#camera.cameraId, error: message });
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #poses(picture: Picture, monoMs: number): Promise<readonly SeenPose[] | undefined> {
    const { pose } = this.#options.models;
    if (!pose || !this.#views.needPose || !this.#tracks.some(({ label, isLost }) => label === 'person' && !isLost))
      return undefined;
    return this.#posePace.take(monoMs) ? await pose.estimate(picture) : undefined;
  }

  /** Nothing moved: who was there still is. Not while an older picture is being looked at: time would go backwards. */
  #hold(picture: Picture, monoMs: number): void {
    if (this.#inFlight > 0 || monoMs - this.#toldMs < heldEveryMs) return;
    this.#tracks = this.#tracker.hold(picture.atMs);
    this.#tellViews(picture, monoMs, undefined);
  }

  #tellViews(picture: Picture, monoMs: number, poses: readonly SeenPose[] | undefined): void {
    this.#toldMs = monoMs;
    const look = { atMs: picture.atMs, tracks: this.#tracks, health: this.#fault, facts: this.#options.facts, picture };
    this.#telling.tracks(this.#tracks, picture.atMs);
    this.#views.observe(poses ? { ...look, poses } : look);
  }

  #beBlind(monoMs: number, isAll: boolean): void {
    if (monoMs - this.#blindMs < heldEveryMs * 0.9) return;
    this.#blindMs = monoMs;
    this.#views.blind(this.#options.clock.now(), isAll);
  }

  #forgetScene(): void {
    this.#gate.forget();
    this.#attention.forget();
    this.#tracker.forget();
    this.#tracks = [];
    this.#fault = null;
  }
}
