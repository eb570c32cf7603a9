export interface Decided {
  readonly confidence: number | null;
  /** True: it was so, whatever came of it. */
  readonly wasSo: boolean;
}

export type Suggestion =
  | {
      readonly minConfidence: number;
      readonly falseGone: number;
      readonly falseAll: number;
      readonly trueKept: number;
      readonly trueAll: number;
    }
  | { readonly none: 'too_few' | 'no_confidence' | 'too_few_false' | 'not_separable'; readonly needed: number };

/** Fewer decisions say nothing. */
export const leastDecided = 30;
const leastFalse = 5;
/** Of what was so, at most this share may be lost… */
const mostLost = 0.03;
/** …and of what was not so, at least this share has to go: else a higher threshold is not worth it. */
const leastGone = 0.25;

/** The threshold that would have kept nearly all that was so and spared the most of what was not. */
export const suggestThreshold = (decided: readonly Decided[]): Suggestion => {
  if (decided.length < leastDecided) return { none: 'too_few', needed: leastDecided - decided.length };
  const known = decided.filter((one): one is Decided & { confidence: number } => one.confidence !== null);
  if (known.length < leastDecided) return { none: 'no_confidence', needed: leastDecided - known.length };
  const right = known.filter(({ wasSo }) => wasSo).map(({ confidence }) => confidence);
  const wrong = known.filter(({ wasSo }) => !wasSo).map(({ confidence }) => confidence);
  if (wrong.length < leastFalse) return { none: 'too_few_false', needed: leastFalse - wrong.length };
  const [rightBelow, wrongBelow] = [belowEach(right), belowEach(wrong)];
  let best: { readonly least: number; readonly lost: number; readonly gone: number } | undefined;
  for (let hundredths = 5; hundredths <= 99; hundredths++) {
    const lost = rightBelow[hundredths] ?? 0;
    if (lost > right.length * mostLost) break;
    const gone = wrongBelow[hundredths] ?? 0;
    // The lowest of equals: it has most room for what was never seen.
    if (gone > (best?.gone ?? 0)) best = { least: hundredths / 100, lost, gone };
  }
  if (!best || best.gone < wrong.length * leastGone) return { none: 'not_separable', needed: 0 };
  return {
    minConfidence: best.least,
    falseGone: best.gone,
    falseAll: wrong.length,
    trueKept: right.length - best.lost,
    trueAll: right.length,
  };
};

/** How many lie below each hundredth, from 0 to 100: the list is read once, whatever is asked of it. */
const belowEach = (all: readonly number[]): number[] => {
  const at = Array.from({ length: 101 }, () => 0);
  for (const confidence of all) {
    let first = Math.min(100, Math.max(0, Math.ceil(confidence * 100)));
    // The lowest hundredth that is above it: 0.29 * 100 is 28.999….
    while (first <= 100 && first / 100 <= confidence) first++;
    while (first > 0 && (first - 1) / 100 > confidence) first--;
    if (first <= 100) at[first] = (at[first] ?? 0) + 1;
  }
  let below = 0;
  return at.map((more) => {
    below += more;
    return below;
  });
};

/** What to set a rule to; null where nothing better is known, or it is set so high already. */
export const advisedThreshold = (rule: {
  readonly minConfidence: number | null;
  readonly suggestion: Suggestion;
}): number | null => {
  if ('none' in rule.suggestion) return null;
  return rule.suggestion.minConfidence > (rule.minConfidence ?? 0) ? rule.suggestion.minConfidence : null;
};

const z95 = 1.959_964;

/** Wilson's score interval, 95 %; Wilson 1927. Null: of nothing nothing is known. */
export const wilsonInterval = (hits: number, of: number): readonly [number, number] | null => {
  if (of === 0) return null;
  const share = hits / of;
  const z2 = z95 * z95;
  const centre = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (z95 / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
};
