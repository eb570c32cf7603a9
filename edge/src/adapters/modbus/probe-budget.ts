/** Looking for silent slaves may cost one fifth of the bus's time. */
const restFactor = 4;

/**
 * What all silent slaves of a bus together may cost those that answer: after a time-out spent on one of them, none is looked
 * for until the others had four times as long. Where nobody answers there is nobody to slow.
 */
export class ProbeBudget {
  slaves = 0;
  silent = 0;
  #notBeforeMs = 0;

  get notBeforeMs(): number {
    return this.silent < this.slaves ? this.#notBeforeMs : 0;
  }

  spent(nowMs: number, costMs: number): void {
    this.#notBeforeMs = nowMs + costMs * restFactor;
  }
}
