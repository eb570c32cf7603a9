/** Further from what the clock says than this, and the anchor is laid anew: the camera's time or the unit's jumped. */
const jumpMs = 1_500;
/** How fast the anchor follows what arrives: a camera's quartz is some 50 ppm off, the network's jitter is not followed. */
const follow = 0.02;

/** Tells media time as the unit's wall clock: smooth where packets come in bursts, and never far from when they came. */
export class MediaClock {
  #offsetMs: number | undefined;
  jumps = 0;

  /** When what has `mediaMs` began, epoch ms; it came at `arrivedMs`. */
  at(mediaMs: number, arrivedMs: number): number {
    const offsetMs = arrivedMs - mediaMs;
    if (this.#offsetMs === undefined) this.#offsetMs = offsetMs;
    else if (Math.abs(offsetMs - this.#offsetMs) > jumpMs) {
      this.#offsetMs = offsetMs;
      this.jumps += 1;
    } else this.#offsetMs += (offsetMs - this.#offsetMs) * follow;
    return Math.round(this.#offsetMs + mediaMs);
  }
}
