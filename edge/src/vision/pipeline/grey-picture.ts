import type { Picture } from './picture.js';

/** Brightness, small: enough to see whether something moves. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  /** 0 to 255, row by row; means of the blocks they stand for. */
  readonly grey: Uint8Array;
}

const wantedSide = 160;

/** The green channel (nearest to brightness of the three) as means of blocks, some 160 px on the longer side. */
export const greyOf = ({ width, height, rgb }: Pick<Picture, 'width' | 'height' | 'rgb'>): GreyPicture => {
  const block = Math.max(1, Math.round(Math.max(width, height) / wantedSide));
  const [columns, rows] = [Math.max(1, Math.floor(width / block)), Math.max(1, Math.floor(height / block))];
  const grey = new Uint8Array(columns * rows);
  const sums = new Uint32Array(columns);
  // Every second line and pixel of a block: as good, for a quarter of the time.
  const step = block >= 4 ? 2 : 1;
  const perBlock = Math.ceil(block / step) ** 2;
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let y = row * block; y < (row + 1) * block; y += step) {
      let at = y * width * 3 + 1;
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let x = 0; x < block; x += step) sum += rgb[at + x * 3] as number;
        sums[column] = (sums[column] as number) + sum;
        at += block * 3;
      }
    }
    const start = row * columns;
    for (let column = 0; column < columns; column++) grey[start + column] = (sums[column] as number) / perBlock;
  }
  return { width: columns, height: rows, grey };
};
