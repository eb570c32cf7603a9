import { compareVersions, inVersionRange } from '../version-range.js';

/** Every combination of ranges that some firmware lies in, each once, with a firmware that shows it. */
export function firmwareSets(ranges: readonly string[]): { firmware: string; fits: number[] }[] {
  const sets = new Map<string, { firmware: string; fits: number[] }>();
  for (const firmware of samples(ranges)) {
    const fits = ranges.flatMap((range, index) => (inVersionRange(firmware, range) ? [index] : []));
    const key = fits.join(',');
    if (!sets.has(key)) sets.set(key, { firmware, fits });
  }
  return [...sets.values()];
}

/** Each bound, and something just above it: between two neighbouring bounds nothing changes. */
function samples(ranges: readonly string[]): string[] {
  const bounds = ranges.flatMap((range) => range.match(/\d+(?:\.\d+)*/g) ?? []);
  const sorted = [...new Set(['0', ...bounds])].sort(compareVersions);
  return sorted.flatMap((bound) => [bound, `${bound}${'.0'.repeat(Math.max(0, 4 - bound.split('.').length))}.1`]);
}
