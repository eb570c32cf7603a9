import type { PictureBytes } from '../inference/index.js';
import type { LocatedFace } from './locate-face.js';

/** Whose picture: of somebody in front of a camera, or the one on a document. */
export const pictureKinds = ['person', 'document'] as const;
export type PictureKind = (typeof pictureKinds)[number];

export const qualityReasons = [
  'no_face',
  'several_faces',
  'too_small',
  'cut_off',
  'tilted',
  'not_frontal',
  'too_dark',
  'too_bright',
  'too_flat',
  'not_sharp',
] as const;
export type QualityReason = (typeof qualityReasons)[number];

/** What a face was measured as. None of it tells whose it is. */
export interface FaceQuality {
  /** Pixels of the picture between the eyes. */
  readonly eyesPx: number;
  /** Of the line between the eyes, degrees from level. */
  readonly tiltDegrees: number;
  /** Nose beside the middle of the eyes, as a share of their distance: about 0.4 times the tangent of the turn. */
  readonly turn: number;
  /** Of the aligned face: mean brightness and its spread, levels of 255. */
  readonly brightness: number;
  readonly contrast: number;
  /** Mean square of the Laplacian over the spread's square: edges as strong as a sharp picture's. */
  readonly sharpness: number;
}

/** Measured in the field of `face-compare` (docs/benchmarks.md): beyond them likeness falls or the points are guesses. */
const limits = {
  eyesPx: { person: 32, document: 20 },
  tiltDegrees: 30,
  turn: 0.25,
  brightness: { least: 25, most: 215 },
  contrast: 8,
  sharpness: 0.005,
} as const;

export interface QualityProblem {
  readonly reason: QualityReason;
  readonly measured?: number;
  readonly limit?: number;
}

/** Square in the middle of the aligned face that holds eyes, nose and mouth; fractions. */
const [innerFrom, innerTo] = [0.2, 0.85];

export const measureFace = ({ points }: LocatedFace, aligned: PictureBytes): FaceQuality => {
  const { rightEye, leftEye, nose } = points;
  const [dx, dy] = [leftEye[0] - rightEye[0], leftEye[1] - rightEye[1]];
  const eyesPx = Math.hypot(dx, dy);
  const [toNoseX, toNoseY] = [nose[0] - (rightEye[0] + leftEye[0]) / 2, nose[1] - (rightEye[1] + leftEye[1]) / 2];
  return {
    eyesPx,
    tiltDegrees: (Math.atan2(dy, dx) * 180) / Math.PI,
    turn: (toNoseX * dx + toNoseY * dy) / Math.max(1e-6, eyesPx * eyesPx),
    ...measureLight(aligned),
  };
};

const measureLight = ({ width, rgb }: PictureBytes): Pick<FaceQuality, 'brightness' | 'contrast' | 'sharpness'> => {
  const [from, to] = [Math.round(width * innerFrom), Math.round(width * innerTo)];
  const grey = (x: number, y: number): number => {
    const at = (y * width + x) * 3;
    return rgb[at]! * 0.299 + rgb[at + 1]! * 0.587 + rgb[at + 2]! * 0.114;
  };
  let [sum, squares, edges, count] = [0, 0, 0, 0];
  for (let y = from; y < to; y++) {
    for (let x = from; x < to; x++) {
      const here = grey(x, y);
      const edge = grey(x - 1, y) + grey(x + 1, y) + grey(x, y - 1) + grey(x, y + 1) - 4 * here;
      sum += here;
      squares += here * here;
      edges += edge * edge;
      count += 1;
    }
  }
  const brightness = sum / count;
  const spread = Math.max(0, squares / count - brightness * brightness);
  return { brightness, contrast: Math.sqrt(spread), sharpness: spread > 0 ? edges / count / spread : 0 };
};

/** What keeps a face from being compared; empty: nothing. */
export const judgeFace = (
  quality: FaceQuality,
  { face, picture, kind }: { face: LocatedFace; picture: { width: number; height: number }; kind: PictureKind },
): QualityProblem[] => {
  const { eyesPx, tiltDegrees, turn, brightness, contrast, sharpness } = quality;
  const problem = (isBad: boolean, reason: QualityReason, measured: number, limit: number): QualityProblem[] =>
    isBad ? [{ reason, measured, limit }] : [];
  const out = outside(face, picture);
  return [
    ...problem(eyesPx < limits.eyesPx[kind], 'too_small', eyesPx, limits.eyesPx[kind]),
    ...(out ? [{ reason: 'cut_off' as const }] : []),
    ...problem(Math.abs(tiltDegrees) > limits.tiltDegrees, 'tilted', Math.abs(tiltDegrees), limits.tiltDegrees),
    ...problem(Math.abs(turn) > limits.turn, 'not_frontal', Math.abs(turn), limits.turn),
    ...problem(brightness < limits.brightness.least, 'too_dark', brightness, limits.brightness.least),
    ...problem(brightness > limits.brightness.most, 'too_bright', brightness, limits.brightness.most),
    ...problem(contrast < limits.contrast, 'too_flat', contrast, limits.contrast),
    ...problem(sharpness < limits.sharpness, 'not_sharp', sharpness, limits.sharpness),
  ];
};

/** Eyes, nose or mouth lie where there is no picture. */
const outside = (
  { points: { rightEye, leftEye, nose, mouth } }: LocatedFace,
  { width, height }: { width: number; height: number },
): boolean => [rightEye, leftEye, nose, mouth].some(([x, y]) => x < 0 || y < 0 || x > width || y > height);
