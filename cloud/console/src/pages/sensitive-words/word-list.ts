import type { SensitiveClass } from '../../api/sensitive-words.js';

export const levels = ['urgent', 'note'] as const;
export type Level = (typeof levels)[number];
export interface Word {
  readonly word: string;
  readonly level: Level;
  readonly class: SensitiveClass;
}
export const mostWords = 5_000;
export const longestWord = 40;

export interface WordFault {
  readonly line: number;
  readonly why: 'long' | 'cell' | 'many';
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

/** As they stand in a sheet, of ours or of another's. */
const classWords: Readonly<Record<SensitiveClass, RegExp>> = {
  stability: /^(stability|涉稳|维稳|群体(性)?事件|信访)$/i,
  politics: /^(politics|涉政|政治)$/i,
  safety: /^(safety|danger to life|人身安全|自伤|自杀|生命安全)$/i,
  violence: /^(violence|涉恐涉暴|涉暴|涉恐|暴恐|暴力)$/i,
  porn: /^(porn|pornography|涉黄|色情)$/i,
  gambling_drugs: /^(gambling_drugs|gambling, drugs|涉赌涉毒|涉赌|涉毒|赌博|毒品)$/i,
  fraud: /^(fraud|涉诈|诈骗)$/i,
  abuse: /^(abuse|辱骂|谩骂|脏话)$/i,
  privacy: /^(privacy|隐私|个人信息)$/i,
  other: /^(other|其他|其它)$/i,
};
const classOf = (cell: string): SensitiveClass | undefined =>
  (Object.keys(classWords) as SensitiveClass[]).find((one) => classWords[one].test(cell));
const levelOf = (cell: string): Level | undefined =>
  urgent.test(cell) ? 'urgent' : note.test(cell) ? 'note' : undefined;

const splitLine = (line: string): string[] =>
  [...line.matchAll(/(?:^|[\t,，;；])[ ]*(?:"((?:[^"]|"")*)"[ ]*(?=[\t,，;；]|$)|([^\t,，;；]*))/g)].map(
    ([, quoted, bare]) => (quoted?.replaceAll('""', '"') ?? bare ?? '').trim(),
  );

/**
 * Lines of a sheet, or one word a line, laid over a list: a word that is there gets the new level and class. Beside the word stand its
 * level and its class, in either order; what is not said is as `given`.
 */
export const readWords = (known: readonly Word[], text: string, given: Omit<Word, 'word'>): WordsRead => {
  const byWord = new Map(known.map((one) => [one.word, one]));
  const faults: WordFault[] = [];
  let [added, changed] = [0, 0];
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const [word = '', ...cells] = splitLine(line);
    if (word === '' || (i === 0 && head.test(word))) continue;
    const said = cells.filter((cell) => cell !== '').slice(0, 2);
    const strange = said.find((cell) => levelOf(cell) === undefined && classOf(cell) === undefined);
    const before = byWord.get(word);
    const level = said.map(levelOf).find((one) => one !== undefined) ?? given.level;
    const its = said.map(classOf).find((one) => one !== undefined) ?? given.class;
    if (word.length > longestWord) faults.push({ line: i + 1, why: 'long', about: word.slice(0, 20) });
    else if (strange !== undefined) faults.push({ line: i + 1, why: 'cell', about: strange.slice(0, 20) });
    else if (!before && byWord.size >= mostWords) faults.push({ line: i + 1, why: 'many', about: word });
    else {
      if (!before) added += 1;
      else if (before.level !== level || before.class !== its) changed += 1;
      byWord.set(word, { word, level, class: its });
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
