export interface ChartPoint {
  atMs: number;
  value: number;
  min?: number | null;
  max?: number | null;
}

export interface ChartGap {
  fromMs: number;
  toMs: number;
}

/** `[time, value]` pairs with a null inside every gap, so that no line is drawn where nothing was measured. */
export function toPairs(
  points: ChartPoint[],
  gaps: ChartGap[],
  pick: (point: ChartPoint) => number | null,
): [number, number | null][] {
  const breaks: [number, number | null][] = gaps.map((gap) => [gap.fromMs + 1, null]);
  return [...points.map((point): [number, number | null] => [point.atMs, pick(point)]), ...breaks].sort(
    (a, b) => a[0] - b[0],
  );
}
