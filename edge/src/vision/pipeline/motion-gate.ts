import type { Box } from '@hallhub/shared/vision';
import type { GreyPicture } from './grey-picture.js';

export interface Motion {
  /** Where something moves: boxes around cells that touch, the largest first, at most 8. Empty: nothing moves. */
  readonly places: readonly Box[];
  /** Of the picture's cells. */
  readonly share: number;
  /** The whole picture changed at once: the light was switched, or the camera turned. */
  readonly isWhole: boolean;
}

/** Side of a cell, px of the grey picture. */
const cellPx = 8;
/** Of brightness: below it is noise whatever the picture; the rest is learned. */
const leastStep = 10;
const noiseTimes = 4;
/** Pixels of a cell that have to have changed. */
const cellShare = 0.12;
const wholeShare = 0.6;
const maxPlaces = 8;
/** How fast what is there becomes background: somebody who stands still is no motion after some 10 s. */
const backgroundS = 6;
const noiseS = 20;

/**
 * Says where something moves, by a running background of a small grey picture and the noise each cell usually has. A change
 * of the light as a whole is taken out before; what is left of it is learned within seconds.
 */
export class MotionGate {
  #background: Float32Array | undefined;
  #noise = new Float32Array();
  #size = '';
  #lastMs = 0;

  /** `atMs`: of any clock that does not jump. */
  look({ width, height, grey }: GreyPicture, atMs: number): Motion {
    const size = `${width}x${height}`;
    const background = this.#background;
    const [columns, rows] = [Math.ceil(width / cellPx), Math.ceil(height / cellPx)];
    if (!background || size !== this.#size) {
      this.#background = Float32Array.from(grey);
      this.#noise = new Float32Array(columns * rows).fill(3);
      this.#size = size;
      this.#lastMs = atMs;
      return { places: [[0, 0, 1, 1]], share: 1, isWhole: true };
    }
    const stepS = Math.min(2, Math.max(0, (atMs - this.#lastMs) / 1_000));
    this.#lastMs = atMs;
    const shift = brighterBy(grey, background);
    const cells = this.#compare({ width, height, grey }, shift, columns, rows);
    let moving = 0;
    for (const cell of cells) moving += cell;
    const share = moving / cells.length;
    const isWhole = share >= wholeShare;
    this.#learn(grey, isWhole ? 1 : 1 - Math.exp(-stepS / backgroundS));
    if (!isWhole) this.#learnNoise(cells, 1 - Math.exp(-stepS / noiseS));
    return { places: moving === 0 ? [] : placesOf(cells, columns, { width, height }), share, isWhole };
  }

  /** The camera was away: what it sees now is the background. */
  forget(): void {
    this.#background = undefined;
  }

  #differences = new Float32Array();

  #compare({ width, height, grey }: GreyPicture, shift: number, columns: number, rows: number): Uint8Array {
    const background = this.#background as Float32Array;
    const cells = new Uint8Array(columns * rows);
    if (this.#differences.length !== cells.length) this.#differences = new Float32Array(cells.length);
    for (let row = 0; row < rows; row++) {
      const bottom = Math.min(height, (row + 1) * cellPx);
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column;
        const threshold = Math.max(leastStep, noiseTimes * (this.#noise[cell] as number));
        const right = Math.min(width, (column + 1) * cellPx);
        let changed = 0;
        let sum = 0;
        let count = 0;
        for (let y = row * cellPx; y < bottom; y++) {
          for (let at = y * width + column * cellPx, end = y * width + right; at < end; at++) {
            const difference = Math.abs((grey[at] as number) - (background[at] as number) - shift);
            sum += difference;
            count += 1;
            if (difference > threshold) changed += 1;
          }
        }
        this.#differences[cell] = sum / count;
        if (changed > count * cellShare) cells[cell] = 1;
      }
    }
    return cells;
  }

  #learn(grey: Uint8Array, share: number): void {
    const background = this.#background as Float32Array;
    for (let at = 0; at < grey.length; at++) {
      const was = background[at] as number;
      background[at] = was + ((grey[at] as number) - was) * share;
    }
  }

  /** Of cells at rest; those that move would learn their motion as noise, and are given a hundredth of it: leaves, a screen. */
  #learnNoise(cells: Uint8Array, share: number): void {
    for (let cell = 0; cell < cells.length; cell++) {
      const was = this.#noise[cell] as number;
      this.#noise[cell] = was + ((this.#differences[cell] as number) - was) * (cells[cell] ? share * 0.1 : share);
    }
  }
}

/** How much brighter the picture is as a whole: the median of what a few hundred pixels differ by. */
const brighterBy = (grey: Uint8Array, background: Float32Array): number => {
  const step = Math.max(1, Math.floor(grey.length / 400));
  const differences: number[] = [];
  for (let at = step >> 1; at < grey.length; at += step)
    differences.push((grey[at] as number) - (background[at] as number));
  differences.sort((a, b) => a - b);
  return differences[differences.length >> 1] ?? 0;
};

const placesOf = (cells: Uint8Array, columns: number, { width, height }: { width: number; height: number }): Box[] => {
  const rows = cells.length / columns;
  const isSeen = new Uint8Array(cells.length);
  const places: { box: Box; cells: number }[] = [];
  for (let start = 0; start < cells.length; start++) {
    if (!cells[start] || isSeen[start]) continue;
    let [left, right, top, bottom, count] = [columns, 0, rows, 0, 0];
    const open = [start];
    isSeen[start] = 1;
    while (open.length > 0) {
      const cell = open.pop() as number;
      const [x, y] = [cell % columns, Math.floor(cell / columns)];
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      count += 1;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx++) {
          const next = ny * columns + nx;
          if (!cells[next] || isSeen[next]) continue;
          isSeen[next] = 1;
          open.push(next);
        }
      }
    }
    const [x, y] = [(left * cellPx) / width, (top * cellPx) / height];
    const [toX, toY] = [Math.min(1, ((right + 1) * cellPx) / width), Math.min(1, ((bottom + 1) * cellPx) / height)];
    places.push({ box: [x, y, toX - x, toY - y], cells: count });
  }
  return places
    .sort((a, b) => b.cells - a.cells)
    .slice(0, maxPlaces)
    .map(({ box }) => box);
};
