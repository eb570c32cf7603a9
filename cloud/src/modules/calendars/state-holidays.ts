import type { Label } from '@hallhub/shared';
import type { WorkCalendar } from '@hallhub/shared/ticket';
import chineseDays from 'chinese-days';

export interface StateDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly name: Label;
  /** A day on which people work although it is a weekend. */
  readonly works: boolean;
}

const monthDay = (year: number, from: number): string => new Date(Date.UTC(year, 0, from)).toISOString().slice(0, 10);

/**
 * Holidays and moved working days of a year as the State Council announced them; empty where it has not yet, as far as this
 * version knows. Plain weekends are not in it.
 */
export const stateHolidays = (year: number): readonly StateDay[] => {
  const days: StateDay[] = [];
  for (let day = 1; day <= 366; day++) {
    const date = monthDay(year, day);
    if (!date.startsWith(String(year))) break;
    const { name: told, work } = chineseDays.getDayDetail(date);
    // `National Day,国庆节,3`; an ordinary day has only the weekday's name.
    const [en, zh] = told.split(',');
    if (!en || !zh) continue;
    const name = work ? { zh: `${zh}调休上班`, en: `${en}, working day moved` } : { zh, en };
    days.push({ date, name, works: work });
  }
  return days;
};

/** Shifts of a moved working day: those of the first weekday that has any. */
const workingShifts = ({ week }: WorkCalendar): WorkCalendar['week'][1] =>
  ([1, 2, 3, 4, 5, 6, 7] as const).map((day) => week[day]).find((shifts) => shifts.length > 0) ?? [];

export interface MergedHolidays {
  readonly document: WorkCalendar;
  readonly added: number;
  /** Days that say something else already, and were left as they are. */
  readonly kept: readonly string[];
}

/** A calendar with a year’s holidays; what people wrote for a day stays unless `replace`. */
export const withHolidays = (
  calendar: WorkCalendar,
  holidays: readonly StateDay[],
  { replace = false }: { readonly replace?: boolean } = {},
): MergedHolidays => {
  const days = { ...calendar.days };
  const kept: string[] = [];
  let added = 0;
  for (const { date, name, works } of holidays) {
    const day = { name, shifts: works ? workingShifts(calendar) : [] };
    const there = days[date];
    if (there && JSON.stringify(there) === JSON.stringify(day)) continue;
    if (there && !replace) {
      kept.push(date);
      continue;
    }
    days[date] = day;
    added += 1;
  }
  const sorted = Object.fromEntries(Object.entries(days).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { document: { ...calendar, days: sorted }, added, kept };
};
