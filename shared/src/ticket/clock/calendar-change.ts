import { HallClock } from '../../hall-time/index.js';
import type { WorkCalendar } from './work-calendar.js';

const dayMs = 86_400_000;
/** As far as a calendar is ever read: what is otherwise up to here is so for good. */
const horizonDays = 3_700;

/** Epoch ms, half open; `to` is `Infinity` where it stays otherwise. */
export interface CalendarChange {
  readonly from: number;
  readonly to: number;
}

/**
 * Between which instants two calendars differ, from an instant on; undefined: nowhere. A promise that begins after it, or is due
 * before it, is the same by both.
 */
export const calendarChange = (a: WorkCalendar, b: WorkCalendar, since: number): CalendarChange | undefined => {
  if (a.zone !== b.zone) return { from: since, to: Number.POSITIVE_INFINITY };
  const clock = new HallClock(a.zone);
  const { year, month, day } = clock.at(since);
  const begin = Date.UTC(year, month - 1, day);
  let first: number | undefined;
  let last = 0;
  for (let i = 0; i < horizonDays; i++) {
    const at = begin + i * dayMs;
    if (isSameDay(a, b, new Date(at))) continue;
    first ??= at;
    last = at;
  }
  if (first === undefined) return undefined;
  const midnight = (at: number) => {
    const date = new Date(at);
    return clock.epochMs({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }, 0);
  };
  // Weeks that differ do so for ever: the last seven days of the horizon tell.
  const isForGood = last >= begin + (horizonDays - 7) * dayMs;
  return { from: midnight(first), to: isForGood ? Number.POSITIVE_INFINITY : midnight(last + dayMs) };
};

const isSameDay = (a: WorkCalendar, b: WorkCalendar, date: Date): boolean => {
  const key = date.toISOString().slice(0, 10);
  const weekday = (date.getUTCDay() || 7) as keyof WorkCalendar['week'];
  const of = ({ week, days }: WorkCalendar) => days[key]?.shifts ?? week[weekday];
  const [one, other] = [of(a), of(b)];
  return (
    one === other ||
    (one.length === other.length && one.every(({ from, to }, i) => from === other[i]?.from && to === other[i]?.to))
  );
};
