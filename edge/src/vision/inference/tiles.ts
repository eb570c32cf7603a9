import type { Box } from '@hallhub/shared/vision';
import type { PictureBytes } from './detector.js';

export interface Tile extends PictureBytes {
  /** Of the whole picture, in its pixels. */
  readonly left: number;
  readonly top: number;
}

/** Neighbours share a third, so that what one cuts the other has whole. */
const shared = 1 / 3;

/**
 * A large picture in squares of the model's input size or a little more, so that small things are seen at the size they
 * have. None for a picture that the model sees nearly whole as it is; never more than `most`: then the squares grow.
 */
export const tilesOf = ({ width, height, rgb }: PictureBytes, inputSize: number, most: number): Tile[] => {
  if (Math.min(width, height) < inputSize * 1.5) return [];
  let side = inputSize;
  let places = placesOf(width, height, side);
  while (places.length > most) {
    side = Math.min(Math.ceil(side * 1.15), width, height);
    places = placesOf(width, height, side);
    if (side === Math.min(width, height)) break;
  }
  return places.slice(0, most).map(([left, top]) => {
    const part = new Uint8Array(side * side * 3);
    for (let y = 0; y < side; y++) {
      const from = ((top + y) * width + left) * 3;
      part.set(rgb.subarray(from, from + side * 3), y * side * 3);
    }
    return { left, top, width: side, height: side, rgb: part };
  });
};

const placesOf = (width: number, height: number, side: number): [number, number][] =>
  startsOf(height, side).flatMap((top) => startsOf(width, side).map((left): [number, number] => [left, top]));

/** Evenly from one edge to the other. */
const startsOf = (length: number, side: number): number[] => {
  const count = Math.max(1, Math.ceil((length - side) / (side * (1 - shared)) + 1));
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (length - side)) / (count - 1))));
};

/** A box of a tile in fractions of the whole picture. */
export const toWhole = (
  [x, y, width, height]: Box,
  tile: Tile,
  whole: { readonly width: number; readonly height: number },
): Box => [
  (tile.left + x * tile.width) / whole.width,
  (tile.top + y * tile.height) / whole.height,
  (width * tile.width) / whole.width,
  (height * tile.height) / whole.height,
];
