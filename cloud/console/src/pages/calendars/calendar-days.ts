import type { WorkCalendar } from '@hallhub/shared/ticket';

export type DayKind = 'works' | 'rests' | 'holiday' | 'moved';
export interface CalendarDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly day: number;
  /** Of the month that is shown, not of its neighbours. */
  readonly isOfMonth: boolean;
  readonly kind: DayKind;
  readonly shifts: readonly { readonly from: string; readonly to: string }[];
  readonly name: { readonly zh: string; readonly en?: string | undefined } | undefined;
}

const dayMs = 86_400_000;
export const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** What a calendar says of one day. */
export const dayOf = ({ week, days }: WorkCalendar, date: string): Pick<CalendarDay, 'kind' | 'shifts' | 'name'> => {
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() || 7) as keyof WorkCalendar['week'];
  const usual = week[weekday];
  const special = days[date];
  if (!special) return { kind: usual.length > 0 ? 'works' : 'rests', shifts: usual, name: undefined };
  return { kind: special.shifts.length > 0 ? 'moved' : 'holiday', shifts: special.shifts, name: special.name };
};

/** Six weeks from Monday on that hold a month, so that nothing jumps from month to month. */
export const monthGrid = (calendar: WorkCalendar, year: number, month: number): readonly (readonly CalendarDay[])[] => {
  const first = Date.UTC(year, month - 1, 1);
  const begin = first - ((new Date(first).getUTCDay() + 6) % 7) * dayMs;
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, i): CalendarDay => {
      const at = new Date(begin + (week * 7 + i) * dayMs);
      const date = dateOf(at.getTime());
      return { date, day: at.getUTCDate(), isOfMonth: at.getUTCMonth() === month - 1, ...dayOf(calendar, date) };
    }),
  );
};

/** A day with what is special about it, or as its weekday has it. */
export const withDay = (
  calendar: WorkCalendar,
  date: string,
  special: WorkCalendar['days'][string] | undefined,
): WorkCalendar => {
  const { [date]: _, ...others } = calendar.days;
  return { ...calendar, days: special ? { ...others, [date]: special } : others };
};

/** `09:00-12:00 13:30-17:30` as shifts; undefined where it is none. */
export const readShifts = (text: string): { from: string; to: string }[] | undefined => {
  const parts = text
    .trim()
    .split(/[\s,，、;；]+/)
    .filter(Boolean);
  const shifts = parts.map((part) => /^(\d{1,2}:\d\d)[-–~至](\d{1,2}:\d\d)$/.exec(part));
  if (shifts.some((one) => !one)) return undefined;
  const read = shifts.map((one) => ({ from: pad(one?.[1] ?? ''), to: pad(one?.[2] ?? '') }));
  const isWell = read.every(
    ({ from, to }, i) => isTime(from) && isTime(to) && from < to && (i === 0 || (read[i - 1]?.to ?? '') <= from),
  );
  return isWell && read.length <= 6 ? read : undefined;
};
export const writeShifts = (shifts: readonly { from: string; to: string }[]): string =>
  shifts.map(({ from, to }) => `${from}-${to}`).join(' ');

const pad = (time: string): string => time.padStart(5, '0');
const isTime = (time: string): boolean => /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(time);
