import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import { labelsOf as categoryLabels } from '../categories/category-book.js';
import type { PartyBook } from '../offices/party-book.js';
import { type Lessons, type Suggestion, suggest } from './classify/classifier.js';
import type { Suggestions } from './contract.js';
import { purposeOf } from './learn/what-it-says.js';

const learned = ({ confidence, because, learnedFrom }: Suggestion) => ({
  ...{ confidence, learnedFrom },
  because: because.map(({ word, share }) => ({ word, share })),
});

/** 城市管理/路灯. */
export const pathLabel = (names: ReadonlyMap<string, Label>, path: readonly string[]): Label | undefined => {
  const labels = path.map((code) => names.get(code));
  if (labels.some((label) => label === undefined)) return undefined;
  const join = (language: 'zh' | 'en') => labels.map((label) => label?.[language] ?? label?.zh).join(' / ');
  return { zh: join('zh'), en: join('en') };
};

/** Less than this is said by nobody who would be listened to. */
const leastConfidence = 0.1;
const likely = (lessons: Lessons | undefined, words: readonly string[]): Suggestion[] =>
  lessons ? suggest(lessons, words).filter(({ confidence }) => confidence >= leastConfidence) : [];

export const purposesOf = (kind: TicketKind): string[] => [
  ...new Set(kind.fields.map((field) => purposeOf(kind, field)).filter((purpose) => purpose !== undefined)),
  ...['office', `level:${kind.code}`, 'words'],
];

/** What fields, level and office are likely to be. What the organisation no longer has is left out. */
export const suggestLabels = async (
  tx: Tx,
  tenantId: string,
  about: {
    readonly kind: TicketKind;
    readonly words: readonly string[];
    readonly lessons: ReadonlyMap<string, Lessons>;
    readonly book: PartyBook;
  },
): Promise<Pick<Suggestions, 'fields' | 'levels' | 'offices'>> => {
  const { kind, words, lessons, book } = about;
  const fields: Suggestions['fields'] = [];
  for (const field of kind.fields) {
    const purpose = purposeOf(kind, field);
    if (purpose === undefined) continue;
    const names = field.type === 'category' ? await categoryLabels(tx, tenantId, field.tree) : undefined;
    const suggestions = likely(lessons.get(purpose), words).flatMap(
      (one): Suggestions['fields'][number]['suggestions'] => {
        if (field.type === 'choice') {
          const choice = field.choices.find(({ value }) => value === one.label);
          return choice ? [{ value: one.label, label: choice.label, ...learned(one) }] : [];
        }
        const label = names && pathLabel(names, one.label.split('/'));
        return label ? [{ value: one.label.split('/'), label, ...learned(one) }] : [];
      },
    );
    if (suggestions.length > 0) fields.push({ field: field.key, suggestions });
  }
  const levels = likely(lessons.get(`level:${kind.code}`), words).flatMap((one) => {
    const level = kind.levels.find(({ id }) => id === one.label);
    return level ? [{ level: level.id, label: level.label, ...learned(one) }] : [];
  });
  const offices = likely(lessons.get('office'), words).flatMap((one) => {
    const name = book.nameOf({ kind: 'office', id: one.label });
    return name ? [{ officeId: one.label, name, ...learned(one) }] : [];
  });
  return { fields, levels, offices };
};
