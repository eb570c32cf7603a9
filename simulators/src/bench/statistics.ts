/** The value below which the share `q` (0 to 1) of the sorted values lies (nearest rank). NaN for none. */
export const quantile = (values: readonly number[], q: number): number => {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] as number;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);
