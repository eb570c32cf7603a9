import type { Box } from '@hallhub/shared/vision';
import { type PixelBox, pixelsOf, type RawPicture } from './raw-picture.js';

/** So few cells across a face: nobody can be told from it, and no filter brings back what is not there. */
const cells = 6;
const faceMargin = 0.3;

/** Where a head is in the box of a person: standing, the upper fifth; cut off or sitting, the upper two fifths. */
export const headOf = ([x, y, width, height]: Box, aspect: number): Box => {
  const isStanding = height / Math.max(width * aspect, 1e-6) > 2.2;
  const share = isStanding ? 0.22 : 0.42;
  const inset = isStanding ? 0.1 : 0.05;
  return [x + width * inset, y - height * 0.04, width * (1 - 2 * inset), height * share];
};

const grown = ([x, y, width, height]: Box): Box => [
  x - width * faceMargin,
  y - height * faceMargin,
  width * (1 + 2 * faceMargin),
  height * (1 + 2 * faceMargin),
];

const isInside = ([x, y, width, height]: Box, [left, top, w, h]: Box): boolean => {
  const [cx, cy] = [x + width / 2, y + height / 2];
  return cx >= left && cx <= left + w && cy >= top && cy <= top + h;
};

/** What to make unrecognisable: the faces that were found, and the heads of people in whom none was. */
export const regionsToBlur = (faces: readonly Box[], people: readonly Box[], aspect: number): Box[] => [
  ...faces.map(grown),
  ...people.filter((person) => !faces.some((face) => isInside(face, person))).map((person) => headOf(person, aspect)),
];

/** A copy whose regions are a few cells each. */
export const blurRegions = (picture: RawPicture, regions: readonly Box[]): RawPicture => {
  const rgb = new Uint8Array(picture.rgb);
  for (const region of regions) {
    const box = pixelsOf(region, picture);
    if (box) makeCells({ ...picture, rgb }, box);
  }
  return { ...picture, rgb };
};

const makeCells = ({ width, rgb }: RawPicture, { left, top, width: across, height: down }: PixelBox): void => {
  const size = Math.max(1, Math.ceil(Math.max(across, down) / cells));
  for (let y = top; y < top + down; y += size) {
    for (let x = left; x < left + across; x += size) {
      const [right, bottom] = [Math.min(x + size, left + across), Math.min(y + size, top + down)];
      const sum = [0, 0, 0];
      for (let row = y; row < bottom; row++) {
        for (let at = (row * width + x) * 3; at < (row * width + right) * 3; at++)
          sum[at % 3] = (sum[at % 3] as number) + (rgb[at] as number);
      }
      const count = (right - x) * (bottom - y);
      const mean = sum.map((one) => Math.round(one / count));
      for (let row = y; row < bottom; row++) {
        for (let at = (row * width + x) * 3; at < (row * width + right) * 3; at++) rgb[at] = mean[at % 3] as number;
      }
    }
  }
};
