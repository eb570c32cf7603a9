import type { Box } from '@hallhub/shared/vision';
import type { Motion } from './motion-gate.js';
import { grown } from './overlap.js';
import type { Track } from './track.js';

/** Why a picture goes to the detector; `still`: it does not need to. */
export type AttentionReason = 'motion' | 'fidget' | 'regular' | 'settling' | 'still';

/** Nothing moves: one look all the same, so that somebody who was missed when he came is seen. */
const regularMs = 3_000;
/** Only those move who stay where they are: they type, they wave. */
const fidgetMs = 1_000;
/** After motion ended: somebody who just stopped is seen as he stands, and one who left is seen to be gone. */
const settleMs = 1_500;
/** Cells are coarse, and shadows reach further than their owners. */
const growth = 0.25;

/** Decides which pictures are worth the detector's time. Times of any clock that does not jump. */
export class Attention {
  #lookedMs: number | undefined;
  #movedMs: number | undefined;

  /** `tracks`: as they were after the last look. */
  decide(motion: Motion, tracks: readonly Track[], atMs: number): AttentionReason {
    const sinceMs = this.#lookedMs === undefined ? Number.POSITIVE_INFINITY : atMs - this.#lookedMs;
    if (motion.places.length > 0) {
      const isFidget = !motion.isWhole && motion.places.every((place) => isInside(place, tracks));
      if (!isFidget) {
        this.#movedMs = atMs;
        return 'motion';
      }
      return sinceMs >= fidgetMs ? 'fidget' : 'still';
    }
    if (this.#movedMs !== undefined && atMs - this.#movedMs <= settleMs) return 'settling';
    return sinceMs >= regularMs ? 'regular' : 'still';
  }

  /** The detector looked. */
  looked(atMs: number): void {
    this.#lookedMs = atMs;
  }

  forget(): void {
    this.#lookedMs = undefined;
    this.#movedMs = undefined;
  }
}

/** Whether what moves there is one who stays where he is. */
const isInside = ([x, y, width, height]: Box, tracks: readonly Track[]): boolean =>
  tracks.some(({ isStationary, isLost, box }) => {
    if (!isStationary || isLost) return false;
    const [left, top, wide, high] = grown(box, growth);
    return x >= left && y >= top && x + width <= left + wide && y + height <= top + high;
  });
