/** Steps that can be come to from some, these among them. */
export const reachSteps = (from: readonly string[], next: (step: string) => readonly string[]): ReadonlySet<string> => {
  const seen = new Set(from);
  const left = [...from];
  for (let step = left.pop(); step !== undefined; step = left.pop()) {
    for (const one of next(step)) {
      if (seen.has(one)) continue;
      seen.add(one);
      left.push(one);
    }
  }
  return seen;
};
