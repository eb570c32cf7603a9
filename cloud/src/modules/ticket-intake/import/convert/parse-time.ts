import { HallClock } from '@hallhub/shared/hall-time';
import { serialText } from '../read/sheet-dates.js';

export interface Wall {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Seconds since midnight; undefined where none is said. */
  readonly seconds?: number;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const two = (n: number): string => String(n).padStart(2, '0');

const dateOf = (year: number, month: number, day: number): string | undefined => {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1900 && year <= 9999;
  return isReal ? `${year}-${two(month)}-${two(day)}` : undefined;
};

/** 5/6/2026 is said differently by different people: taken only where it can mean one day. */
const slashed = (a: number, b: number, year: number): string | 'ambiguous' | undefined => {
  if (a === b) return dateOf(year, a, b);
  if (a > 12) return dateOf(year, b, a);
  return b > 12 ? dateOf(year, a, b) : 'ambiguous';
};

const readDate = (text: string): { readonly date: string | 'ambiguous' | undefined; readonly rest: string } => {
  const forms: readonly (readonly [RegExp, (...parts: string[]) => string | 'ambiguous' | undefined])[] = [
    [/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?/, (y, m, d) => dateOf(Number(y), Number(m), Number(d))],
    [/^(\d{4})(\d{2})(\d{2})(?!\d)/, (y, m, d) => dateOf(Number(y), Number(m), Number(d))],
    [/^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})/, (a, b, y) => slashed(Number(a), Number(b), Number(y))],
    [
      /^(\d{1,2})[ -]([a-z]{3})[a-z]*[ ,-]+(\d{4})/,
      (d, m, y) => dateOf(Number(y), months.indexOf(m ?? '') + 1, Number(d)),
    ],
    [/^([a-z]{3})[a-z]* (\d{1,2}),? (\d{4})/, (m, d, y) => dateOf(Number(y), months.indexOf(m ?? '') + 1, Number(d))],
  ];
  for (const [form, make] of forms) {
    const found = form.exec(text);
    if (found) return { date: make(...found.slice(1)), rest: text.slice(found[0].length).replace(/^[t ]+/, '') };
  }
  return { date: undefined, rest: '' };
};

const time =
  /^(上午|下午|早上|晚上|中午|am|pm)?\s*(\d{1,2})(?:[:时点](\d{1,2})?(?:[:分](\d{1,2})?秒?)?分?|(?=\s*(?:am|pm)))(?:\.\d+)?\s*(am|pm)?$/;

const readTime = (text: string): number | undefined => {
  const half = text === '' ? undefined : /^(.*点)半$/.exec(text);
  const found = time.exec(half ? `${half[1]}30` : text);
  if (!found) return undefined;
  const [, before, hourText, minuteText = '0', secondText = '0', after] = found;
  const word = before ?? after;
  let hour = Number(hourText);
  const [minute, second] = [Number(minuteText), Number(secondText)];
  if (word !== undefined && hour > 12) return undefined;
  if ((word === 'pm' || word === '下午' || word === '晚上') && hour < 12) hour += 12;
  if ((word === 'am' || word === '上午') && hour === 12) hour = 0;
  return hour < 24 && minute < 60 && second < 60 ? hour * 3_600 + minute * 60 + second : undefined;
};

/** A date, perhaps with a time, as people and sheets write them; `ambiguous` where it may mean two days. */
export const readWall = (written: string): Wall | 'ambiguous' | undefined => {
  const text = written.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  if (/^\d{5}(?:\.\d+)?$/.test(text)) {
    const serial = Number(text);
    const asText = serial >= 20_000 && serial < 80_000 ? serialText(serial, false) : undefined;
    return asText === undefined ? undefined : readWall(asText);
  }
  const { date, rest } = readDate(text);
  if (date === undefined || date === 'ambiguous') return date;
  if (rest === '') return { date };
  const seconds = readTime(rest);
  return seconds === undefined ? undefined : { date, seconds };
};

/** The instant at which clocks of a zone show it; undefined where they never do. Of two the earlier. */
export const instantOf = ({ date, seconds = 0 }: Wall, zone: string): number | undefined => {
  const wanted = Date.parse(`${date}T00:00:00Z`) + seconds * 1_000;
  const clock = new HallClock(zone);
  const shown = (at: number): number => {
    const { year, month, day, minute } = clock.at(at);
    return Date.UTC(year, month - 1, day) + minute * 60_000 + (((at % 60_000) + 60_000) % 60_000);
  };
  const dayMs = 86_400_000;
  const found = [wanted - dayMs, wanted + dayMs]
    .map((near) => wanted - (shown(near) - near))
    .filter((at) => shown(at) === wanted);
  return found.length === 0 ? undefined : Math.min(...found);
};

/** With its own offset: exactly one instant. */
export const readInstant = (text: string): number | undefined => {
  const isExact = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text.trim());
  const at = isExact ? Date.parse(text.trim()) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};
