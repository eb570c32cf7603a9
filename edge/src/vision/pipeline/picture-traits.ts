import type { GreyPicture } from './grey-picture.js';
import type { Picture } from './picture.js';

/** Of one picture, what tells whether the camera sees what it should. */
export interface PictureTraits {
  readonly width: number;
  readonly height: number;
  /** Of brightness, 0 to 255. */
  readonly mean: number;
  readonly spread: number;
  /** Of each cell, small steps through large ones: falls with blur, hardly with light; -1 where nothing is to be seen. */
  readonly sharpness: Float32Array;
  /** Spread of brightness within each cell. */
  readonly texture: Float32Array;
  /** Edges of each cell, by direction: lying ones, standing ones. */
  readonly pattern: Float32Array;
}

const cellPx = 10;

export const traitsOf = (
  { width, height, grey }: GreyPicture,
  picture: Pick<Picture, 'width' | 'height' | 'rgb'>,
): PictureTraits => {
  const [columns, rows] = [Math.max(1, Math.floor(width / cellPx)), Math.max(1, Math.floor(height / cellPx))];
  const texture = new Float32Array(columns * rows);
  const pattern = new Float32Array(columns * rows * 2);
  let [sum, squares] = [0, 0];
  for (const value of grey) {
    sum += value;
    squares += value * value;
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      let [inCell, squaresInCell, lying, standing, count] = [0, 0, 0, 0, 0];
      const bottom = Math.min(height - 1, (row + 1) * cellPx);
      const right = Math.min(width - 1, (column + 1) * cellPx);
      for (let y = row * cellPx; y < bottom; y++) {
        for (let x = column * cellPx; x < right; x++) {
          const at = y * width + x;
          const value = grey[at] as number;
          inCell += value;
          squaresInCell += value * value;
          standing += Math.abs((grey[at + 1] as number) - value);
          lying += Math.abs((grey[at + width] as number) - value);
          count += 1;
        }
      }
      if (count === 0) continue;
      texture[cell] = Math.sqrt(Math.max(0, squaresInCell / count - (inCell / count) ** 2));
      pattern[2 * cell] = lying / count;
      pattern[2 * cell + 1] = standing / count;
    }
  }
  const mean = sum / grey.length;
  const spread = Math.sqrt(Math.max(0, squares / grey.length - mean ** 2));
  return { width, height, mean, spread, sharpness: sharpnessOf(picture), texture, pattern };
};

const nearPx = 2;
const farPx = 24;
const sharpColumns = 8;
const sharpRows = 6;
/** Large steps of a cell in which there is something to be sharp. */
const leastFar = 12;
/** A quarter of normally distributed values are nearer to 0 than this share of their spread. */
const quarterOfNormal = 0.3186;
/** Where the whole picture is full of detail, its flattest quarter is no noise alone. */
const mostNoise = 0.75;

/**
 * Of each cell the root mean square of steps over two pixels through that of steps over 24, each of two pixels together: light
 * changes both alike, blur the small ones. What the flattest quarter of the picture has is noise, and is taken off.
 */
const sharpnessOf = ({ width, height, rgb }: Pick<Picture, 'width' | 'height' | 'rgb'>): Float32Array => {
  const cells = sharpColumns * sharpRows;
  const [near, far, count] = [new Float64Array(cells), new Float64Array(cells), new Uint32Array(cells)];
  const steps = new Uint32Array(1_024);
  let all = 0;
  for (let y = 2; y < height; y += 4) {
    const row = Math.min(sharpRows - 1, Math.floor((y * sharpRows) / height)) * sharpColumns;
    for (let x = 0; x < width - farPx - 2; x += 2) {
      const at = (y * width + x) * 3 + 1;
      const here = (rgb[at] as number) + (rgb[at + 3] as number);
      const step = (rgb[at + nearPx * 3] as number) + (rgb[at + nearPx * 3 + 3] as number) - here;
      const cell = row + Math.floor((x * sharpColumns) / width);
      near[cell]! += step * step;
      far[cell]! += ((rgb[at + farPx * 3] as number) + (rgb[at + farPx * 3 + 3] as number) - here) ** 2;
      count[cell]! += 1;
      steps[Math.abs(step)]! += 1;
      all += 1;
    }
  }
  let [quarter, below] = [0, steps[0] as number];
  while (below < all / 4) below += steps[++quarter] as number;
  const noise = (quarter / quarterOfNormal) ** 2;
  return Float32Array.from(near, (sum, cell) => {
    const n = count[cell] as number;
    const ofFar = n === 0 ? 0 : (far[cell] as number) / n - noise;
    if (ofFar < leastFar ** 2) return -1;
    return Math.sqrt(Math.max(sum / n - noise, (1 - mostNoise) * (sum / n)) / ofFar);
  });
};

/** Share of the cells in which there is something to compare, that are not nearly as sharp as they were; 0 where these are few. */
export const softShare = (known: ArrayLike<number>, now: ArrayLike<number>): number => {
  let [compared, soft] = [0, 0];
  for (let cell = 0; cell < known.length; cell++) {
    const [was, is] = [known[cell] as number, now[cell] as number];
    if (was < 0 || is < 0) continue;
    compared += 1;
    if (is < 0.5 * was) soft += 1;
  }
  return compared < 6 ? 0 : soft / compared;
};

/** How alike two patterns are: their correlation, -1 to 1, whatever light and contrast. 1 where there is nothing to compare. */
export const sameness = (known: ArrayLike<number>, now: ArrayLike<number>): number => {
  if (known.length !== now.length || known.length === 0) return 1;
  let [meanKnown, meanNow] = [0, 0];
  for (let i = 0; i < known.length; i++) {
    meanKnown += (known[i] as number) / known.length;
    meanNow += (now[i] as number) / known.length;
  }
  let [both, ofKnown, ofNow] = [0, 0, 0];
  for (let i = 0; i < known.length; i++) {
    const [a, b] = [(known[i] as number) - meanKnown, (now[i] as number) - meanNow];
    both += a * b;
    ofKnown += a * a;
    ofNow += b * b;
  }
  return ofKnown === 0 || ofNow === 0 ? 1 : both / Math.sqrt(ofKnown * ofNow);
};
