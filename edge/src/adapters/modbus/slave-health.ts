import { Backoff } from '@hallhub/shared';
import type { ProbeBudget } from './probe-budget.js';

/** Broken replies in a row after which a slave counts as silent: each may have cost a whole time-out. */
const brokenUntilSilent = 3;
/** Answers in a row after which the silence before is forgotten: one that answers now and then is no quicker asked for that. */
const trustedAfter = 5;

/** How often a silent slave is looked for: soon at first, then ever more rarely (1, 2, 4 to 60 s), so that its time-outs do not slow the bus. */
export class SlaveHealth {
  readonly #backoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0 });
  #silentUntilMs = 0;
  #isSilent = false;
  #isHere = true;
  #broken = 0;
  #answers = 0;

  constructor(private readonly budget: ProbeBudget) {
    budget.slaves++;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Monotonic ms before which the slave is left alone. */
  get notBeforeMs(): number {
    return this.#isSilent ? Math.max(this.#silentUntilMs, this.budget.notBeforeMs) : 0;
  }

  /** Nothing came for `costMs`. */
  silent(nowMs: number, costMs: number): void {
    // The last request of one that left may end after that: the budget no longer counts it.
    if (!this.#isHere) return;
    if (this.#isSilent) this.budget.spent(nowMs, costMs);
    else this.budget.silent++;
    this.#isSilent = true;
    this.#answers = 0;
    this.#silentUntilMs = nowMs + this.#backoff.nextMs();
  }

  /** Something came that was no reply; true when that happened too often. */
  broken(nowMs: number, costMs: number): void {
    if (++this.#broken >= brokenUntilSilent) this.silent(nowMs, costMs);
  }

  /** It answered, be it with an exception. */
  answered(): void {
    this.#broken = 0;
    if (++this.#answers === trustedAfter) this.#backoff.reset();
    if (!this.#isSilent || !this.#isHere) return;
    this.#isSilent = false;
    this.budget.silent--;
  }

  /** The link is new: one look at once; how rarely the next ones come is not forgotten. */
  linkUp(): void {
    this.#silentUntilMs = 0;
  }

  leave(): void {
    if (!this.#isHere) return;
    this.#isHere = false;
    this.budget.slaves--;
    if (this.#isSilent) this.budget.silent--;
  }
}
