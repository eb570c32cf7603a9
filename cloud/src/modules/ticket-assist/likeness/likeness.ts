/** What two tickets have in common, as far as it is known of both. */
export interface Common {
  readonly sameRequester: boolean;
  /** Between their places. */
  readonly metres: number | undefined;
  readonly sameHall: boolean;
  readonly sameDevice: boolean;
  readonly sameCategory: boolean;
  /** Between their making, either way. */
  readonly hours: number;
  /** 0 to 1, of `wordLikeness`. */
  readonly words: number;
}

export type LikenessReason =
  | { readonly because: 'requester' | 'device' | 'hall' | 'category' }
  | { readonly because: 'place'; readonly metres: number }
  | { readonly because: 'words'; readonly share: number }
  | { readonly because: 'time'; readonly hours: number };

export interface Likeness {
  /** `duplicate`: the same matter said again. `event`: others say it too, of the same place and time. `related`: worth a look. */
  readonly as: 'duplicate' | 'event' | 'related';
  readonly score: number;
  readonly because: readonly LikenessReason[];
}

const nearMetres = 300;
const soonHours = 72;

/**
 * How alike two texts are by their words: the weight of those that both have over the weight of those that either
 * has. `weightOf`: how much a word tells, more for rarer ones.
 */
export const wordLikeness = (
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
  weightOf: (word: string) => number,
): number => {
  let [both, either] = [0, 0];
  for (const word of a) {
    const weight = weightOf(word);
    either += weight;
    if (b.has(word)) both += weight;
  }
  for (const word of b) if (!a.has(word)) either += weightOf(word);
  return either === 0 ? 0 : both / either;
};

/** The same for texts of different length, as a question and an old ticket are: of Ochiai, the cosine of sets. */
export const wordCosine = (
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
  weightOf: (word: string) => number,
): number => {
  const sum = (words: Iterable<string>) => Array.from(words, weightOf).reduce((total, weight) => total + weight, 0);
  const both = sum([...a].filter((word) => b.has(word)));
  return both === 0 ? 0 : Math.min(1, both / Math.sqrt(sum(a) * sum(b)));
};

/** Great circle, WGS-84 taken as a sphere: good to half a percent. */
export const metresBetween = (
  a: { readonly lon: number; readonly lat: number },
  b: { readonly lon: number; readonly lat: number },
): number => {
  const rad = Math.PI / 180;
  const [dLat, dLon] = [((b.lat - a.lat) * rad) / 2, ((b.lon - a.lon) * rad) / 2];
  const h = Math.sin(dLat) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.min(1, Math.sqrt(h)));
};

/** Undefined: too little in common to be shown. */
export const likenessOf = (common: Common): Likeness | undefined => {
  const { sameRequester, metres, sameHall, sameDevice, sameCategory, hours, words } = common;
  const isNear = (metres !== undefined && metres <= nearMetres) || sameDevice;
  const near = sameDevice ? 1 : metres === undefined ? (sameHall ? 0.3 : 0) : Math.max(0, 1 - metres / nearMetres);
  const soon = Math.max(0, 1 - hours / soonHours);
  const score =
    0.3 * Number(sameRequester) +
    0.25 * near +
    0.3 * Math.min(1, words / 0.6) +
    0.1 * soon +
    0.05 * Number(sameCategory);
  const because: LikenessReason[] = [
    ...(sameRequester ? [{ because: 'requester' } as const] : []),
    ...(sameDevice ? [{ because: 'device' } as const] : []),
    ...(metres !== undefined && isNear && !sameDevice
      ? [{ because: 'place', metres: Math.round(metres) } as const]
      : []),
    ...(metres === undefined && sameHall && !sameDevice ? [{ because: 'hall' } as const] : []),
    ...(words >= 0.15 ? [{ because: 'words', share: words } as const] : []),
    ...(sameCategory ? [{ because: 'category' } as const] : []),
    ...(hours <= soonHours ? [{ because: 'time', hours: Math.round(hours) } as const] : []),
  ];
  // Somebody who calls twice may have two matters, and two may say the same of two places.
  const isSameMatter = words >= 0.3 || sameDevice || (sameCategory && isNear);
  if (sameRequester && isSameMatter) return { as: 'duplicate', score, because };
  if (isNear && isSameMatter && hours <= soonHours) return { as: 'event', score, because };
  const isFarOff = metres !== undefined && metres > 10 * nearMetres;
  if (sameRequester || (isNear && (words >= 0.15 || sameCategory)) || (words >= 0.45 && !isFarOff))
    return { as: 'related', score, because };
  return undefined;
};
