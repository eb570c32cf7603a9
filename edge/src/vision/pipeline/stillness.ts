import type { FootPoint } from './track.js';

const windowMs = 5_000;
/** Of the height: below it one stands, above it one goes. */
const standsBelow = 0.12;
const goesAbove = 0.25;

/** Whether who has these foot points stands, given whether he stood before. Not before he was watched long enough. */
export const isStill = (history: readonly FootPoint[], height: number, wasStill: boolean): boolean => {
  const newest = history.at(-1);
  const oldest = history[0];
  if (!newest || !oldest || newest.atMs - oldest.atMs < windowMs * 0.8) return wasStill;
  let [left, right, top, bottom] = [newest.x, newest.x, newest.y, newest.y];
  for (let i = history.length - 1; i >= 0; i--) {
    const point = history[i] as FootPoint;
    if (newest.atMs - point.atMs > windowMs) break;
    left = Math.min(left, point.x);
    right = Math.max(right, point.x);
    top = Math.min(top, point.y);
    bottom = Math.max(bottom, point.y);
  }
  const reach = Math.max(right - left, bottom - top) / Math.max(height, 1e-4);
  return wasStill ? reach < goesAbove : reach < standsBelow;
};
