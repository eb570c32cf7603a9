import { systemClock } from '@hallhub/shared';
import type { VisionRule } from '@hallhub/shared/vision';
import { type Detector, DetectorQueue } from '../../../../edge/src/vision/inference/index.js';
import { Attention } from '../../../../edge/src/vision/pipeline/attention.js';
import { greyOf } from '../../../../edge/src/vision/pipeline/grey-picture.js';
import { MotionGate } from '../../../../edge/src/vision/pipeline/motion-gate.js';
import type { PictureFault } from '../../../../edge/src/vision/pipeline/picture-fault.js';
import { PictureHealth } from '../../../../edge/src/vision/pipeline/picture-health.js';
import type { Track } from '../../../../edge/src/vision/pipeline/track.js';
import { Tracker } from '../../../../edge/src/vision/pipeline/tracker.js';
import { RuleEngine, type RuleOutcome } from '../../../../edge/src/vision/rules/index.js';

export interface OfflineCameraOptions {
  readonly detector: Detector;
  readonly rules: readonly VisionRule[];
  /** False: every picture goes to the detector. */
  readonly isGated?: boolean;
}

export interface SeenPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
  /** Epoch ms. */
  readonly atMs: number;
}

export interface Look {
  readonly tracks: readonly Track[];
  readonly outcomes: readonly RuleOutcome[];
  readonly fault: PictureFault | null;
  /** The detector was asked. */
  readonly isDetected: boolean;
}

/** While nothing moves, rules are told once a second: as in the unit. */
const heldEveryMs = 1_000;

/**
 * What the unit does with one camera's pictures between its decoder and what its rules say, with the unit's own parts in the
 * unit's order (edge/src/vision/process/camera-worker.ts), but by the time that the pictures carry: as fast as it goes.
 */
export class OfflineCamera {
  readonly #gate = new MotionGate();
  readonly #health = new PictureHealth();
  readonly #attention = new Attention();
  readonly #queue: DetectorQueue;
  readonly #tracker: Tracker;
  readonly #engine: RuleEngine;
  readonly #isGated: boolean;
  #tracks: readonly Track[] = [];
  #toldMs = Number.NEGATIVE_INFINITY;
  #seq = 0;

  constructor({ detector, rules, isGated = true }: OfflineCameraOptions) {
    this.#queue = new DetectorQueue({ detector, clock: systemClock });
    this.#tracker = new Tracker({
      sureConfidence: detector.thresholds.sure,
      leastConfidence: detector.thresholds.least,
    });
    this.#engine = new RuleEngine({ rules, zone: 'Asia/Shanghai', viewId: 'view' });
    this.#isGated = isGated;
  }

  async look({ width, height, rgb, atMs }: SeenPicture): Promise<Look> {
    const picture = { cameraId: 'camera', atMs, width, height, rgb, seq: this.#seq++ };
    const grey = greyOf(picture);
    const motion = this.#gate.look(grey, atMs);
    const fault = this.#health.look(picture, grey);
    const isWanted = this.#attention.decide(motion, this.#tracks, atMs) !== 'still';
    if (!isWanted && this.#isGated) {
      if (atMs - this.#toldMs < heldEveryMs) return { tracks: this.#tracks, outcomes: [], fault, isDetected: false };
      this.#tracks = this.#tracker.hold(atMs);
      return { tracks: this.#tracks, outcomes: this.#tell(picture, fault), fault, isDetected: false };
    }
    this.#attention.looked(atMs);
    const seen = await this.#queue.submit(picture);
    if (seen === 'skipped') throw new Error('one picture at a time is never skipped');
    this.#tracks = this.#tracker.update(seen, atMs);
    return { tracks: this.#tracks, outcomes: this.#tell(picture, fault), fault, isDetected: true };
  }

  /** The camera is gone from then on: what was counted is told. */
  end(atMs: number): readonly RuleOutcome[] {
    return this.#engine.blind(atMs);
  }

  #tell(picture: SeenPicture, health: PictureFault | null): readonly RuleOutcome[] {
    const { atMs } = picture;
    this.#toldMs = atMs;
    const told = { cameraId: 'camera', viewId: 'view', atMs, tracks: this.#tracks, health, facts: () => undefined };
    return this.#engine.observe({ ...told, picture });
  }
}
