import { type Clock, toHubError } from '@hallhub/shared';
import { canonicalJson } from '@hallhub/shared/proof';
import { type Fact, liveJson } from '@hallhub/shared/vision';
import type { EvidenceMaker } from '../evidence/index.js';
import { LiveOutlets } from '../live/live-outlets.js';
import { tracksRecord } from '../live/live-tracks.js';
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
import { needsOf, type SeenPose } from '../rules/index.js';
import { isSameSight, type LiveExtras, type Sight, viewsInSight } from '../turning/sight-in-child.js';
import { ViewWatch } from '../view-watch.js';
import type { WatchedCamera, WatchNews, WatchSettings } from '../vision-worker.js';
import type { CameraBeat } from './ipc-contract.js';
import { PlaceHealth } from './place-health.js';
import type { ServingModels } from './serving-models.js';

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
/** Pictures are on their way for so long: what comes in this time after it stands was taken while it moved. */
const settledAfterMs = 700;
const tracksEveryMs = 180;

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
  #sight: Sight | undefined;
  /** Epoch ms: pictures from before belong to where it looked then. */
  #settledMs = Number.NEGATIVE_INFINITY;
  /** Counts up whenever it looks elsewhere. */
  #scene = 0;
  #saysTracks = false;
  #saidTracksMs = Number.NEGATIVE_INFINITY;
  readonly #pace: Pace;
  readonly #posePace = new Pace(posesPerSecond);
  #camera: WatchedCamera;
  #allowed: number;
  #tracker: Tracker;
  #views: readonly ViewWatch[] = [];
  #inSight: ReadonlySet<ViewWatch> = new Set();
  #running: Promise<void> | undefined;
  #leaveRing: (() => void) | undefined;
  #tracks: readonly Track[] = [];
  #fault: PictureFault | null = null;
  #inFlight = 0;
  #picture: { width: number; height: number; monoMs: number } | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #blindMs = Number.NEGATIVE_INFINITY;
  #referenceMs = Number.NEGATIVE_INFINITY;
  #counts = { seen: 0, wanted: 0, moved: 0, looked: 0, skipped: 0, failed: 0 };
  #before = { seen: 0, wanted: 0, moved: 0, looked: 0, monoMs: 0 };
  #rates = { fps: 0, wanted: 0, motion: 0 };

  constructor(options: CameraWorkerOptions) {
    const { camera, settings, clock, hardware } = options;
    this.#options = options;
    this.#camera = camera;
    this.live = new LiveOutlets({ fragments: this.fragments, ffmpeg: settings.ffmpeg, clock });
    this.#tracker = this.#newTracker();
    const { cameraId, source: address, vision } = camera;
    this.#allowed = vision.analysisFps;
    this.#pace = new Pace(Number.POSITIVE_INFINITY);
    this.#before.monoMs = clock.monotonicMs();
    this.#sight = options.sight;
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
    return this.#views.map((view) => view.kept());
  }

  /** Of what cannot be changed while it plays. */
  static sourceKey({ source, vision }: WatchedCamera): string {
    return canonicalJson([source, vision.analysisFps]);
  }

  start(): void {
    this.#running = this.#source.run(this.#stop.signal);
    void this.#record();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.live.close();
    this.#leaveRing?.();
    const { models, tell } = this.#options;
    const { cameraId } = this.#camera;
    models.queue?.forget(cameraId);
    for (const kept of this.kept) tell({ kind: 'kept', cameraId, kept });
    await this.#running;
  }

  /** Another set-up of the same stream: rules, overlay, recording. It plays on, and nobody is lost. */
  change(camera: WatchedCamera): void {
    this.#watchViews({ ...camera, kept: this.kept });
    void this.#record();
  }

  /** Another model serves, or none. */
  modelChanged(): void {
    this.#tracker = this.#newTracker();
    this.#tracks = [];
    this.#watchViews({ ...this.#camera, kept: this.kept });
  }

  /** It looks elsewhere now, or is about to; undefined: nothing turns it. */
  setSight(sight: Sight | undefined): void {
    const before = this.#sight;
    if (sight === undefined ? before === undefined : isSameSight(before, sight)) return;
    this.#health.keep();
    this.#health.turn(sight, this.#camera.vision.views);
    this.#sight = sight;
    this.#scene += 1;
    this.#settledMs = this.#options.clock.now() + settledAfterMs;
    this.#forgetScene();
    this.#options.models.queue?.forget(this.#camera.cameraId);
    this.#pickViews();
  }

  /** What those who look get beside the pictures. */
  tellLive({ tracks, sight }: LiveExtras): void {
    this.#saysTracks = tracks;
    this.live.hold(sight ? liveJson('sight', sight) : undefined);
  }

  allow(perSecond: number): void {
    this.#allowed = perSecond;
    // The stream has that rate already: pacing it again would lose what comes a little early.
    this.#pace.perSecond = perSecond >= this.#camera.vision.analysisFps * 0.95 ? Number.POSITIVE_INFINITY : perSecond;
  }

  get demand(): RateDemand {
    const { analysisFps } = this.#camera.vision;
    return { wanted: Math.min(analysisFps, Math.max(1, this.#rates.wanted * 1.25)), least: Math.min(0.5, analysisFps) };
  }

  /** Once a second. */
  tick(): void {
    const { clock } = this.#options;
    const monoMs = clock.monotonicMs();
    this.#measure(monoMs);
    const silentMs = this.#picture ? monoMs - this.#picture.monoMs : Number.POSITIVE_INFINITY;
    if (silentMs > 2 * this.#blindAfterMs && this.#tracks.length > 0) this.#forgetScene();
    this.#beBlind(monoMs, silentMs > this.#blindAfterMs);
    if (monoMs - this.#referenceMs > referenceEveryMs) {
      this.#referenceMs = monoMs;
      this.#health.keep();
    }
  }

  get beat(): CameraBeat {
    const { cameraId } = this.#camera;
    const { pid, ...stream } = this.#source.figures;
    const recording = this.#options.store.figures(cameraId);
    return {
      ...{ cameraId, stream, source: this.#source.state, live: this.live.figures },
      ...{ fps: this.#rates.fps, allowedFps: this.#allowed, motionShare: this.#rates.motion },
      looked: this.#counts.looked,
      ...{ skipped: this.#counts.skipped, failed: this.#counts.failed, health: this.#fault?.kind ?? null },
      tracks: this.#tracks.length,
      people: this.#tracks.filter(({ label, isLost }) => label === 'person' && !isLost).length,
      ...(this.#picture ? { width: this.#picture.width, height: this.#picture.height } : {}),
      ...(recording ? { recording } : {}),
    };
  }

  get #blindAfterMs(): number {
    return Math.max(blindAfterMs, (blindAfterPictures * 1_000) / this.#camera.vision.analysisFps);
  }

  #newTracker(): Tracker {
    const { sure, least } = this.#options.models.queue?.detector.thresholds ?? { sure: 0.5, least: 0.1 };
    return new Tracker({ sureConfidence: sure, leastConfidence: least });
  }

  #watchViews(camera: WatchedCamera): void {
    const { settings, models, evidence, tell } = this.#options;
    this.#camera = camera;
    const { source, ...known } = camera;
    const canSee = models.queue !== undefined;
    this.#views = camera.vision.views.map(
      (view) =>
        new ViewWatch({
          ...{ camera: known, settings, evidence, tell, models: () => models.identities },
          // Without a detector nobody is ever seen: rules that look for people would conclude that nobody is there.
          view: canSee ? view : { ...view, rules: view.rules.filter((rule) => !needsOf([rule]).detector) },
        }),
    );
    this.#pickViews();
  }

  #pickViews(): void {
    const { views } = this.#camera.vision;
    const ids = new Set(viewsInSight(views, this.#sight).map(({ id }) => id));
    this.#inSight = new Set(this.#views.filter(({ id }) => ids.has(id)));
  }

  async #record(): Promise<void> {
    const { store, log } = this.#options;
    const { cameraId, vision } = this.#camera;
    if (vision.recordHours <= 0) {
      this.#leaveRing?.();
      this.#leaveRing = undefined;
      return;
    }
    try {
      const ring = await store.record(cameraId, vision.recordHours);
      if (this.#stop.signal.aborted || this.#leaveRing) return;
      this.#leaveRing = this.fragments.subscribe(ring, (error) =>
        log('warn', 'the recording of a camera broke off', { cameraId, error: String(error) }),
      );
    } catch (error) {
      log('warn', 'a camera cannot be recorded', { cameraId, error: toHubError(error).message });
    }
  }

  #look(picture: Picture): void {
    if (this.#stop.signal.aborted) return;
    const monoMs = this.#options.clock.monotonicMs();
    // After so long it is another scene.
    if (this.#picture && monoMs - this.#picture.monoMs > 2 * this.#blindAfterMs) this.#forgetScene();
    this.#picture = { width: picture.width, height: picture.height, monoMs };
    if (this.#isTurning(picture)) {
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

  #isTurning({ atMs }: Pick<Picture, 'atMs'>): boolean {
    return this.#sight?.state === 'moving' || atMs < this.#settledMs;
  }

  #wants(motion: Motion, monoMs: number): boolean {
    return this.#attention.decide(motion, this.#tracks, monoMs) !== 'still';
  }

  async #detect(picture: Picture, monoMs: number): Promise<void> {
    const { models, log } = this.#options;
    this.#attention.looked(monoMs);
    this.#inFlight += 1;
    const scene = this.#scene;
    try {
      const seen = await models.queue?.submit(picture);
      if (seen === undefined || seen === 'skipped') {
        this.#counts.skipped += 1;
        return;
      }
      this.#counts.looked += 1;
      if (this.#stop.signal.aborted || scene !== this.#scene) return;
      this.#tracks = this.#tracker.update(seen, picture.atMs);
      const poses = await this.#poses(picture, monoMs);
      if (scene !== this.#scene) return;
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
    const isWanted = pose && [...this.#inSight].some(({ needs }) => needs.pose);
    if (!isWanted || !this.#tracks.some(({ label, isLost }) => label === 'person' && !isLost)) return undefined;
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
    this.#sayTracks(picture.atMs);
    for (const view of this.#inSight) view.observe(poses ? { ...look, poses } : look);
  }

  #sayTracks(atMs: number): void {
    if (!this.#saysTracks || Math.abs(atMs - this.#saidTracksMs) < tracksEveryMs) return;
    this.#saidTracksMs = atMs;
    this.live.sayAt(atMs, (mediaMs) => tracksRecord(this.#tracks, atMs, mediaMs));
  }

  /** Nobody looks where these views are: not seeing proves nothing. */
  #beBlind(monoMs: number, isAll: boolean): void {
    if (monoMs - this.#blindMs < heldEveryMs * 0.9) return;
    this.#blindMs = monoMs;
    const nowMs = this.#options.clock.now();
    for (const view of this.#views) if (isAll || !this.#inSight.has(view)) view.blind(nowMs);
  }

  #forgetScene(): void {
    this.#gate.forget();
    this.#attention.forget();
    this.#tracker.forget();
    this.#tracks = [];
    this.#fault = null;
  }

  #measure(monoMs: number): void {
    const { seen, wanted, moved, looked } = this.#counts;
    const stepS = (monoMs - this.#before.monoMs) / 1_000;
    if (stepS <= 0) return;
    const follow = (was: number, now: number) => was + (now - was) * 0.3;
    const pictures = seen - this.#before.seen;
    this.#rates = {
      fps: follow(this.#rates.fps, (looked - this.#before.looked) / stepS),
      wanted: follow(this.#rates.wanted, (wanted - this.#before.wanted) / stepS),
      motion: pictures > 0 ? follow(this.#rates.motion, (moved - this.#before.moved) / pictures) : 0,
    };
    this.#before = { seen, wanted, moved, looked, monoMs };
  }
}
