import { pageZone } from './page-zone.js';

type TimeInput = string | number | Date;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

function locale(language: string): string {
  return language === 'en' ? 'en' : 'zh-CN';
}

/** Chinese puts a thin gap between figures and words: `3分钟前` → `3 分钟前`. */
export function airy(text: string): string {
  return text.replace(/(\d)(\p{Script=Han})/gu, '$1 $2').replace(/(\p{Script=Han})(\d)/gu, '$1 $2');
}

const relativeFormats = new Map<string, Intl.RelativeTimeFormat>();

function relativeFormat(language: string): Intl.RelativeTimeFormat {
  let found = relativeFormats.get(language);
  if (!found) {
    found = new Intl.RelativeTimeFormat(locale(language), { numeric: 'always', style: 'short' });
    relativeFormats.set(language, found);
  }
  return found;
}

/** `3 分钟前`, `in 2 hours`. Under ten seconds either way it is "now" and the caller's word is used. */
export function formatRelative(time: TimeInput, now: number, language: string, nowWord: string): string {
  const delta = new Date(time).getTime() - now;
  const size = Math.abs(delta);
  if (size < 10 * second) return nowWord;
  const sign = Math.sign(delta);
  // What is to come is rounded: a term of 90 days that was just set ends in 3 months, not in 2.
  const whole = sign > 0 ? Math.round : Math.floor;
  const say = (unitMs: number, unit: Intl.RelativeTimeFormatUnit) =>
    airy(relativeFormat(language).format(sign * whole(size / unitMs), unit));
  if (size < minute) return say(second, 'second');
  if (size < hour) return say(minute, 'minute');
  if (size < day) return say(hour, 'hour');
  if (size < 60 * day) return say(day, 'day');
  if (size < 730 * day) return say(30.4 * day, 'month');
  return say(365.25 * day, 'year');
}

/** How long until the relative form of a time changes, for a clock that ticks no more than it must. */
export function relativeTickMs(time: TimeInput, now: number): number {
  const size = Math.abs(new Date(time).getTime() - now);
  if (size < minute) return 5 * second;
  return size < hour ? 30 * second : 5 * minute;
}

/** `2026-11-21 08:15:30 (Asia/Shanghai)`: unambiguous, sortable by eye, with its zone. */
export function formatExact(time: TimeInput, zone = pageZone()): string {
  return `${formatStamp(time, zone)} (${zone})`;
}

/** `2026-11-21 08:15:30` in the zone, the page's where none is given. */
export function formatStamp(time: TimeInput, zone = pageZone()): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(time));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}:${of('second')}`;
}

/** Clock time for today, with the date when it is another day. */
export function formatClock(time: TimeInput, now: number, zone?: string): string {
  const stamp = formatStamp(time, zone);
  return stamp.slice(0, 10) === formatStamp(now, zone).slice(0, 10) ? stamp.slice(11) : stamp.slice(5);
}

interface DurationWords {
  unit: 'day' | 'hour' | 'minute' | 'second' | 'millisecond';
  ms: number;
}

const durationSteps: DurationWords[] = [
  { unit: 'day', ms: day },
  { unit: 'hour', ms: hour },
  { unit: 'minute', ms: minute },
  { unit: 'second', ms: second },
];

/** The two largest parts, or fewer, of a duration in people's units: `2 天 3 小时`, `4 min 10 s`; below a second in milliseconds. */
export function formatDuration(durationMs: number, language: string, mostParts = 2): string {
  const unitFormat = (unit: DurationWords['unit'], value: number) =>
    airy(
      new Intl.NumberFormat(locale(language), {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: 0,
      }).format(value),
    );
  let rest = Math.max(0, Math.round(durationMs));
  if (rest < second) return unitFormat('millisecond', rest);
  rest = Math.round(rest / second) * second;
  const said: string[] = [];
  for (const step of durationSteps) {
    const whole = Math.floor(rest / step.ms);
    if (whole > 0) {
      said.push(unitFormat(step.unit, whole));
      rest -= whole * step.ms;
      if (said.length === mostParts) break;
    } else if (said.length > 0) break;
  }
  return said.join(' ');
}
