import type { Box } from '@hallhub/shared/vision';

/** How many were counted against how many there are, over some pictures. */
export interface CountError {
  readonly pictures: number;
  /** Mean of the differences' sizes, and of the differences. */
  readonly meanError: number;
  readonly bias: number;
  readonly exact: number;
}

export const countErrors = (pairs: readonly { readonly counted: number; readonly real: number }[]): CountError => {
  const differences = pairs.map(({ counted, real }) => counted - real);
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  return {
    pictures: pairs.length,
    meanError: mean(differences.map(Math.abs)),
    bias: mean(differences),
    exact: differences.filter((one) => one === 0).length,
  };
};

/** Places (fractions) that lie in a box of their own: how many were found, and how many boxes are nobody's. */
export const findPlaces = (
  places: readonly (readonly [number, number])[],
  boxes: readonly Box[],
): { found: number; strange: number } => {
  const left = [...boxes];
  let found = 0;
  for (const [x, y] of places) {
    // The box whose middle is nearest: two people side by side lie in each other's boxes.
    const fitting = left
      .map((box, at) => ({ at, box, distance: Math.hypot(box[0] + box[2] / 2 - x, box[1] + box[3] / 2 - y) }))
      .filter(
        ({ box: [bx, by, width, height] }) =>
          x >= bx - width / 4 && x <= bx + (width * 5) / 4 && y >= by && y <= by + height,
      )
      .sort((a, b) => a.distance - b.distance)[0];
    if (!fitting) continue;
    left.splice(fitting.at, 1);
    found++;
  }
  return { found, strange: left.length };
};
