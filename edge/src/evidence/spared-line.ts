import type { Clock } from '@hallhub/shared';
import type { EvidenceRecord } from '../store/schema.js';

/** What of evidence still goes in low-data mode (docs/engineer.md, `link.lowDataEvidence`). */
export interface SparedLineLimits {
  /** Files up to this size go at once. */
  readonly atOnceBytes: number;
  /** So much a day goes of larger ones; 0: nothing. */
  readonly dailyBytes: number;
  /** A file that was made so long ago goes whatever the line; 0: never. */
  readonly longestHours: number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Bounds how long evidence waits on a line that is to be spared, and how much of the line it takes. */
export class SparedLine {
  readonly limits: SparedLineLimits;
  readonly #clock: Clock;
  #leftBytes: number;
  #atMs: number;

  constructor(clock: Clock, limits: SparedLineLimits) {
    this.#clock = clock;
    this.limits = limits;
    this.#leftBytes = limits.dailyBytes;
    this.#atMs = clock.monotonicMs();
  }

  /** Of the day's allowance, which comes back little by little; below 0 after a piece that took more than was left. */
  get leftBytes(): number {
    const { dailyBytes } = this.limits;
    const nowMs = this.#clock.monotonicMs();
    this.#leftBytes = Math.min(dailyBytes, this.#leftBytes + ((nowMs - this.#atMs) / dayMs) * dailyBytes);
    this.#atMs = nowMs;
    return this.#leftBytes;
  }

  /** Files made before this, epoch ms, go whatever the line; undefined: none. */
  get overdueBefore(): number | undefined {
    const { longestHours } = this.limits;
    return longestHours === 0 ? undefined : this.#clock.now() - longestHours * hourMs;
  }

  mayGo({ bytes, madeAt }: Pick<EvidenceRecord, 'bytes' | 'madeAt'>): boolean {
    if (bytes <= this.limits.atOnceBytes || this.leftBytes > 0) return true;
    return this.overdueBefore !== undefined && madeAt <= this.overdueBefore;
  }

  sent(bytes: number): void {
    this.#leftBytes = this.leftBytes - bytes;
  }
}
