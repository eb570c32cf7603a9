/** JSON deeper than this is nobody's data: it would overflow the stack of whatever walks it. */
export const maxNesting = 64;

/** Is a parsed JSON value nested deeper than `levels` of arrays and objects? Itself never goes deeper than that. */
export const isNestedDeeper = (value: unknown, levels = maxNesting): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1)));
