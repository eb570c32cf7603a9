import type { Clock } from '@hallhub/shared';
import type { Picture } from '../pipeline/picture.js';
import type { Detection, Detector } from './detector.js';
import { RecentTimes } from './recent-times.js';

export type DetectorOutcome = readonly Detection[] | 'skipped';

export interface QueueFigures {
  /** Of the last 256 pictures, ms: scaling, the model, and reading its results. Undefined before the first. */
  readonly inferenceMs: { readonly p50: number; readonly p95: number } | undefined;
  /** How long they waited for their turn, ms. */
  readonly waitMs: { readonly p50: number; readonly p95: number } | undefined;
  /** Cameras with a picture that waits; never more than there are cameras. */
  readonly waiting: number;
  /** Pictures since the start. */
  readonly done: number;
  readonly failed: number;
  /** Replaced by a newer one of the same camera before their turn came. */
  readonly skipped: number;
}

interface Waiting {
  readonly picture: Picture;
  readonly sinceMs: number;
  readonly settle: (outcome: DetectorOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * One detector for all cameras. Each camera has one place: a newer picture takes that of an older one, and cameras are
 * served in turn, so a fast camera never costs a slow one its turn. One picture at a time: on a CPU several at once
 * take as long as one after the other, and every camera would wait for the slowest.
 */
export class DetectorQueue {
  readonly #clock: Clock;
  /** In the order of their turns. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #inference = new RecentTimes();
  readonly #wait = new RecentTimes();
  #detector: Detector;
  #running: Promise<void> | undefined;
  #closed = false;
  #done = 0;
  #failed = 0;
  #skipped = 0;

  constructor({ detector, clock }: { detector: Detector; clock: Clock }) {
    this.#detector = detector;
    this.#clock = clock;
  }

  get detector(): Detector {
    return this.#detector;
  }

  get figures(): QueueFigures {
    return {
      inferenceMs: percentiles(this.#inference),
      waitMs: percentiles(this.#wait),
      waiting: this.#waiting.size,
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
    };
  }

  /** 'skipped' where a newer picture of the camera came first, or the queue closed. Rejects where the detector fails. */
  submit(picture: Picture): Promise<DetectorOutcome> {
    if (this.#closed) return Promise.resolve('skipped');
    return new Promise((settle, fail) => {
      const older = this.#waiting.get(picture.cameraId);
      // Setting a key again keeps its place: whoever waited does not lose the turn by being newer.
      this.#waiting.set(picture.cameraId, { picture, sinceMs: this.#clock.monotonicMs(), settle, fail });
      if (older) {
        this.#skipped++;
        older.settle('skipped');
      }
      this.#running ??= this.#serve();
    });
  }

  /** Drops a camera's waiting picture: the camera is gone. */
  forget(cameraId: string): void {
    const waiting = this.#waiting.get(cameraId);
    if (!waiting) return;
    this.#waiting.delete(cameraId);
    this.#skipped++;
    waiting.settle('skipped');
  }

  /** From the next picture on `detector` serves. Resolves with the one before, which nobody uses any more. */
  async swap(detector: Detector): Promise<Detector> {
    const before = this.#detector;
    this.#detector = detector;
    await this.#turn;
    return before;
  }

  /** Waits for the picture that is being looked at; those that wait are skipped. The detector stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cameraId of [...this.#waiting.keys()]) this.forget(cameraId);
    await this.#running;
  }

  /** The picture that is being looked at. */
  #turn: Promise<void> | undefined;

  async #serve(): Promise<void> {
    for (let next = this.#take(); next; next = this.#take()) {
      this.#turn = this.#look(next);
      await this.#turn;
    }
    this.#running = undefined;
  }

  #take(): Waiting | undefined {
    const first = this.#waiting.entries().next().value;
    if (!first) return undefined;
    this.#waiting.delete(first[0]);
    return first[1];
  }

  async #look({ picture, sinceMs, settle, fail }: Waiting): Promise<void> {
    const beganMs = this.#clock.monotonicMs();
    this.#wait.add(beganMs - sinceMs);
    try {
      const detections = await this.#detector.detect(picture);
      this.#inference.add(this.#clock.monotonicMs() - beganMs);
      this.#done++;
      settle(detections);
    } catch (error) {
      this.#failed++;
      fail(error);
    }
  }
}

const percentiles = (times: RecentTimes): { p50: number; p95: number } | undefined => {
  const [p50, p95] = [times.percentile(0.5), times.percentile(0.95)];
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95 };
};
