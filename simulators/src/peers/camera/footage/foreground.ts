import type { PictureSize } from './raw-video.js';

/** In pixels of the picture. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Grey is what the ground's own noise does; beyond this, somebody is there. */
const leastDifference = 26;

/**
 * Where a picture differs from the ground, inside a box: 255 on people, 0 beside. Holes are closed, single points taken away,
 * and of all that is left the largest connected part stays.
 */
export const personMask = (
  rgb: Uint8Array,
  { ground, size, box }: { readonly ground: Uint8Array; readonly size: PictureSize; readonly box: PixelBox },
): Uint8Array => {
  const { width, height } = box;
  const raw = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = ((box.y + y) * size.width + box.x + x) * 3;
      const difference = Math.max(
        Math.abs(rgb[at]! - ground[at]!),
        Math.abs(rgb[at + 1]! - ground[at + 1]!),
        Math.abs(rgb[at + 2]! - ground[at + 2]!),
      );
      if (difference > leastDifference) raw[y * width + x] = 255;
    }
  }
  const whole = fillHoles(largestPart(grow(shrink(grow(grow(raw, width), width), width), width), width), width);
  return shrink(shrink(whole, width), width);
};

/** A point is set where it or one of its four neighbours is. */
export const grow = (mask: Uint8Array, width: number): Uint8Array => spread(mask, width, 255);
const shrink = (mask: Uint8Array, width: number): Uint8Array => spread(mask, width, 0);

const spread = (mask: Uint8Array, width: number, value: number): Uint8Array => {
  const result = mask.slice();
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] !== value) continue;
    const x = at % width;
    if (x > 0) result[at - 1] = value;
    if (x < width - 1) result[at + 1] = value;
    if (at >= width) result[at - width] = value;
    if (at + width < mask.length) result[at + width] = value;
  }
  return result;
};

export interface Part extends PixelBox {
  readonly area: number;
  readonly points: readonly number[];
}

/** Connected parts (four neighbours) of what is 255, in the order of their first point. */
export const connectedParts = (mask: Uint8Array, width: number): Part[] => {
  const seen = new Uint8Array(mask.length);
  const parts: Part[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] !== 255 || seen[start]) continue;
    const points = [start];
    seen[start] = 1;
    let [left, right, top, bottom] = [width, 0, mask.length, 0];
    for (let i = 0; i < points.length; i++) {
      const at = points[i]!;
      const x = at % width;
      const y = (at - x) / width;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      const next = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const n of next) {
        if (n < 0 || n >= mask.length || seen[n] || mask[n] !== 255) continue;
        seen[n] = 1;
        points.push(n);
      }
    }
    parts.push({ x: left, y: top, width: right - left + 1, height: bottom - top + 1, area: points.length, points });
  }
  return parts;
};

const largestPart = (mask: Uint8Array, width: number): Uint8Array => {
  const parts = connectedParts(mask, width);
  const largest = parts.reduce<Part | undefined>(
    (best, part) => (best && best.area >= part.area ? best : part),
    undefined,
  );
  const result = new Uint8Array(mask.length);
  for (const at of largest?.points ?? []) result[at] = 255;
  return result;
};

/** What the ground cannot reach from the border is inside. */
const fillHoles = (mask: Uint8Array, width: number): Uint8Array => {
  const outside = mask.map((value) => 255 - value);
  const result = mask.slice();
  const height = mask.length / width;
  for (const part of connectedParts(outside, width)) {
    const touches = part.x === 0 || part.y === 0 || part.x + part.width === width || part.y + part.height === height;
    // A gap between arm and body is ground; a spot on a coat that looks like it is not.
    if (!touches && part.area <= 40) for (const at of part.points) result[at] = 255;
  }
  return result;
};
