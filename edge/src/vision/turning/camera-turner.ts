import { type Clock, isHubError, toHubError } from '@hallhub/shared';
import type { DownSteer, SteerAction } from '@hallhub/shared/vision';
import type { CameraTurning, Logger, Place, PresetPlace, TurningOffers } from '../../ports/index.js';
import { actOn } from './act-on.js';
import { CameraWords } from './camera-words.js';
import { HandBook } from './hand.js';
import { isSameSight, judgeSight, type Sight, type SightEvidence } from './judge-sight.js';
import { MotionLease } from './motion-lease.js';
import { Patrol, type PatrolOptions } from './patrol.js';
import { type LearnedPlace, PresetPlaces } from './preset-places.js';
import type { TurnerStanding } from './turner-standing.js';

export interface CameraTurnerOptions {
  readonly cameraId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The same object as long as it is the same camera; undefined: its adapter does not serve it now. */
  readonly turning: () => CameraTurning | undefined;
  readonly learned: readonly LearnedPlace[];
  readonly onLearned: (places: readonly LearnedPlace[]) => void;
  /** Where it looks, before it is told to leave; undefined: nothing turns it. */
  readonly onSight: (sight: Sight | undefined) => void;
  /** Anything of its standing. */
  readonly onChange: () => void;
}

const pauses = { moving: 300, inHand: 1_000, watched: 1_500, fixed: 60_000, failed: 5_000 };
const answerWithinMs = 8_000;
const presetsEveryMs = 300_000;
/** No answer so often, and where it looks is not known any more. */
const mostFailures = 3;
/** Of what somebody tells a camera that has not answered yet. */
const mostInLine = 8;

/** One camera that may turn: where it stands, the tour that it makes, and whoever has it in hand. */
export class CameraTurner {
  readonly #options: CameraTurnerOptions;
  readonly #stop = new AbortController();
  readonly #hand = new HandBook();
  readonly #places: PresetPlaces;
  readonly #motion: MotionLease<Place>;
  readonly #focus: MotionLease<number>;
  readonly #words: CameraWords;
  #port: CameraTurning | undefined;
  #offers: TurningOffers | undefined;
  #presets: readonly PresetPlace[] = [];
  #presetsMonoMs = Number.NEGATIVE_INFINITY;
  #before: Place | undefined;
  #sight: Sight | undefined = { state: 'unknown' };
  #since: number;
  #failures = 0;
  #problem: string | undefined;
  #patrol: Patrol | undefined;
  #patrolOf = '';
  #refused: TurnerStanding['refused'];
  #wake = new AbortController();
  #acting: Promise<void> = Promise.resolve();
  #inLine = 0;
  #isClosing = false;
  readonly #running: Promise<void>;

  constructor(options: CameraTurnerOptions) {
    this.#options = options;
    const { clock } = options;
    this.#since = clock.now();
    this.#places = new PresetPlaces(options.learned);
    this.#words = new CameraWords(options.turning, this.#stop.signal);
    const onFailure = (error: unknown) => this.#failedToMove(error);
    this.#motion = new MotionLease({
      ...{ clock, onFailure },
      begin: (speed, forMs) => this.#words.say((port, signal) => port.move(speed, forMs, signal)),
      end: () => this.#words.say((port, signal) => port.stop(signal), { isStop: true }),
    });
    this.#focus = new MotionLease({
      ...{ clock, onFailure },
      begin: (speed) => this.#words.say((port, signal) => port.focus(speed, signal)),
      end: () => this.#words.say((port, signal) => port.focus(0, signal), { isStop: true }),
    });
    options.onSight(this.#sight);
    this.#running = this.#run();
  }

  get standing(): TurnerStanding {
    return {
      ...{ sight: this.#sight, since: this.#since, offers: this.#offers, presets: this.#presets },
      ...{ patrol: this.#patrol?.standing, problem: this.#problem, refused: this.#refused },
      hand: this.#hand.at(this.#nowMs),
    };
  }

  /** Undefined: it stays where it is left. The same again changes nothing. */
  setPatrol(options: PatrolOptions | undefined): void {
    const key = JSON.stringify(options ?? null);
    if (key === this.#patrolOf) return;
    this.#patrolOf = key;
    this.#patrol = options && new Patrol(options);
    this.#wake.abort();
  }

  /** What somebody does who looks at it. */
  take(message: DownSteer): void {
    if (this.#stop.signal.aborted || !this.#hand.take(message, this.#nowMs)) return;
    const { session, seq } = message;
    const action = message.do;
    this.#patrol?.pause(this.#nowMs);
    if (action.what === 'move' || action.what === 'focus') this.#hold(action);
    else {
      // A stop does not wait for anything.
      const standing = Promise.all([this.#motion.stop(), this.#focus.stop()]);
      if (action.what !== 'stop' && action.what !== 'release') this.#line(action, { session, seq }, standing);
    }
    this.#wake.abort();
    this.#options.onChange();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([this.#motion.close(), this.#focus.close()]);
    this.#stop.abort();
    this.#wake.abort();
    await Promise.all([this.#running, this.#acting]);
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #hold(action: Extract<SteerAction, { what: 'move' | 'focus' }>): void {
    if (action.what === 'focus') {
      if (this.#offers?.focus) this.#focus.want(action.speed, action.holdMs);
      return;
    }
    if (!this.#offers?.move) return;
    const { pan, tilt, zoom, holdMs } = action;
    if (pan === 0 && tilt === 0 && zoom === 0) void this.#motion.stop();
    else {
      this.#see({ state: 'moving' });
      this.#motion.want({ pan, tilt, zoom }, holdMs);
    }
  }

  /** After what stands in line already. */
  #line(action: SteerAction, of: { session: string; seq: number }, standing: Promise<unknown>): void {
    if (this.#inLine >= mostInLine) {
      this.#refused = { ...of, message: 'the camera is slower than it is told' };
      return;
    }
    this.#inLine += 1;
    this.#acting = this.#acting.then(async () => {
      await standing;
      this.#inLine -= 1;
      // Whose hand it was when that was said may have lost it meanwhile.
      const holder = this.#hand.at(this.#nowMs);
      if (this.#isClosing || (holder && holder.session !== of.session)) return;
      await this.#act(action, of);
    });
  }

  async #act(action: SteerAction, { session, seq }: { session: string; seq: number }): Promise<void> {
    try {
      await this.#words.say(async (port, signal) => {
        const done = await actOn(port, action, signal, () => {
          this.#see({ state: 'moving' });
          this.#motion.leave();
        });
        if (done.preset !== undefined) this.#places.forget(done.preset);
        if (done.hasOtherPresets) this.#presetsMonoMs = Number.NEGATIVE_INFINITY;
      });
      if (this.#refused?.session === session) this.#refused = undefined;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#refused = { session, seq, message: toHubError(error).message.slice(0, 300) };
    }
    this.#wake.abort();
    this.#options.onChange();
  }

  #failedToMove(error: unknown): void {
    const { cameraId, logger, onChange } = this.#options;
    this.#problem = toHubError(error).message;
    logger.warn({ cameraId, error: this.#problem }, 'a camera does not turn as it is told');
    onChange();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let pauseMs = pauses.failed;
      this.#wake = new AbortController();
      try {
        pauseMs = await this.#look(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      await clock.sleep(pauseMs, AbortSignal.any([signal, this.#wake.signal])).catch(() => undefined);
    }
  }

  async #look(stopping: AbortSignal): Promise<number> {
    const port = this.#options.turning();
    if (port !== this.#port) this.#meet(port);
    if (!port) {
      this.#see({ state: 'unknown' });
      return pauses.failed;
    }
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(answerWithinMs)]);
    if (!this.#offers) {
      this.#offers = await port.offers(signal);
      this.#options.onChange();
    }
    if (!this.#offers.move && !this.#offers.presets) {
      this.#see(undefined);
      return pauses.fixed;
    }
    if (this.#offers.presets && this.#nowMs - this.#presetsMonoMs >= presetsEveryMs)
      await this.#readPresets(port, signal);
    await this.#judge(port, signal);
    this.#failures = 0;
    await this.#tour(port);
    const isOnItsWay =
      this.#sight?.state === 'moving' || this.#motion.isMoving || this.#patrol?.standing?.state === 'going';
    return isOnItsWay ? pauses.moving : this.#hand.at(this.#nowMs) ? pauses.inHand : pauses.watched;
  }

  #meet(port: CameraTurning | undefined): void {
    this.#port = port;
    this.#offers = undefined;
    this.#presets = [];
    this.#presetsMonoMs = Number.NEGATIVE_INFINITY;
    this.#before = undefined;
  }

  async #readPresets(port: CameraTurning, signal: AbortSignal): Promise<void> {
    this.#presets = await port.presets(signal);
    this.#presetsMonoMs = this.#nowMs;
    this.#options.onChange();
  }

  async #judge(port: CameraTurning, signal: AbortSignal): Promise<void> {
    const seen: SightEvidence['seen'] = await port.place(signal).catch((error) => {
      // It has no position to tell: what it was told counts.
      if (isHubError(error, 'unsupported') || isHubError(error, 'device_refused')) return { isMoving: undefined };
      throw error;
    });
    const nowMs = this.#nowMs;
    const told = port.lastTold;
    if (this.#places.look(seen, told, nowMs)) this.#options.onLearned(this.#places.learned);
    const presets = this.#places.fill(this.#presets);
    const judged = judgeSight({ nowMs, seen, before: this.#before, presets, told });
    this.#before = seen;
    this.#see(this.#motion.isMoving ? { state: 'moving' } : judged);
  }

  async #tour(port: CameraTurning): Promise<void> {
    const patrol = this.#patrol;
    if (!patrol || !this.#sight || this.#isClosing) return;
    const nowMs = this.#nowMs;
    const isForeign = this.#words.isForeign(port);
    if (isForeign || this.#hand.at(nowMs)) patrol.pause(nowMs);
    const before = JSON.stringify(patrol.standing);
    const preset = patrol.step(this.#sight, nowMs);
    if (preset !== undefined) {
      const isThere = this.#sight.state === 'at' && this.#sight.preset === preset;
      if (!isThere) this.#see({ state: 'moving' });
      this.#motion.leave();
      try {
        await this.#words.say((camera, signal) => camera.goTo(preset, signal));
        this.#problem = undefined;
      } catch (error) {
        this.#problem = `preset ${preset}: ${toHubError(error).message}`.slice(0, 300);
      }
    }
    if (JSON.stringify(patrol.standing) !== before) this.#options.onChange();
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    const { message } = toHubError(error);
    if (this.#failures < mostFailures) return;
    this.#problem = message;
    this.#before = undefined;
    // Of one that never turned nothing else is believed only because it is silent.
    if (this.#sight) this.#see({ state: 'unknown' });
  }

  #see(sight: Sight | undefined): void {
    // Whoever closes it has said what is to be believed from now on.
    if (this.#isClosing) return;
    const isSame =
      sight === undefined ? this.#sight === undefined : this.#sight !== undefined && isSameSight(this.#sight, sight);
    if (sight && this.#problem !== undefined && sight.state === 'at' && !this.#patrol) this.#problem = undefined;
    if (isSame) return;
    this.#sight = sight;
    this.#since = this.#options.clock.now();
    this.#options.onSight(sight);
    this.#options.onChange();
  }
}
