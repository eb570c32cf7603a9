import type { FacePlace, PictureBytes, PicturePoint } from '../inference/index.js';

/** Turns, scales and shifts: x' = a x - b y + left, y' = b x + a y + top. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly left: number;
  readonly top: number;
}

/** The similarity that brings `from` nearest to `to` (least squares); the points of both are in pixels. */
export const fitSimilarity = (from: readonly PicturePoint[], to: readonly PicturePoint[]): Similarity => {
  const [fromX, fromY] = meanOf(from);
  const [toX, toY] = meanOf(to);
  let [along, across, spread] = [0, 0, 0];
  for (const [i, [x, y]] of from.entries()) {
    const [u, v] = [x - fromX, y - fromY];
    const [s, t] = [(to[i]?.[0] ?? 0) - toX, (to[i]?.[1] ?? 0) - toY];
    along += u * s + v * t;
    across += u * t - v * s;
    spread += u * u + v * v;
  }
  const [a, b] = spread > 0 ? [along / spread, across / spread] : [1, 0];
  return { a, b, left: toX - a * fromX + b * fromY, top: toY - b * fromX - a * fromY };
};

const meanOf = (points: readonly PicturePoint[]): PicturePoint => {
  const sum = points.reduce(([x, y], [u, v]): [number, number] => [x + u, y + v], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
};

/** More looks at a pixel than this make no picture better. */
const samplesAtMost = 4;

/** A square of `side` pixels, each read where `at` sends it; means of several looks where the picture is larger. Beyond an edge its last pixel goes on. */
export const warp = (picture: PictureBytes, at: Similarity, side: number): PictureBytes => {
  const samples = Math.min(samplesAtMost, Math.max(1, Math.ceil(Math.hypot(at.a, at.b))));
  const out = new Uint8Array(side * side * 3);
  const share = 1 / (samples * samples);
  const sum = new Float64Array(3);
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++, to += 3) {
      sum.fill(0);
      for (let n = 0; n < samples * samples; n++) {
        const u = x + ((n % samples) + 0.5) / samples;
        const v = y + (Math.floor(n / samples) + 0.5) / samples;
        addPixel(picture, at.a * u - at.b * v + at.left - 0.5, at.b * u + at.a * v + at.top - 0.5, sum);
      }
      for (let colour = 0; colour < 3; colour++) out[to + colour] = sum[colour]! * share + 0.5;
    }
  }
  return { width: side, height: side, rgb: out };
};

/** Between the four pixels around a point. Plain sums: this is done a quarter of a million times a face. */
const addPixel = ({ width, height, rgb }: PictureBytes, x: number, y: number, sum: Float64Array): void => {
  const inX = Math.min(width - 1, Math.max(0, x));
  const inY = Math.min(height - 1, Math.max(0, y));
  const left = Math.floor(inX);
  const top = Math.floor(inY);
  const across = inX - left;
  const down = inY - top;
  const right = left + 1 < width ? 3 : 0;
  const below = top + 1 < height ? width * 3 : 0;
  for (let colour = 0, at = (top * width + left) * 3; colour < 3; colour++, at++) {
    const upper = rgb[at]! * (1 - across) + rgb[at + right]! * across;
    const lower = rgb[at + below]! * (1 - across) + rgb[at + below + right]! * across;
    sum[colour] = sum[colour]! + upper * (1 - down) + lower * down;
  }
};

/** A face cut out upright, with its points where the model wants them. `points` are pixels of the picture. */
export const alignFace = (
  picture: PictureBytes,
  points: FacePlace,
  { side, place }: { readonly side: number; readonly place: FacePlace },
): PictureBytes => {
  const names = ['rightEye', 'leftEye', 'nose', 'mouth'] as const;
  const wanted = names.map((name): PicturePoint => [place[name][0] * side, place[name][1] * side]);
  return warp(
    picture,
    fitSimilarity(
      wanted,
      names.map((name) => points[name]),
    ),
    side,
  );
};
