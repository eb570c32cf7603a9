export interface LookRates {
  /** Pictures a second that the detector looked at, and those it was asked for. */
  readonly fps: number;
  readonly wanted: number;
  /** Share of pictures in which something moved. */
  readonly motion: number;
}

/** What became of one camera's pictures: counted, and as they went of late. */
export class LookCounts {
  seen = 0;
  wanted = 0;
  moved = 0;
  looked = 0;
  skipped = 0;
  failed = 0;
  #rates: LookRates = { fps: 0, wanted: 0, motion: 0 };
  #before: { seen: number; wanted: number; moved: number; looked: number; monoMs: number };

  constructor(monoMs: number) {
    this.#before = { seen: 0, wanted: 0, moved: 0, looked: 0, monoMs };
  }

  get rates(): LookRates {
    return this.#rates;
  }

  /** About once a second. */
  measure(monoMs: number): void {
    const { seen, wanted, moved, looked } = this;
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
