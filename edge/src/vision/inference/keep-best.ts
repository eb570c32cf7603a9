/** A box in pixels of the model's input, with its class. */
export interface Candidate {
  readonly classIndex: number;
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Pixels across and down, one after the other, where the model tells points inside. */
  readonly points?: readonly number[];
}

export interface KeepOptions {
  /** Intersection over union above which two boxes of a class are the same thing. */
  readonly overlap: number;
  readonly most: number;
}

/** More than this many are never compared: a model that sees something everywhere must not stall the rest. */
const comparedAtMost = 2_000;

const areaOf = (box: Candidate): number => Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);

export const intersectionOverUnion = (a: Candidate, b: Candidate): number => {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (areaOf(a) + areaOf(b) - both);
};

/** Non-maximum suppression by class. Surest first; of equal ones the earlier candidate wins. */
export const keepBest = (candidates: readonly Candidate[], { overlap, most }: KeepOptions): Candidate[] => {
  const sorted = candidates
    .filter(({ score, left, top, right, bottom }) => Number.isFinite(score + left + top + right + bottom))
    .sort((a, b) => b.score - a.score)
    .slice(0, comparedAtMost);
  const kept: Candidate[] = [];
  for (const one of sorted) {
    if (kept.length >= most) break;
    const isRepeat = kept.some(
      (other) => other.classIndex === one.classIndex && intersectionOverUnion(other, one) > overlap,
    );
    if (!isRepeat) kept.push(one);
  }
  return kept;
};
