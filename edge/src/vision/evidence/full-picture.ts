import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cutClip, type RecordingRing } from '../recording/index.js';
import type { RawPicture } from './raw-picture.js';
import { runFfmpeg } from './run-ffmpeg.js';

export interface FullPictureOptions {
  readonly ring: RecordingRing;
  readonly atMs: number;
  /** What was looked at then: the same moment is looked for, pixel by pixel. */
  readonly like: RawPicture;
  /** For files that are gone again when it resolves. */
  readonly folder: string;
  readonly name: string;
  readonly ffmpeg: string;
  readonly signal?: AbortSignal | undefined;
}

const maxGroupBytes = 32 * 1_048_576;
const timeoutMs = 10_000;
/** Pictures and recording come by two ways, and one may be late. */
const aroundMs = 1_500;
const largestBytes = 4 * 7_680 * 4_320;
/** For comparing. */
const [columns, rows] = [160, 90];
const smallBytes = columns * rows * 3;
/** Levels of grey that scaling may make, and the share of cells that may be further apart. */
const sameLevels = 20;
const otherShare = 0.002;

/**
 * The picture that was looked at in the camera's full resolution, out of the recording. The very same one, or none: who was seen must be where
 * the boxes say, or faces would be left as they are. Undefined: that moment was not recorded, or nothing recorded is like it.
 */
export const fullPicture = async (options: FullPictureOptions): Promise<RawPicture | undefined> => {
  const { ring, atMs, like, folder, name, ffmpeg, signal } = options;
  const span = { fromMs: atMs - aroundMs, toMs: atMs + aroundMs, aroundMs: atMs, maxBytes: maxGroupBytes };
  const clip = await cutClip(ring, span);
  if (!clip) return undefined;
  const file = path.join(folder, `${name}.group.mp4`);
  const run = { ffmpeg, signal, timeoutMs, maxOutputBytes: largestBytes, isUrgent: true };
  try {
    await writeFile(file, clip.bytes, { mode: 0o600 });
    const input = ['-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough'];
    // First as the pipeline makes its pictures, or edges would differ.
    const scale = `scale=${like.width}:${like.height}:flags=bilinear,format=rgb24,scale=${columns}:${rows}:flags=area`;
    const small = ['-vf', scale, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
    const at = sameAs(like, await runFfmpeg([...input, ...small], run));
    if (at === undefined) return undefined;
    const one = ['-vf', `select=eq(n\\,${at})`, '-frames:v', '1', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
    return readPpm(await runFfmpeg([...input, ...one], run));
  } finally {
    await rm(file, { force: true });
  }
};

/** Place of the picture that is the same; undefined: none is. */
const sameAs = (like: RawPicture, pictures: Buffer): number | undefined => {
  const wanted = shrink(like);
  let best: { at: number; others: number; difference: number } | undefined;
  for (let at = 0; (at + 1) * smallBytes <= pictures.length; at++) {
    let [others, difference] = [0, 0];
    for (let cell = 0; cell < wanted.length; cell++) {
      const from = at * smallBytes + cell * 3;
      const grey = greyOf(pictures[from] ?? 0, pictures[from + 1] ?? 0, pictures[from + 2] ?? 0);
      const apart = Math.abs(grey - (wanted[cell] ?? 0));
      difference += apart;
      if (apart > sameLevels) others += 1;
    }
    if (!best || difference < best.difference) best = { at, others, difference };
  }
  return best && best.others <= wanted.length * otherShare ? best.at : undefined;
};

const greyOf = (red: number, green: number, blue: number): number => red * 0.299 + green * 0.587 + blue * 0.114;

/** Means of areas, as ffmpeg makes them. */
const shrink = ({ width, height, rgb }: RawPicture): Float32Array => {
  const cells = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [Math.floor((row * height) / rows), Math.max(Math.floor(((row + 1) * height) / rows), 1)];
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.max(Math.floor(((column + 1) * width) / columns), left + 1);
      let [sum, count] = [0, 0];
      for (let y = top; y < Math.max(bottom, top + 1); y++) {
        for (let at = (y * width + left) * 3; at < (y * width + right) * 3; at += 3) {
          sum += greyOf(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
          count += 1;
        }
      }
      cells[row * columns + column] = sum / Math.max(1, count);
    }
  }
  return cells;
};

const readPpm = (ppm: Buffer): RawPicture | undefined => {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.toString('latin1', 0, 64));
  if (!head) return undefined;
  const [width, height] = [Number(head[1]), Number(head[2])];
  const rgb = ppm.subarray(head[0].length);
  return rgb.length >= width * height * 3 ? { width, height, rgb: rgb.subarray(0, width * height * 3) } : undefined;
};
