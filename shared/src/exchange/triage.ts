import type { FastList, TriageRule } from './mapping-schema.js';
import type { ExchangeMessage } from './message.js';

type Dispatch = Extract<ExchangeMessage, { act: 'dispatch' }>;

/** Full-width letters and digits are the same as the others, and so are capitals. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/** The first rule that gives a ticket of theirs back; undefined: it stays here. */
export const triageOf = (rules: readonly TriageRule[], message: Dispatch): TriageRule | undefined => {
  const text = plain(`${message.title}\n${message.text}`);
  const stands = (term: string) => text.includes(plain(term));
  return rules.find(({ categories, words, unless }) => {
    const isMeant = categories.some((code) => message.category.includes(code)) || words.some(stands);
    return isMeant && !unless.some(stands);
  });
};

/** Whether the platform has it on its fast list. */
export const isFast = ({ field, values }: FastList, message: Dispatch): boolean => {
  const value = Object.hasOwn(message.fields, field) ? message.fields[field] : undefined;
  if (values.length > 0) return values.some((one) => one === value);
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
};
