import type { EarlierPicture } from './evidence-job.js';

const everyMs = 5_000;
/** The current one and two before it, with one that is just being replaced. */
const most = 4;

/** A picture every five seconds, the last few of them: what a finding shows of the moments before it. */
export class EarlierPictures {
  #kept: EarlierPicture[] = [];

  keep(one: EarlierPicture): void {
    const last = this.#kept.at(-1);
    // A clock that went back begins anew.
    if (last && one.atMs < last.atMs) this.#kept = [];
    else if (last && one.atMs - last.atMs < everyMs) return;
    this.#kept = [...this.#kept, one].slice(-most);
  }

  /** The two last of before, the oldest first, each at least half a step away; fewer where the camera has just begun. */
  before(atMs: number): readonly EarlierPicture[] {
    return this.#kept.filter((one) => one.atMs <= atMs - everyMs / 2).slice(-2);
  }
}
