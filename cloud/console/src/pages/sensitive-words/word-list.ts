export const levels = ['urgent', 'note'] as const;
export type Level = (typeof levels)[number];
export interface Word {
  readonly word: string;
  readonly level: Level;
}
export const mostWords = 5_000;
export const longestWord = 40;

export interface WordFault {
  readonly line: number;
  readonly why: 'long' | 'level' | 'many';
  readonly about: string;
}
export interface WordsRead {
  readonly words: Word[];
  readonly added: number;
  readonly changed: number;
  readonly faults: WordFault[];
}

const urgent = /^(urgent|紧急|高|重点)$/i;
const note = /^(note|提示|一般|低)$/i;
const head = /^(word|词|敏感词)$/i;

/** Lines of a sheet, or one word a line, laid over a list: a word that is there gets the new level. */
export const readWords = (known: readonly Word[], text: string, level: Level): WordsRead => {
  const byWord = new Map(known.map((one) => [one.word, one]));
  const faults: WordFault[] = [];
  let [added, changed] = [0, 0];
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const [word = '', said = ''] = line.split(/[\t,，;；]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (word === '' || (i === 0 && head.test(word))) continue;
    const its = said === '' ? level : urgent.test(said) ? 'urgent' : note.test(said) ? 'note' : undefined;
    const before = byWord.get(word);
    if (word.length > longestWord) faults.push({ line: i + 1, why: 'long', about: word.slice(0, 20) });
    else if (its === undefined) faults.push({ line: i + 1, why: 'level', about: said });
    else if (!before && byWord.size >= mostWords) faults.push({ line: i + 1, why: 'many', about: word });
    else {
      if (!before) added += 1;
      else if (before.level !== its) changed += 1;
      byWord.set(word, { word, level: its });
    }
  }
  return { words: [...byWord.values()], added, changed, faults };
};

export interface Piece {
  readonly text: string;
  readonly level: Level | null;
}

/** A text in pieces, those that are warned of marked; where words overlap the stronger counts. */
export const piecesOf = (text: string, hits: readonly { from: number; to: number; level: Level }[]): Piece[] => {
  const marks: (Level | null)[] = Array.from({ length: text.length }, () => null);
  for (const { from, to, level } of hits)
    for (let i = from; i < Math.min(to, text.length); i++) if (marks[i] !== 'urgent') marks[i] = level;
  const pieces: Piece[] = [];
  for (let from = 0; from < text.length; ) {
    let to = from + 1;
    while (to < text.length && marks[to] === marks[from]) to += 1;
    pieces.push({ text: text.slice(from, to), level: marks[from] ?? null });
    from = to;
  }
  return pieces;
};
