import type { TicketKind } from '@hallhub/shared/ticket';

const maxLexemes = 3_000;
const run = /\p{Script=Han}+|[\p{L}\p{N}]+/gu;
const han = /^\p{Script=Han}/u;

/** Chinese as pairs of neighbours (the last character alone too, so that each begins one), other scripts as words. */
const lexemesOf = (text: string): string[] =>
  [...text.normalize('NFKC').toLowerCase().matchAll(run)].flatMap(([word]) => {
    if (!han.test(word)) return splitMixed(word);
    const characters = Array.from(word);
    return characters.map((one, i) => one + (characters[i + 1] ?? ''));
  });

/** `a座` is matched by the second branch as one word: Chinese within it stands by itself. */
const splitMixed = (word: string): string[] => {
  const parts = word.match(/\p{Script=Han}+|\P{Script=Han}+/gu) ?? [];
  return parts.length > 1 ? parts.flatMap(lexemesOf) : [word.slice(0, 60)];
};

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string')
    return value.text;
  return '';
};

/** What a ticket is found by: its number (whole, without its letters, and its serial) and the fields that are searched, never a personal one. */
export const wordsOf = (number: string, kind: TicketKind, fields: Readonly<Record<string, unknown>>): string[] => {
  const digits = number.replace(/^\D+/, '');
  const texts = kind.fields
    .filter((field) => (field.searched || field.key === kind.title) && !field.personal)
    .map(({ key }) => textOf(fields[key]));
  const serial = digits.slice(-kind.numbering.digits);
  return [...new Set([number.toLowerCase(), digits, serial, ...texts.flatMap(lexemesOf)])].slice(0, maxLexemes);
};

/** As `tsquery`; null where there is nothing to look for. All words must be there, in any order. */
export const searchQuery = (typed: string): string | null => {
  const words = typed.normalize('NFKC').toLowerCase().slice(0, 200).matchAll(run);
  const terms = [...words].flatMap(([word]) =>
    (word.match(/\p{Script=Han}+|\P{Script=Han}+/gu) ?? []).flatMap(termsOf),
  );
  // Letters and digits only: nothing in them means anything to the parser within quotes.
  return terms.length === 0 ? null : [...new Set(terms)].slice(0, 40).join(' & ');
};

const termsOf = (word: string): string[] => {
  if (!han.test(word)) return [`'${word.slice(0, 60)}':*`];
  const characters = Array.from(word);
  if (characters.length === 1) return [`'${word}':*`];
  return characters.slice(0, -1).map((one, i) => `'${one}${characters[i + 1]}'`);
};
