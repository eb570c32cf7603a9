import { isEmptyValue } from './check-field.js';
import type { TicketField } from './field-schema.js';

type Texts = Extract<TicketField, { type: 'text' | 'longText' }>;
const isText = (field: TicketField): field is Texts => field.type === 'text' || field.type === 'longText';
/** What reads as it is. */
const told: ReadonlySet<TicketField['type']> = new Set(['phone', 'identityNumber', 'date', 'choice', 'place']);

const valuesOf = (field: TicketField): readonly string[] =>
  field.type === 'choice' || field.type === 'choices' ? field.choices.map(({ value }) => value) : [];

/** Whether one field's values may stand in another: `cut` where a long text may lose its end. */
export const fillable = (from: TicketField, to: TicketField): 'yes' | 'cut' | 'no' => {
  if (isText(from) && isText(to)) return from.maxLength > to.maxLength ? 'cut' : 'yes';
  if (isText(to)) return told.has(from.type) ? 'yes' : 'no';
  if (from.type === 'choice' && to.type === 'choices') return isAmong(from, to);
  if (from.type !== to.type || from.type === 'signature') return 'no';
  if (from.type === 'category' && to.type === 'category') return from.tree === to.tree ? 'yes' : 'no';
  return isAmong(from, to);
};

const isAmong = (from: TicketField, to: TicketField): 'yes' | 'no' => {
  const known = valuesOf(to);
  return valuesOf(from).every((value) => known.includes(value)) ? 'yes' : 'no';
};

const asText = (from: TicketField | undefined, value: unknown): unknown => {
  if (typeof value === 'object' && value !== null && 'text' in value) return value.text;
  if (from?.type === 'choice') return from.choices.find((one) => one.value === value)?.label.zh ?? value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
};

const cut = (text: string, most: number): string => {
  // A pair of UTF-16 units is one letter: it is never halved.
  const end = /[\uD800-\uDBFF]/.test(text[most - 2] ?? '') ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
};

/** A value as the other field takes it; undefined: there is none. Whether it fits, `fieldProblem` says. */
export const filledWith = (to: TicketField, value: unknown, from?: TicketField): unknown => {
  if (isEmptyValue(value)) return undefined;
  if (to.type === 'choices' && typeof value === 'string') return [value];
  if (!isText(to)) return value;
  const text = asText(from, value);
  if (typeof text !== 'string') return text;
  const lines = to.type === 'text' ? text.replace(/\s*[\n\r]+\s*/g, ' ').trim() : text;
  return lines.length > to.maxLength ? cut(lines, to.maxLength) : lines;
};
