import type { TimeTemplate } from '../vision/rules.js';

/** The clock on the hall's wall. */
export interface HallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
  /** Since midnight by the clock on the wall, whole. */
  readonly minute: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Reads the clock of one zone; the last minute is remembered, as pictures come many a second. */
export class HallClock {
  readonly #format: Intl.DateTimeFormat;
  #last: { readonly minute: number; readonly time: HallTime } | undefined;

  /** Throws RangeError where the zone is none; `isZone` tells before. */
  constructor(readonly zone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    });
  }

  at(atMs: number): HallTime {
    const minute = Math.floor(atMs / minuteMs);
    if (this.#last?.minute !== minute) this.#last = { minute, time: this.#read(minute * minuteMs) };
    return this.#last.time;
  }

  /** When the wall shows this minute on that day: the first of two; one that the clock jumps over comes as much later. */
  epochMs({ year, month, day }: Pick<HallTime, 'year' | 'month' | 'day'>, minute: number): number {
    const wanted = Date.UTC(year, month - 1, day, 0, minute);
    const shown = (atMs: number) => {
      const time = this.#read(atMs);
      return Date.UTC(time.year, time.month - 1, time.day, 0, time.minute);
    };
    // No zone is more than a day from UTC, none shifts by more than a few hours: two guesses find each side of a shift.
    const guesses = [wanted - dayMs, wanted + dayMs].map((near) => wanted - (shown(near) - near));
    const right = guesses.filter((guess) => shown(guess) === wanted);
    return right.length > 0 ? Math.min(...right) : Math.max(...guesses);
  }

  #read(atMs: number): HallTime {
    const parts = Object.fromEntries(this.#format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const [year, month, day] = [Number(parts.year), Number(parts.month), Number(parts.day)];
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
    return { year, month, day, weekday, minute: Number(parts.hour) * 60 + Number(parts.minute) };
  }
}

export const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** `hh:mm` as minutes since midnight. */
export const minuteOf = (timeOfDay: string): number => {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
};

/** Whether one of the spans holds; from = to is the whole day. Left out: always. */
export const isWithin = (times: TimeTemplate | undefined, { weekday, minute }: HallTime): boolean =>
  times === undefined ||
  times.some(({ days, from, to }) => {
    const [start, end] = [minuteOf(from), minuteOf(to)];
    if (start < end) return days.includes(weekday) && minute >= start && minute < end;
    const yesterday = weekday === 1 ? 7 : weekday - 1;
    return (days.includes(weekday) && minute >= start) || (days.includes(yesterday) && minute < end);
  });
