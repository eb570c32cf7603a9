import type { PictureBytes } from '../../inference/detector.js';

/** A picture that is the same everywhere: slopes, squares and lines in whole numbers, no footage of anybody. */
export const testPicture = (width: number, height: number): PictureBytes => {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const square = ((x >> 5) ^ (y >> 5)) & 1;
      const line = x % 37 === 0 || y % 53 === 0 ? 96 : 0;
      for (let c = 0; c < 3; c++) rgb[at++] = (x * 3 + y * (5 - c) + c * 40 + square * 90 + line) & 255;
    }
  }
  return { width, height, rgb };
};
