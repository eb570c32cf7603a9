/** A timer this late says that somebody's message waited as long. */
const lateMs = 20;
const timelyMs = 8;
const slowDown = 0.7;
const speedUp = 0.04;
/** However busy the process is: units come back, only slower. */
const leastShare = 0.2;

/**
 * How much of its rate the gate uses. Handshakes run on the thread that serves live units: while its timers come late fewer are let
 * in, and more again, step by step, once they are in time.
 */
export class AdmissionPace {
  #share = 1;

  /** Above 0, at most 1. */
  get share(): number {
    return this.#share;
  }

  /** By how much one timer was late, ms. */
  note(delayMs: number): void {
    if (delayMs > lateMs) this.#share = Math.max(leastShare, this.#share * slowDown);
    else if (delayMs < timelyMs) this.#share = Math.min(1, this.#share + speedUp);
  }
}
