import { z } from 'zod';

/** All places in a picture are fractions of its width and height, from the top left: they hold at any resolution. */
const fraction = z.number().min(0).max(1);

export const pointSchema = z.tuple([fraction, fraction]);
export type Point = z.infer<typeof pointSchema>;

/** x, y, width, height. */
export const boxSchema = z.tuple([fraction, fraction, fraction, fraction]);
export type Box = z.infer<typeof boxSchema>;

/** Shoelace formula; below 0 where the corners run the other way round. */
const signedArea = (corners: readonly Point[]): number =>
  corners.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length] as Point;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);

/** Share of the picture. */
export const polygonArea = (corners: readonly Point[]): number => Math.abs(signedArea(corners));

const side = ([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): number =>
  Math.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax));

/** Whether the segments a-b and c-d cross in a point inside both. */
export const segmentsCross = (a: Point, b: Point, c: Point, d: Point): boolean =>
  side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;

const crossesItself = (corners: readonly Point[]): boolean =>
  corners.some((a, i) => {
    const b = corners[(i + 1) % corners.length] as Point;
    return corners.slice(i + 1).some((c, k) => {
      const d = corners[(i + k + 2) % corners.length] as Point;
      return segmentsCross(a, b, c, d);
    });
  });

const smallestArea = 0.0004;

export const polygonSchema = z
  .array(pointSchema)
  .min(3)
  .max(32)
  .refine((corners) => polygonArea(corners) >= smallestArea, 'a zone covers at least 0.04 % of the picture')
  .refine((corners) => !crossesItself(corners), 'the sides of a zone do not cross');
export type Polygon = z.infer<typeof polygonSchema>;

/** Walked from the first point to the last: `in` is from its left side to its right side. */
export const lineSchema = z
  .array(pointSchema)
  .min(2)
  .max(8)
  .refine(
    (points) =>
      points.every(([x, y], i) => i === 0 || Math.hypot(x - points[i - 1]![0], y - points[i - 1]![1]) > 0.005),
    'two points of a line are apart',
  );
export type Line = z.infer<typeof lineSchema>;

/** Even-odd rule; a point on the upper or left side is inside. */
export const isInside = (corners: readonly Point[], [x, y]: Point): boolean => {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [xi, yi] = corners[i] as Point;
    const [xj, yj] = corners[j] as Point;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
};
