import { type GreyPicture, greyOf } from './grey-picture.js';
import type { Picture } from './picture.js';
import type { PictureFault, PictureFaultKind } from './picture-fault.js';
import { type PictureTraits, sameness, softShare, traitsOf } from './picture-traits.js';

export interface PictureHealthOptions {
  /** How long each has to be seen before it counts, ms. */
  readonly afterMs?: Partial<Readonly<Record<PictureFaultKind, number>>>;
  /** How long the picture has to be well before it counts as well. */
  readonly wellAfterMs?: number;
  /** How long is looked before what is seen is taken for the right view. */
  readonly learnMs?: number;
  /** A camera that was moved and left there: after so long, that is its view. */
  readonly relearnMs?: number;
}

/** What the camera is supposed to see; plain JSON, to be kept over a restart. */
export interface HealthReference {
  readonly v: 2;
  readonly width: number;
  readonly height: number;
  /** Of cells: how much is to be seen in them, by direction. */
  readonly pattern: readonly number[];
  readonly sharpness: readonly number[];
  readonly texture: readonly number[];
}

const defaults = {
  afterMs: { black: 3_000, covered: 5_000, frozen: 30_000, blurred: 10_000, moved: 10_000 },
  wellAfterMs: 3_000,
  learnMs: 20_000,
  relearnMs: 1_800_000,
};

/** Looked at so often: what is wrong with a picture lasts. */
const everyMs = 1_000;
const blackMean = 20;
const blackSpread = 5;
/** Share of the cells that had something in them and have nothing any more. */
const coveredShare = 0.75;
/** Share of cells that lost their sharpness: above the first it begins, under the second it is over; so with likeness of the view. */
const blurred = { above: 0.7, under: 0.5 } as const;
const moved = { below: 0.45, over: 0.6 } as const;
const learnShare = 0.2;

/**
 * Watches the picture itself: black, frozen, covered, blurred, moved. Each counts when it was seen for its time without a
 * break, and is over when the picture was well for some seconds. The view is learned at the start, or restored.
 */
export class PictureHealth {
  readonly #options: Required<Omit<PictureHealthOptions, 'afterMs'>> & { afterMs: Record<PictureFaultKind, number> };
  #reference: HealthReference | undefined;
  #learning: { traits: PictureTraits; sinceMs: number } | undefined;
  #fault: PictureFault | null = null;
  #suspected: { kind: PictureFaultKind; sinceMs: number } | undefined;
  #wellSinceMs: number | undefined;
  #lookedMs: number | undefined;
  #before: { rgb: Uint8Array; changedMs: number } | undefined;
  /** Slow mean of the pattern: people who pass do not count. */
  #pattern: Float32Array | undefined;

  constructor(options: PictureHealthOptions = {}) {
    this.#options = { ...defaults, ...options, afterMs: { ...defaults.afterMs, ...options.afterMs } };
  }

  /** `grey`: of the same picture, where it was made already. */
  look(picture: Pick<Picture, 'atMs' | 'width' | 'height' | 'rgb'>, grey?: GreyPicture): PictureFault | null {
    const { atMs } = picture;
    const sinceMs = this.#lookedMs === undefined ? everyMs : atMs - this.#lookedMs;
    if (sinceMs >= 0 && sinceMs < everyMs) return this.#fault;
    // The clock was put back or the camera was away: what was suspected is not proved by the time between.
    if (sinceMs < 0 || sinceMs > 10 * everyMs) this.#doubt();
    this.#lookedMs = atMs;
    const small = grey ?? greyOf(picture);
    const traits = traitsOf(small, picture);
    // Not the least difference: a sensor's noise, and the next whole picture of its encoder, leave one within seconds.
    if (!this.#before || Buffer.compare(this.#before.rgb, picture.rgb) !== 0)
      this.#before = { rgb: picture.rgb, changedMs: atMs };
    this.#note(this.#see(small, traits, atMs - this.#before.changedMs), atMs);
    this.#learn(traits, atMs);
    return this.#fault;
  }

  /** Undefined: not learned yet. */
  get reference(): HealthReference | undefined {
    return this.#reference;
  }

  restore(reference: HealthReference): void {
    this.#reference = reference;
    this.#pattern = undefined;
  }

  #doubt(): void {
    this.#suspected = undefined;
    this.#wellSinceMs = undefined;
    this.#before = undefined;
    this.#learning = undefined;
    this.#pattern = undefined;
  }

  #see(grey: GreyPicture, traits: PictureTraits, unchangedMs: number): PictureFaultKind | undefined {
    if (traits.mean < blackMean && traits.spread < blackSpread) return 'black';
    const reference = this.#reference;
    const isComparable = reference?.width === grey.width && reference.height === grey.height;
    if (reference && isComparable && lostShare(reference.texture, traits.texture) > coveredShare) return 'covered';
    if (unchangedMs >= 2 * everyMs) return 'frozen';
    if (!reference || !isComparable) return undefined;
    const was = this.#fault?.kind;
    const soft = softShare(reference.sharpness, traits.sharpness);
    if (soft > (was === 'blurred' ? blurred.under : blurred.above)) return 'blurred';
    this.#pattern = follow(this.#pattern, traits.pattern);
    return sameness(reference.pattern, this.#pattern) < (was === 'moved' ? moved.over : moved.below)
      ? 'moved'
      : undefined;
  }

  #note(seen: PictureFaultKind | undefined, atMs: number): void {
    const { afterMs, wellAfterMs } = this.#options;
    if (seen === undefined || seen !== this.#fault?.kind) this.#wellSinceMs ??= atMs;
    else this.#wellSinceMs = undefined;
    if (seen === undefined) this.#suspected = undefined;
    else if (this.#suspected?.kind !== seen) this.#suspected = { kind: seen, sinceMs: atMs };
    const suspected = this.#suspected;
    if (suspected && suspected.kind !== this.#fault?.kind && atMs - suspected.sinceMs >= afterMs[suspected.kind])
      this.#fault = { ...suspected };
    else if (
      this.#fault &&
      this.#wellSinceMs !== undefined &&
      atMs - this.#wellSinceMs >= wellAfterMs &&
      seen === undefined
    )
      this.#fault = null;
    if (this.#fault?.kind === 'moved' && atMs - this.#fault.sinceMs >= this.#options.relearnMs) {
      this.#fault = null;
      this.#reference = undefined;
      this.#doubt();
    }
  }

  /** Of a picture in which nothing is wrong, as far as that can be said without knowing the view. */
  #learn(traits: PictureTraits, atMs: number): void {
    if (this.#reference) return;
    if (this.#fault || this.#suspected?.kind === 'black') {
      this.#learning = undefined;
      return;
    }
    if (!this.#learning || this.#learning.traits.pattern.length !== traits.pattern.length) {
      this.#learning = { traits, sinceMs: atMs };
      return;
    }
    const { traits: known, sinceMs } = this.#learning;
    const mean: PictureTraits = {
      ...traits,
      pattern: follow(known.pattern, traits.pattern),
      texture: follow(known.texture, traits.texture),
      sharpness: followEdges(known.sharpness, traits.sharpness),
    };
    this.#learning = { traits: mean, sinceMs };
    if (atMs - sinceMs < this.#options.learnMs) return;
    const { width, height } = traits;
    const rounded = (values: Float32Array) => Array.from(values, (value) => Math.round(value * 100) / 100);
    const { pattern, texture, sharpness } = mean;
    this.#reference = {
      ...{ v: 2, width, height },
      ...{ sharpness: rounded(sharpness), pattern: rounded(pattern), texture: rounded(texture) },
    };
    this.#learning = undefined;
    this.#pattern = undefined;
  }
}

const follow = (was: Float32Array | undefined, now: Float32Array): Float32Array => {
  if (was?.length !== now.length) return now;
  return was.map((value, i) => value + ((now[i] as number) - value) * learnShare);
};

/** -1 is no number to reckon with: a cell without an edge waits for one, and keeps what it had of one. */
const followEdges = (was: Float32Array, now: Float32Array): Float32Array =>
  now.map((value, i) => {
    const before = was[i] ?? -1;
    return before < 0 || value < 0 ? Math.max(before, value) : before + (value - before) * learnShare;
  });

const somethingThere = 4;

const lostShare = (known: readonly number[], now: Float32Array): number => {
  let had = 0;
  let lost = 0;
  known.forEach((value, i) => {
    if (value < somethingThere) return;
    had += 1;
    if ((now[i] as number) < value * 0.3) lost += 1;
  });
  // Of a bare wall nothing can be said.
  return had < known.length * 0.1 ? 0 : lost / had;
};
