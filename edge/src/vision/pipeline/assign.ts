/**
 * Pairs rows with columns so that the sum of their gains is greatest, leaving out pairs whose gain is under `least`:
 * the Hungarian method with potentials (Kuhn, Munkres), O(rows^2 * columns). Returns [row, column] pairs.
 */
export const assign = (
  gains: readonly (readonly number[])[],
  columns: number,
  least: number,
): readonly (readonly [number, number])[] => {
  const rows = gains.length;
  if (rows === 0 || columns === 0) return [];
  // A pair that may not be costs as much as none: a dummy column for each row keeps the rest from being bent around it.
  const width = columns + rows;
  const cost = (row: number, column: number): number => {
    const gain = column < columns ? ((gains[row] as readonly number[])[column] as number) : 0;
    return gain >= least && column < columns ? -gain : 0;
  };
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(width + 1);
  const rowOf = new Int32Array(width + 1);
  const way = new Int32Array(width + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    let column = 0;
    const shortest = new Float64Array(width + 1).fill(Number.POSITIVE_INFINITY);
    const isUsed = new Uint8Array(width + 1);
    do {
      isUsed[column] = 1;
      const from = rowOf[column] as number;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let to = 1; to <= width; to++) {
        if (isUsed[to]) continue;
        const reduced = cost(from - 1, to - 1) - (rowPotential[from] as number) - (columnPotential[to] as number);
        if (reduced < (shortest[to] as number)) {
          shortest[to] = reduced;
          way[to] = column;
        }
        if ((shortest[to] as number) < delta) {
          delta = shortest[to] as number;
          next = to;
        }
      }
      for (let to = 0; to <= width; to++) {
        if (isUsed[to]) {
          rowPotential[rowOf[to] as number]! += delta;
          columnPotential[to]! -= delta;
        } else shortest[to]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    do {
      const before = way[column] as number;
      rowOf[column] = rowOf[before] as number;
      column = before;
    } while (column !== 0);
  }
  const pairs: (readonly [number, number])[] = [];
  for (let column = 1; column <= columns; column++) {
    const row = (rowOf[column] as number) - 1;
    if (row >= 0 && ((gains[row] as readonly number[])[column - 1] as number) >= least) pairs.push([row, column - 1]);
  }
  return pairs;
};
