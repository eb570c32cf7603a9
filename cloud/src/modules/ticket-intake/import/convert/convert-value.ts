import type { Label } from '@hallhub/shared';
import { fieldProblem, type TicketField } from '@hallhub/shared/ticket';
import type { ImportFault } from '../tables.js';
import { instantOf, readInstant, readWall } from './parse-time.js';
import type { Found, RowWorld } from './row-world.js';
import { plain } from './targets.js';

export type Converted =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: Omit<ImportFault, 'column'> };

const good = (value: unknown): Converted => ({ ok: true, value });
const wrong = (code: string, detail?: string | Label): Converted => ({
  ok: false,
  fault: { code, ...(detail === undefined ? {} : { detail }) },
});

const yes = new Set(['是', '有', '对', '真', 'yes', 'y', 'true', '1', '√', '✓', '✔']);
const no = new Set(['否', '无', '不', '假', 'no', 'n', 'false', '0', '×', '✗', '✘', 'x']);

/** Digits of any width, with separators of thousands, perhaps its unit. */
export const readNumber = (text: string, unit?: string): number | undefined => {
  let word = text.normalize('NFKC').trim();
  if (unit && word.endsWith(unit)) word = word.slice(0, -unit.length).trim();
  if (/^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(word)) word = word.replaceAll(',', '');
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(word) ? Number(word) : undefined;
};

const choiceOf = (
  field: { readonly choices: readonly { value: string; label: { zh: string; en?: string | undefined } }[] },
  text: string,
) => {
  const word = plain(text);
  const { choices } = field;
  const found =
    choices.find(({ value, label }) => [value, label.zh, label.en ?? ''].some((name) => plain(name) === word)) ??
    // `求助 help`, as the template lists them.
    choices.find(({ value, label }) => plain(`${label.zh} ${label.en ?? value}`) === word);
  return found?.value;
};

/** Blanks are cut off afterwards: a pattern that looks for them on both sides takes seconds for a cell full of them. */
const partsOf = (text: string, by: RegExp): string[] =>
  text
    .split(by)
    .map((part) => part.trim())
    .filter(Boolean);

const named = (type: string, found: Found): Converted => {
  if (found === 'ambiguous') return wrong('ambiguous');
  return found === undefined ? wrong(`no_${type}`) : good(found);
};

/** What may be chosen, as far as somebody reads. */
export const listed = (choices: readonly { readonly label: Label }[]): Label => {
  const few = choices.slice(0, 12).map(({ label }) => label);
  const more = choices.length > 12 ? '…' : '';
  return {
    zh: few.map(({ zh }) => zh).join('、') + more,
    en: few.map(({ zh, en }) => en ?? zh).join(', ') + more,
  };
};

/** The text of a cell that is not blank as a field's value. `zone`: in which times are written. */
export const convertValue = (world: RowWorld, field: TicketField, written: string, zone: string): Converted => {
  const text = written.trim();
  const read = readValue(world, field, text, zone);
  if (!read.ok) return read;
  const problem = fieldProblem(field, read.value);
  if (problem === undefined) return read;
  return wrong(problem, problem === 'too_long' && 'maxLength' in field ? String(field.maxLength) : undefined);
};

const readValue = (world: RowWorld, field: TicketField, text: string, zone: string): Converted => {
  switch (field.type) {
    case 'text':
      return good(partsOf(text, /[\r\n]+/).join(' '));
    case 'longText':
      return good(text.replace(/\r\n?/g, '\n'));
    case 'number':
    case 'satisfaction': {
      const value = readNumber(text, field.type === 'number' ? field.unit : undefined);
      return value === undefined ? wrong(field.type) : good(value);
    }
    case 'money': {
      const value = readNumber(text.normalize('NFKC').replace(/^[¥￥]|元$/g, ''));
      const fen = value === undefined ? Number.NaN : Math.round(value * 100);
      return value === undefined || Math.abs(fen - value * 100) > 1e-6 * Math.max(1, Math.abs(fen))
        ? wrong('money')
        : good(fen);
    }
    case 'yesNo': {
      const word = plain(text);
      return yes.has(word) ? good(true) : no.has(word) ? good(false) : wrong('yesNo');
    }
    case 'choice': {
      const value = choiceOf(field, text);
      return value === undefined ? wrong('choice', listed(field.choices)) : good(value);
    }
    case 'choices': {
      const values = text
        .split(/[、,，;；|/\n]+/)
        .filter((one) => one.trim() !== '')
        .map((one) => choiceOf(field, one));
      return values.includes(undefined) ? wrong('choice', listed(field.choices)) : good([...new Set(values)]);
    }
    case 'category': {
      const path = partsOf(text, /[/／>＞\\]|->|→|»/).join('/');
      const found = world.categories.get(field.tree)?.find(path);
      if (found === 'ambiguous') return wrong('category_ambiguous');
      return found === undefined ? wrong('no_category') : good(found.split('/'));
    }
    case 'date': {
      const wall = readWall(text);
      if (wall === 'ambiguous') return wrong('ambiguous_date');
      return wall === undefined ? wrong('date') : good(wall.date);
    }
    case 'instant': {
      const exact = readInstant(text);
      const wall = exact === undefined ? readWall(text) : undefined;
      if (wall === 'ambiguous') return wrong('ambiguous_date');
      const at = exact ?? (wall && instantOf(wall, zone));
      return at === undefined ? wrong('instant') : good(new Date(at).toISOString());
    }
    case 'phone': {
      const word = text.normalize('NFKC').replace(/[\s()]/g, '');
      return good(/^(?:\+?86)?-?1\d{2}-?\d{4}-?\d{4}$/.test(word) ? word.replace(/\D/g, '').slice(-11) : word);
    }
    case 'identityNumber':
      return good(text.normalize('NFKC').replace(/\s/g, '').toUpperCase());
    case 'place':
      return good({ text: text.replace(/\s+/g, ' ') });
    case 'hall':
      return named('hall', world.hall.find(text));
    case 'office':
      return named('office', world.office.find(text));
    case 'person':
      return named('person', world.person.find(text));
    case 'device':
      return named('device', world.device.find(text));
    case 'files':
    case 'signature':
      return wrong(field.type);
  }
};
