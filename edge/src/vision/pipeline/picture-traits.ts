import type { GreyPicture } from './grey-picture.js';
import type { Picture } from './picture.js';

/** Of one picture, what tells whether the camera sees what it should. */
export interface PictureTraits {
  readonly width: number;
  readonly height: number;
  /** Of brightness, 0 to 255. */
  readonly mean: number;
  readonly spread: number;
  /** Of each cell, how much of an edge's contrast is crossed within two pixels, 0 to 1; -1 where there is no edge. */
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
/** Contrast over `farPx` in which there is something to be sharp; of two pixels together, as all steps here. */
const leastContrast = 40;
const leastEdges = 12;
/** A cell is as sharp as the sharper quarter of its edges. */
const sharperShare = 0.25;
const shades = 64;
/** Of normally distributed values a quarter are nearer to 0 than this share of their spread; the largest of twelve is some twice that spread. */
const quarterOfNormal = 0.3186;
const largestOfNormal = 2;
/** Where the whole picture is full of detail, its flattest quarter is no noise alone. */
const mostNoise = 0.75;

/**
 * Of each cell how much of a contrast is crossed within two pixels where it is steepest: near 1 at an edge that is sharp, whatever the
 * light, and some 0.8 px through the width of the blur otherwise. What the flattest quarter of the picture has is noise, and is taken off.
 */
const sharpnessOf = ({ width, height, rgb }: Pick<Picture, 'width' | 'height' | 'rgb'>): Float32Array => {
  const cells = sharpColumns * sharpRows;
  const edges: { cell: number; contrast: number; steepest: number }[] = [];
  const counts = new Uint32Array(1_021);
  let all = 0;
  const pairs = new Int16Array(Math.floor(width / nearPx));
  const reach = farPx / nearPx;
  for (let y = 2; y < height; y += 4) {
    const row = Math.min(sharpRows - 1, Math.floor((y * sharpRows) / height)) * sharpColumns;
    for (let i = 0, at = y * width * 3 + 1; i < pairs.length; i++, at += 6)
      pairs[i] = (rgb[at] as number) + (rgb[at + 3] as number);
    for (let i = 0; i + 1 < pairs.length; i++) {
      counts[Math.abs((pairs[i + 1] as number) - (pairs[i] as number))]! += 1;
      all += 1;
      const contrast = i + reach < pairs.length ? Math.abs((pairs[i + reach] as number) - (pairs[i] as number)) : 0;
      if (contrast < leastContrast) continue;
      let steepest = 0;
      for (let k = i; k < i + reach; k++)
        steepest = Math.max(steepest, Math.abs((pairs[k + 1] as number) - (pairs[k] as number)));
      const cell = row + Math.floor(((i + reach / 2) * nearPx * sharpColumns) / width);
      edges.push({ cell, contrast, steepest });
    }
  }
  let [quarter, below] = [0, counts[0] as number];
  while (below < all / 4) below += counts[++quarter] as number;
  const noise = (quarter / quarterOfNormal) * largestOfNormal;
  const found = new Uint32Array(cells * shades);
  const perCell = new Uint32Array(cells);
  for (const { cell, contrast, steepest } of edges) {
    const clear = Math.sqrt(Math.max(steepest ** 2 - noise ** 2, (1 - mostNoise) * steepest ** 2));
    found[cell * shades + Math.min(shades - 1, Math.floor((clear / contrast) * shades))]! += 1;
    perCell[cell]! += 1;
  }
  return Float32Array.from(perCell, (count, cell) => {
    if (count < leastEdges) return -1;
    let shade = shades;
    for (let sharper = 0; sharper < count * sharperShare; ) sharper += found[cell * shades + --shade] as number;
    return (shade + 0.5) / shades;
  });
};

/** Under this share of what it was, a cell is blurred. */
const softBelow = 0.5;

/** Share of the cells in which there is something to compare, that are not nearly as sharp as they were; 0 where these are few. */
export const softShare = (known: ArrayLike<number>, now: ArrayLike<number>): number => {
  let [compared, soft] = [0, 0];
  for (let cell = 0; cell < known.length; cell++) {
    const [was, is] = [known[cell] as number, now[cell] as number];
    if (was < 0 || is < 0) continue;
    compared += 1;
    if (is < softBelow * was) soft += 1;
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
