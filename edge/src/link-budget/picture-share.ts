import type { Clock } from '@hallhub/shared';
import { TokenBucket } from './token-bucket.js';

export interface PictureShareOptions {
  readonly clock: Clock;
  /** Of the cap over all that goes up, where there is one. */
  readonly bucket: TokenBucket | undefined;
  readonly lineBytesPerSecond: () => number | undefined;
  /** Events, readings, manifests: pictures stand aside. */
  readonly isUrgentWaiting: () => boolean;
  /** Backlog and evidence: pictures leave them half. */
  readonly isBulkWaiting: () => boolean;
  readonly onTaken: (bytes: number) => void;
}

const urgentPauseMs = 20;
const longestPauseMs = 500;
/** Of what the line was seen to carry or the cap allows: the rest is free for what may not wait. */
const share = 0.75;
/** So much goes out in one go, lest what comes next stands behind it. */
const burstMs = 60;
const leastBurstBytes = 6_000;
/** A line that carried no more is tried with more after so long. */
const hopeAfterMs = 15_000;
const hope = 1.25;
/** And with much more where no picture went meanwhile, so that nothing told how fast it is. */
const idleHope = 2;
/** Above this the line bounds no picture. */
const plentyBytesPerSecond = 4_000_000;

/**
 * How fast live pictures may go up. They are paced below what the line carries, in small portions, so that no queue builds up
 * on it in which a reading would have to stand; where nothing bounds the line, nothing is paced.
 */
export class PictureShare {
  readonly #options: PictureShareOptions;
  #carried: number | undefined;
  #hopedMs: number;
  /** Since it was hoped last. */
  #isUsed = false;
  #pace: TokenBucket | undefined;
  #half: TokenBucket | undefined;

  constructor(options: PictureShareOptions) {
    this.#options = options;
    this.#hopedMs = options.clock.monotonicMs();
    this.#setPace();
  }

  /** What pictures can count on while nothing else wants the line; undefined: enough. */
  get bytesPerSecond(): number | undefined {
    // Also where nobody takes anything: what is thought too slow for a picture is never measured by one.
    this.#followLine();
    return this.#rate;
  }

  get #rate(): number | undefined {
    const cap = this.#options.bucket?.bytesPerSecond;
    const bounds = [cap, this.#carried].filter((one) => one !== undefined);
    return bounds.length === 0 ? undefined : Math.min(...bounds) * share;
  }

  /** 0: so many bytes are taken into account and may go; else look again in so many ms. */
  take(bytes: number): number {
    const { bucket, isUrgentWaiting, isBulkWaiting, onTaken } = this.#options;
    this.#followLine();
    if (isUrgentWaiting()) return urgentPauseMs;
    let half: TokenBucket | undefined;
    if (bucket) {
      const isBulk = isBulkWaiting();
      if (isBulk) half = this.#half ??= new TokenBucket(this.#options.clock, bucket.bytesPerSecond / 2);
      const waitMs = half
        ? Math.max(half.waitMs(bytes), bucket.waitMs(bytes))
        : bucket.waitMs(bucket.burstBytes / 2 + bytes);
      if (waitMs > 0) return Math.min(waitMs, longestPauseMs);
    }
    const paceMs = this.#pace?.waitMs(Math.min(bytes, this.#pace.burstBytes)) ?? 0;
    if (paceMs > 0) return Math.min(paceMs, longestPauseMs);
    for (const one of [bucket, half, this.#pace]) one?.take(bytes);
    this.#isUsed = true;
    onTaken(bytes);
    return 0;
  }

  /** Pictures filled the line, and so many bytes a second came through. */
  carried(bytesPerSecond: number): void {
    this.#hopedMs = this.#options.clock.monotonicMs();
    if (bytesPerSecond < plentyBytesPerSecond) this.#carried = Math.max(1_000, bytesPerSecond);
    this.#setPace();
  }

  /** Somebody begins to look, nobody did before: what was learned from answers is the line's own. */
  begin(): void {
    const line = this.#options.lineBytesPerSecond();
    if (line !== undefined && this.#carried === undefined) this.carried(line);
    this.#setPace();
  }

  /** The line may have become better. */
  #followLine(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const times = Math.floor((nowMs - this.#hopedMs) / hopeAfterMs);
    if (this.#carried === undefined || times < 1) return;
    const more = this.#carried * (this.#isUsed ? hope : idleHope ** times);
    this.#hopedMs = nowMs;
    this.#isUsed = false;
    this.#carried = more >= plentyBytesPerSecond ? undefined : more;
    this.#setPace();
  }

  #setPace(): void {
    const rate = this.#rate;
    if (rate === this.#pace?.bytesPerSecond) return;
    const burst = rate === undefined ? 0 : Math.max(leastBurstBytes, (rate * burstMs) / 1_000);
    this.#pace = rate === undefined ? undefined : new TokenBucket(this.#options.clock, rate, burst);
  }
}
