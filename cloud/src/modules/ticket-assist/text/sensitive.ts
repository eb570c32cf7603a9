/** What a word is about; what is none of these is `other`. */
export const sensitiveClasses = [
  ...(['stability', 'politics', 'safety', 'violence', 'porn', 'gambling_drugs', 'fraud', 'abuse', 'privacy'] as const),
  'other',
] as const;
export type SensitiveClass = (typeof sensitiveClasses)[number];

/** A word of the organisation's list. */
export interface SensitiveWord {
  readonly word: string;
  readonly level: 'note' | 'urgent';
  readonly class: SensitiveClass;
}
export interface SensitiveHit extends SensitiveWord {
  /** Place in the text, UTF-16 units; what lies between may hold signs that were to hide the word. */
  readonly from: number;
  readonly to: number;
}

interface Node {
  readonly next: Map<string, Node>;
  fail: Node | undefined;
  readonly words: SensitiveWord[];
}
const node = (): Node => ({ next: new Map(), fail: undefined, words: [] });
const isKept = (sign: string): boolean => /[\p{Letter}\p{Number}]/u.test(sign);

/** Letters alone, of one width and case, each with its place: 自 焚 and 自*焚 are found as well as 自焚. */
const letters = (text: string): { readonly sign: string; readonly from: number; readonly to: number }[] => {
  const all: { sign: string; from: number; to: number }[] = [];
  let at = 0;
  for (const sign of text) {
    const to = at + sign.length;
    for (const one of sign.normalize('NFKC').toLowerCase()) if (isKept(one)) all.push({ sign: one, from: at, to });
    at = to;
  }
  return all;
};

/** Finds words of a list in texts, all in one pass over each text (Aho and Corasick, 1975). */
export class SensitiveWords {
  readonly #root = node();

  constructor(words: readonly SensitiveWord[]) {
    for (const word of words) this.#add(word);
    const queue = [...this.#root.next.values()];
    for (const first of queue) first.fail = this.#root;
    for (let one = queue.shift(); one; one = queue.shift()) {
      for (const [sign, child] of one.next) {
        let fail = one.fail;
        while (fail && !fail.next.has(sign)) fail = fail.fail;
        child.fail = fail?.next.get(sign) ?? this.#root;
        child.words.push(...child.fail.words);
        queue.push(child);
      }
    }
  }

  /** By their place; at most `most`. */
  find(text: string, most = 50): SensitiveHit[] {
    const hits: SensitiveHit[] = [];
    const signs = letters(text);
    let at: Node = this.#root;
    for (const [i, { sign, to }] of signs.entries()) {
      while (at !== this.#root && !at.next.has(sign)) at = at.fail ?? this.#root;
      at = at.next.get(sign) ?? this.#root;
      for (const word of at.words) {
        const from = signs[i - letters(word.word).length + 1]?.from ?? 0;
        hits.push({ ...word, from, to });
        if (hits.length >= most) return hits;
      }
    }
    return hits;
  }

  #add(word: SensitiveWord): void {
    const signs = letters(word.word);
    if (signs.length === 0) return;
    let at = this.#root;
    for (const { sign } of signs) {
      const next = at.next.get(sign) ?? node();
      at.next.set(sign, next);
      at = next;
    }
    at.words.push(word);
  }
}
