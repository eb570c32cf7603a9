/** What was learned, as far as the words of one text need it. Counts are of tickets, not of repeats in one of them. */
export interface Lessons {
  /** Tickets by label. */
  readonly tickets: ReadonlyMap<string, number>;
  /** Sum over all words of the label. */
  readonly words: ReadonlyMap<string, number>;
  /** Different words ever seen. */
  readonly vocabulary: number;
  /** By word, then by label. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface Suggestion {
  readonly label: string;
  /** 0 to 1; of all labels together less than 1 by what few tickets cannot know. How often such a one is right is measured: docs/benchmarks.md. */
  readonly confidence: number;
  /** The words that speak for it against the others, the strongest first. */
  readonly because: readonly { readonly word: string; readonly share: number }[];
  /** Tickets that it was learned from. */
  readonly learnedFrom: number;
}

/** A label seen once is a chance, no experience. */
const leastTickets = 2;
/** Where all tickets were the same, nothing was learned to tell apart. */
const leastLabels = 2;
/** With so many tickets a label half of the certainty is left; with ten times as many, nearly all. */
const halfSure = 2;
/** Of Lidstone; small, since tickets are short and vocabularies large. */
const smoothing = 0.1;
const mostReasons = 5;

/**
 * Which label a text is likely to have: naive Bayes over the words of tickets that people closed. Words of one
 * text lean on each other, so that the plain product is far too sure of itself: the sum of logarithms is divided by
 * the root of the number of words, which keeps the order and makes the figure mean something.
 */
export const suggest = (lessons: Lessons, words: readonly string[], most = 3): Suggestion[] => {
  const own = [...new Set(words)].filter((word) => lessons.counts.has(word));
  // In one order, so that the same lessons give the same figures to the last digit.
  const labels = [...lessons.tickets].filter(([, n]) => n >= leastTickets).sort(([a], [b]) => (a < b ? -1 : 1));
  if (own.length === 0 || labels.length < leastLabels) return [];
  const all = labels.reduce((sum, [, n]) => sum + n, 0);
  const weightOf = (word: string, label: string): number =>
    Math.log((lessons.counts.get(word)?.get(label) ?? 0) + smoothing) -
    Math.log((lessons.words.get(label) ?? 0) + smoothing * lessons.vocabulary);
  const trust = 1 / (1 + ((halfSure * labels.length) / all) ** 2);
  const temper = Math.sqrt(own.length);
  const scored = labels.map(([label, n]) => ({
    label,
    n,
    score: (Math.log(n / all) + own.reduce((sum, word) => sum + weightOf(word, label), 0)) / temper,
  }));
  const top = Math.max(...scored.map(({ score }) => score));
  const sum = scored.reduce((total, { score }) => total + Math.exp(score - top), 0);
  const meanOf = (word: string): number =>
    labels.reduce((total, [label]) => total + weightOf(word, label), 0) / labels.length;
  return scored
    .sort((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1))
    .slice(0, most)
    .flatMap(({ label, n, score }) => {
      const speaks = own
        .map((word) => ({ word, weight: weightOf(word, label) - meanOf(word) }))
        .filter(({ word, weight }) => weight > 0 && (lessons.counts.get(word)?.get(label) ?? 0) > 0);
      // Only that it is frequent is no reason that anybody could check.
      if (speaks.length === 0) return [];
      const weights = speaks.reduce((total, { weight }) => total + weight, 0);
      return {
        label,
        confidence: (trust * Math.exp(score - top)) / sum,
        because: speaks
          .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
          .slice(0, mostReasons)
          .map(({ word, weight }) => ({ word, share: weight / weights })),
        learnedFrom: n,
      };
    });
};

/** Lessons in memory: for measuring, and as the model of what the tables do. */
export class LessonBook {
  readonly tickets = new Map<string, number>();
  readonly words = new Map<string, number>();
  readonly counts = new Map<string, Map<string, number>>();

  get vocabulary(): number {
    return this.counts.size;
  }

  learn(label: string, words: readonly string[], times: 1 | -1 = 1): void {
    add(this.tickets, label, times);
    for (const word of new Set(words)) {
      add(this.words, label, times);
      const labels = this.counts.get(word) ?? new Map<string, number>();
      add(labels, label, times);
      if (labels.size > 0) this.counts.set(word, labels);
      else this.counts.delete(word);
    }
  }

  forget(label: string, words: readonly string[]): void {
    this.learn(label, words, -1);
  }
}

const add = (counts: Map<string, number>, key: string, n: number): void => {
  const after = (counts.get(key) ?? 0) + n;
  if (after > 0) counts.set(key, after);
  else counts.delete(key);
};
