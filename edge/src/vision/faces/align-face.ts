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
  const sum: [number, number, number] = [0, 0, 0];
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      sum.fill(0);
      for (let n = 0; n < samples * samples; n++) {
        const u = x + ((n % samples) + 0.5) / samples;
        const v = y + (Math.floor(n / samples) + 0.5) / samples;
        addPixel(picture, at.a * u - at.b * v + at.left - 0.5, at.b * u + at.a * v + at.top - 0.5, sum);
      }
      for (const value of sum) out[to++] = value * share + 0.5;
    }
  }
  return { width: side, height: side, rgb: out };
};

const addPixel = ({ width, height, rgb }: PictureBytes, x: number, y: number, sum: [number, number, number]): void => {
  const [cx, cy] = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))];
  const [left, top] = [Math.floor(cx), Math.floor(cy)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const [across, down] = [cx - left, cy - top];
  const [a, b, c, d] = [top * width + left, top * width + right, bottom * width + left, bottom * width + right];
  for (const colour of [0, 1, 2] as const) {
    const upper = rgb[a * 3 + colour]! * (1 - across) + rgb[b * 3 + colour]! * across;
    const lower = rgb[c * 3 + colour]! * (1 - across) + rgb[d * 3 + colour]! * across;
    sum[colour] += upper * (1 - down) + lower * down;
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
