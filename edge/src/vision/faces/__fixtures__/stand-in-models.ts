import type { Face, FaceEmbedder, FaceFinder, FaceLandmarks, PictureBytes } from '../../inference/index.js';
import { distanceLikeness } from '../../inference/likeness.js';
import type { FaceModels } from '../compare-faces.js';

export const place = {
  rightEye: [0.312, 0.312],
  leftEye: [0.675, 0.312],
  nose: [0.493, 0.52],
  mouth: [0.493, 0.718],
} as const;

/** A face upright in a box; fractions. */
export const faceAt = (x: number, y: number, size: number, over: Partial<FaceLandmarks> = {}): Face => ({
  box: [x, y, size, size],
  confidence: 0.9,
  landmarks: {
    ...{ rightEye: [x + size * 0.3, y + size * 0.35], leftEye: [x + size * 0.7, y + size * 0.35] },
    ...{ nose: [x + size * 0.5, y + size * 0.55], mouth: [x + size * 0.5, y + size * 0.75] },
    ...{ rightEar: [x + size * 0.1, y + size * 0.4], leftEar: [x + size * 0.9, y + size * 0.4] },
    ...over,
  },
});

/** A sharp pattern in the middle of grey: `seed` says which. */
export const patterned = (seed: number, side = 300): PictureBytes => {
  const rgb = new Uint8Array(side * side * 3);
  let state = seed + 1;
  const cells = Array.from({ length: 400 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 60 + (state >>> 24) / 2;
  });
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const cell = cells[(Math.floor(y / 15) * 20 + Math.floor(x / 15)) % 400] ?? 0;
    rgb.fill(cell, i * 3, i * 3 + 3);
  }
  return { width: side, height: side, rgb };
};

/**
 * Finds what the test says (by the picture's width; the closer look sees a face in its middle) and gives numbers that the test names
 * in turns. `shown` is what the models were given last, by reference.
 */
export const standInModels = ({
  found,
  numbers,
}: {
  readonly found: (picture: PictureBytes) => readonly Face[];
  readonly numbers: readonly (readonly [number, number])[];
}) => {
  const given: Float32Array[] = [];
  const shown: PictureBytes[] = [];
  const finder: FaceFinder = {
    model: { id: 'finder', sha256: 'f'.repeat(64) },
    thresholds: { sure: 0.5, least: 0.3 },
    find: async (picture) => {
      shown.push(picture);
      return picture.width === 256 ? [faceAt(0.28, 0.28, 0.44)] : found(picture);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const embedder: FaceEmbedder = {
    model: { id: 'embedder', sha256: 'e'.repeat(64) },
    thresholds: { sure: 0.6, least: 0.5 },
    ...{ side: 150, place },
    embed: async () => {
      const made = Float32Array.from(numbers[given.length % numbers.length] ?? []);
      given.push(made);
      return made;
    },
    likeness: (a, b) => distanceLikeness(a, b, 1),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { models: { finder, embedder } satisfies FaceModels, given, shown };
};
