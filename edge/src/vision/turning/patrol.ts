import type { Sight } from './judge-sight.js';

export interface PatrolOptions {
  /** Presets, in their order; at least one. */
  readonly stops: readonly string[];
  readonly dwellMs: number;
  /** After the last time that somebody steered by hand. */
  readonly resumeAfterMs: number;
}

export type PatrolStanding =
  | { readonly state: 'going' | 'dwelling'; readonly preset: string; readonly untilMs: number }
  | { readonly state: 'paused'; readonly untilMs: number };

/** A preset that is not reached in this time is left out, this time. */
const reachWithinMs = 30_000;

/** Which preset a camera is sent to and when. Pure: monotonic time and what is seen come in. */
export class Patrol {
  readonly #options: PatrolOptions;
  #at = 0;
  #standing: PatrolStanding | undefined;
  #missed = 0;

  constructor(options: PatrolOptions) {
    this.#options = options;
  }

  get standing(): PatrolStanding | undefined {
    return this.#standing;
  }

  /** Presets in a row that were not reached. */
  get missed(): number {
    return this.#missed;
  }

  /** Somebody has it in hand, or had until now. */
  pause(nowMs: number): void {
    this.#standing = { state: 'paused', untilMs: nowMs + this.#options.resumeAfterMs };
  }

  /** The preset that it is to be told to go to now. */
  step(sight: Sight, nowMs: number): string | undefined {
    const { dwellMs, stops } = this.#options;
    const { state, untilMs } = this.#standing ?? { state: 'paused', untilMs: nowMs };
    if (state === 'paused') return nowMs < untilMs ? undefined : this.#go(nowMs);
    const preset = stops[this.#at % stops.length] as string;
    const isThere = sight.state === 'at' && sight.preset === preset;
    if (state === 'going') {
      if (isThere) {
        this.#missed = 0;
        this.#standing = { state: 'dwelling', preset, untilMs: nowMs + dwellMs };
        return undefined;
      }
      if (nowMs < untilMs) return undefined;
      this.#missed = Math.min(this.#missed + 1, 1_000);
      return this.#next(nowMs);
    }
    // Somebody outside this unit turned it away: a recorder, or the camera's own page.
    if (!isThere && sight.state !== 'unknown') {
      this.pause(nowMs);
      return undefined;
    }
    if (nowMs < untilMs) return undefined;
    if (stops.length > 1) return this.#next(nowMs);
    this.#standing = { state: 'dwelling', preset, untilMs: nowMs + dwellMs };
    return undefined;
  }

  #next(nowMs: number): string {
    this.#at = (this.#at + 1) % this.#options.stops.length;
    return this.#go(nowMs);
  }

  #go(nowMs: number): string {
    const preset = this.#options.stops[this.#at % this.#options.stops.length] as string;
    this.#standing = { state: 'going', preset, untilMs: nowMs + reachWithinMs };
    return preset;
  }
}
