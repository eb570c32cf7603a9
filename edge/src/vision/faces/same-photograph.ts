import type { PictureBytes } from '../inference/index.js';

/** Two shots of one person were never so alike in the field of `face-compare`; one shot handed in twice, packed anew or smaller, always was in likeness and mostly here. */
const alike = { likeness: 0.85, correlation: 0.85 } as const;

/** Whether two aligned faces come from one shot: as alike pixel by pixel as in what they are. No proof that a living person was there. */
export const isSamePhotograph = (a: PictureBytes, b: PictureBytes, likeness: number): boolean =>
  likeness >= alike.likeness && correlation(a.rgb, b.rgb) >= alike.correlation;

/** Of the bytes of two pictures of one size: 1 the same but for light and contrast, 0 nothing in common. */
export const correlation = (a: Uint8Array, b: Uint8Array): number => {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA > 0 && ofB > 0 ? both / Math.sqrt(ofA * ofB) : 0;
};

const meanOf = (bytes: Uint8Array): number => {
  let sum = 0;
  for (const value of bytes) sum += value;
  return sum / bytes.length;
};
