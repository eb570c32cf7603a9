export interface RateDemand {
  /** Pictures a second the camera would like to have looked at: its set rate, times how often something moves. */
  readonly wanted: number;
  /** The least that keeps it watched. */
  readonly least: number;
}

/** What the detector did since the last time. */
export interface DetectorLoad {
  /** Of one picture, as the thread was busy with it. */
  readonly inferenceMs: number;
  readonly looked: number;
  /** Replaced by a newer one before their turn. */
  readonly skipped: number;
}

/** Of the thread's time: pipes, trackers and pictures of evidence need theirs. */
const busyShare = 0.8;
const leastShare = 0.2;
const skippedIsLate = 0.05;

/**
 * Shares the detector's time among cameras: everybody gets what he wants while there is enough, else the smallest wishes are
 * met first and the rest is divided evenly (max-min fair). Where pictures are skipped all the same, the machine is slower
 * than the figures say, and less is given out; it grows back slowly.
 */
export class RateGovernor {
  #trust = 1;

  /** Of what the figures promise, how much was found to be true; 1: all of it. */
  get trust(): number {
    return this.#trust;
  }

  /** Pictures a second for each camera. */
  share(demands: ReadonlyMap<string, RateDemand>, load: DetectorLoad): ReadonlyMap<string, number> {
    const all = load.looked + load.skipped;
    if (all > 0 && load.skipped / all > skippedIsLate) this.#trust = Math.max(leastShare, this.#trust * 0.8);
    else this.#trust = Math.min(1, this.#trust + 0.05);
    if (load.inferenceMs <= 0) return new Map([...demands].map(([id, { wanted }]) => [id, wanted]));
    return fairShare(demands, (1_000 / load.inferenceMs) * busyShare * this.#trust);
  }
}

/** Max-min fair division of `capacity`; nobody gets less than his least, even where that is more than there is. */
export const fairShare = (demands: ReadonlyMap<string, RateDemand>, capacity: number): ReadonlyMap<string, number> => {
  const open = [...demands].sort(([, a], [, b]) => a.wanted - b.wanted);
  const rates = new Map<string, number>();
  let left = capacity;
  open.forEach(([id, { wanted, least }], done) => {
    const rate = Math.max(Math.min(wanted, least), Math.min(wanted, left / (open.length - done)));
    rates.set(id, rate);
    left = Math.max(0, left - rate);
  });
  return rates;
};
