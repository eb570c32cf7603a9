const comparator = /^(>=|<=|>|<|=)?v?(\d+(?:\.\d+){0,3})$/;

/** True for comparisons joined by blanks: `>=1.2 <2`. */
export function isVersionRange(range: string): boolean {
  const parts = range.trim().split(/\s+/);
  return parts.every((part) => comparator.test(part));
}

/**
 * Compares versions number by number: 1.10 is newer than 1.9, missing parts are 0. Letters around the numbers
 * (`V1.2.3-build7`, `FW 2.01`) are passed over: vendors write versions in many ways.
 */
export function compareVersions(a: string, b: string): number {
  const left = numbers(a);
  const right = numbers(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** True where the version lies in the range. A version without numbers lies in no range. */
export function inVersionRange(version: string, range: string): boolean {
  if (numbers(version).length === 0) return false;
  return range
    .trim()
    .split(/\s+/)
    .every((part) => {
      const [, operator = '=', bound = ''] = comparator.exec(part) ?? [];
      const order = compareVersions(version, bound);
      switch (operator) {
        case '>=':
          return order >= 0;
        case '<=':
          return order <= 0;
        case '>':
          return order > 0;
        case '<':
          return order < 0;
        default:
          return order === 0;
      }
    });
}

function numbers(version: string): number[] {
  const dotted = /\d+(?:\.\d+)*/.exec(version)?.[0];
  return dotted === undefined ? [] : dotted.split('.').map(Number);
}
