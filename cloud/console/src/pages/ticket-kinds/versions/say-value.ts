import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';

/** The reader's words for what a kind holds by its code. */
export interface ValueWords {
  label: (of: Label) => string;
  /** A word of the message file, or the code itself where there is none. */
  word: (group: 'moment' | 'mark' | 'party' | 'notice.onOf', code: string) => string;
  span: (minutes: number) => string;
  office: (code: string) => string;
  calendar: (code: string) => string;
  list: (all: readonly string[]) => string;
  /** A condition, as it is written, before what holds then. */
  when: (condition: string) => string;
}

type Of = Pick<TicketKind, 'steps' | 'states' | 'fields' | 'clocks'>;
type Bag = Readonly<Record<string, unknown>>;

const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value);
const isLabel = (value: Bag): value is Bag & Label => typeof value.zh === 'string';

/** A code as people know it: of a step, a state or a field; else as it is. */
const named = (code: string, { steps, states, fields, clocks }: Of, { label, word }: ValueWords): string => {
  const found =
    steps.find(({ id }) => id === code) ??
    states.find(({ id }) => id === code) ??
    clocks.find(({ id }) => id === code) ??
    fields.find(({ key }) => key === code);
  return found ? label(found.label) : word('mark', code);
};

/** What stands in each place, in the order in which it is said; a condition as it is written. */
const parts: readonly [string, (value: unknown, kind: Of, words: ValueWords) => string | undefined][] = [
  ['when', (value, _, { when }) => when(String(value))],
  ['on', (value, _, { word }) => word('notice.onOf', String(value))],
  ['at', (value, _, { word }) => word('moment', String(value))],
  ['kind', (value, _, { word }) => word('party', String(value))],
  ['afterMinutes', (value, _, { span }) => `${Number(value) < 0 ? '−' : '+'}${span(Math.abs(Number(value)))}`],
  ['minutes', (value, _, { span }) => span(Number(value))],
  ['calendar', (value, _, { calendar }) => calendar(String(value))],
  ['step', (value, kind, words) => named(String(value), kind, words)],
  ['clock', (value, kind, words) => named(String(value), kind, words)],
  ['field', (value, kind, words) => named(String(value), kind, words)],
  ['mark', (value, kind, words) => named(String(value), kind, words)],
  ['code', (value, _, { office }) => office(String(value))],
  ['to', (value, kind, words) => sayValue(value, kind, words)],
  ['who', (value, kind, words) => sayValue(value, kind, words)],
];

/** A value of a kind as people say it; undefined: it has a shape that only the document itself tells. */
export const sayValue = (value: unknown, kind: Of, words: ValueWords): string | undefined => {
  if (typeof value === 'string') return named(value, kind, words);
  if (Array.isArray(value)) {
    const all = value.map((one) => sayValue(one, kind, words));
    return all.includes(undefined) ? undefined : words.list(all as string[]);
  }
  if (!isBag(value)) return undefined;
  if (isLabel(value)) return words.label(value);
  const said = parts.flatMap(([key, say]) => (key in value ? [say(value[key], kind, words)] : []));
  const isWhole = Object.keys(value).every((key) => parts.some(([part]) => part === key));
  return isWhole && said.length > 0 && !said.includes(undefined) ? said.join(' ') : undefined;
};
