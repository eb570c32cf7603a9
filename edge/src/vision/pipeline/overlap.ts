import type { Box } from '@hallhub/shared/vision';

/** Intersection over union, 0 to 1. */
export const overlap = (a: Box, b: Box): number => {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (a[2] * a[3] + b[2] * b[3] - both);
};

/** The box with `share` of its size added on each side. */
export const grown = (box: Box, share: number): Box => [
  box[0] - box[2] * share,
  box[1] - box[3] * share,
  box[2] * (1 + 2 * share),
  box[3] * (1 + 2 * share),
];

/** What of the box lies in the picture; an empty box on the edge where nothing of it does. */
export const clipped = (box: Box): Box => {
  const left = Math.min(1, Math.max(0, box[0]));
  const top = Math.min(1, Math.max(0, box[1]));
  const right = Math.min(1, Math.max(left, box[0] + box[2]));
  const bottom = Math.min(1, Math.max(top, box[1] + box[3]));
  return [left, top, Math.min(1 - left, right - left), Math.min(1 - top, bottom - top)];
};
