import { Pace } from '../pipeline/pace.js';
import type { RateDemand } from '../pipeline/rate-governor.js';

/** How many of one camera's pictures a second the detector may be asked for. */
export class LookPace {
  readonly #analysisFps: number;
  readonly #pace = new Pace(Number.POSITIVE_INFINITY);
  #allowed: number;

  constructor(analysisFps: number) {
    this.#analysisFps = analysisFps;
    this.#allowed = analysisFps;
  }

  get allowed(): number {
    return this.#allowed;
  }

  allow(perSecond: number): void {
    this.#allowed = perSecond;
    // The stream has that rate already: pacing it again would lose what comes a little early.
    this.#pace.perSecond = perSecond >= this.#analysisFps * 0.95 ? Number.POSITIVE_INFINITY : perSecond;
  }

  take(monoMs: number): boolean {
    return this.#pace.take(monoMs);
  }

  /** `wanted`: pictures a second in which there was something to look at, of late. */
  demand(wanted: number): RateDemand {
    return {
      wanted: Math.min(this.#analysisFps, Math.max(1, wanted * 1.25)),
      least: Math.min(0.5, this.#analysisFps),
    };
  }
}
