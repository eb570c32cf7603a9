import type { Clock } from '@hallhub/shared';
import type { LiveForm } from '@hallhub/shared/vision';

export type Quality = 'full' | 'small' | 'busy';

export interface QualityFacts {
  readonly hasSmall: boolean;
  readonly isSpared: boolean;
  /** What pictures may take; undefined: enough. */
  readonly lineBytesPerSecond: number | undefined;
  readonly fullBytesPerSecond: number | undefined;
}

/** Pictures of the last second. */
export interface PictureNews {
  readonly sent: number;
  readonly leftOut: number;
}

/** The first group of pictures goes at once and fills any line. */
const settleMs = 3_000;
const window = 5;
const tooMuch = 0.25;
const busyMs = 20_000;
const firstTryMs = 60_000;
const longestTryMs = 960_000;
/** A smaller stream that gives no picture in this time is none: it is off, or the camera serves no second viewer. */
const emptyMs = 20_000;
const smallAgainMs = 600_000;

/** Which of a camera's streams is sent: as good a one as the line carries, and `busy` where it carries none. */
export class LiveQuality {
  readonly #clock: Clock;
  readonly #form: LiveForm;
  #now: Quality = 'full';
  /** It may be learned while a better one goes already. */
  hasSmall = false;
  #beganMs = 0;
  #recent: PictureNews[] = [];
  /** Not before then is a better one tried. */
  #betterFromMs = 0;
  #tryMs = firstTryMs;
  #full: number | undefined;
  /** Since the last choice. */
  #hasShown = false;
  #smallFromMs = 0;

  constructor({ clock, form }: { readonly clock: Clock; readonly form: LiveForm }) {
    this.#clock = clock;
    this.#form = form;
  }

  get now(): Quality {
    return this.#now;
  }

  /** Before a request. */
  choose({ hasSmall: named, isSpared, lineBytesPerSecond: line, fullBytesPerSecond: full }: QualityFacts): Quality {
    const nowMs = this.#clock.monotonicMs();
    const hasSmall = named && nowMs >= this.#smallFromMs;
    this.hasSmall = hasSmall;
    this.#hasShown = false;
    this.#full = full ?? this.#full;
    this.#beganMs = nowMs;
    this.#recent = [];
    const isTooMuch = line !== undefined && this.#full !== undefined && this.#full > line;
    if (this.#now === 'busy' && nowMs >= this.#betterFromMs) this.#now = hasSmall ? 'small' : 'full';
    // What is encoded anew is made of the smaller stream: it is less work.
    if (this.#now === 'full' && hasSmall && (this.#form === 'mpeg1' || isSpared || isTooMuch)) this.#now = 'small';
    if (this.#now === 'small' && !hasSmall) this.#now = 'full';
    if (this.#now === 'full' && this.#form === 'copy' && !hasSmall && (isTooMuch || isSpared)) this.#fall('busy');
    return this.#now;
  }

  /** True: another one is to be sent from now on. */
  look(news: PictureNews, line: number | undefined): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (news.sent + news.leftOut > 0) this.#hasShown = true;
    if (this.#now === 'small' && !this.#hasShown && nowMs - this.#beganMs >= emptyMs) {
      this.#smallFromMs = nowMs + smallAgainMs;
      this.hasSmall = false;
      this.#now = 'full';
      return true;
    }
    if (nowMs - this.#beganMs < settleMs) return false;
    this.#recent = [...this.#recent, news].slice(-window);
    if (this.#recent.length < window) return false;
    const sum = (key: keyof PictureNews) => this.#recent.reduce((total, one) => total + one[key], 0);
    const [sent, leftOut] = [sum('sent'), sum('leftOut')];
    if (leftOut > tooMuch * (sent + leftOut)) {
      this.#fall(this.#now === 'full' && this.hasSmall && this.#form === 'copy' ? 'small' : 'busy');
      return true;
    }
    const fits = line === undefined || (this.#full !== undefined && this.#full < line);
    if (this.#now === 'small' && this.#form === 'copy' && leftOut === 0 && fits && nowMs >= this.#betterFromMs) {
      this.#betterFromMs = nowMs + this.#tryMs;
      this.#now = 'full';
      return true;
    }
    return false;
  }

  #fall(to: 'small' | 'busy'): void {
    const nowMs = this.#clock.monotonicMs();
    this.#betterFromMs = nowMs + (to === 'busy' ? busyMs : this.#tryMs);
    if (to === 'small') this.#tryMs = Math.min(longestTryMs, this.#tryMs * 2);
    this.#now = to;
  }
}
