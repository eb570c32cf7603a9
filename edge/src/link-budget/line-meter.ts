import type { Clock } from '@hallhub/shared';

/** The shortest round trip of this long ago is still believed. */
const baseWindowMs = 300_000;
/** Shorter messages say how long the way is; longer ones how much the line carries. */
const tellingBytes = 2_048;
/** Above this the line is not what bounds a batch. */
const fastBytesPerSecond = 1_000_000;
/** What an answer takes beside the line: the cloud's commit. */
const noiseMs = 50;
/** The best of so many counts: a cloud that is slow now and then is no slow line. */
const rememberedSamples = 4;
/** What took so long is believed at once. */
const tellingMs = 4_000;

/** What the line to the cloud carries and how long its way is, learned from answers: took = way + bytes / rate. */
export class LineMeter {
  readonly #clock: Clock;
  #window: { sinceMs: number; bestMs: number } | undefined;
  #before: number | undefined;
  #samples: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The shortest round trip of late; undefined before the first answer. */
  get roundTripMs(): number | undefined {
    if (!this.#window) return undefined;
    return Math.min(this.#window.bestMs, this.#before ?? Number.POSITIVE_INFINITY);
  }

  /** Undefined: not known yet, or faster than can be told. */
  get bytesPerSecond(): number | undefined {
    if (this.#samples.length === 0) return undefined;
    const rate = Math.max(...this.#samples);
    return rate >= fastBytesPerSecond ? undefined : Math.round(rate);
  }

  /** What else was on its way makes an answer slower, never faster: the best of a few tells. */
  answered(bytes: number, tookMs: number): void {
    this.#noteBase(tookMs);
    if (bytes < tellingBytes) return;
    const onLineMs = Math.max(0, tookMs - (this.roundTripMs ?? tookMs) - noiseMs);
    // An answer within the noise says only that the line is at least so fast.
    const rate = (bytes / Math.max(onLineMs, noiseMs / 10)) * 1_000;
    if (onLineMs >= tellingMs) this.#samples = [];
    this.#samples = [...this.#samples, rate].slice(-rememberedSamples);
  }

  /** Nothing came back: less is believed than before. */
  lost(): void {
    this.#samples = this.#samples.map((rate) => rate / 2);
  }

  #noteBase(tookMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#window && nowMs - this.#window.sinceMs < baseWindowMs) {
      this.#window.bestMs = Math.min(this.#window.bestMs, tookMs);
      return;
    }
    this.#before = this.#window?.bestMs;
    this.#window = { sinceMs: nowMs, bestMs: tookMs };
  }
}
