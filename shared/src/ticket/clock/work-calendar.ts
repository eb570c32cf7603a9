import { z } from 'zod';
import { HallClock, isZone, minuteOf } from '../../hall-time/index.js';
import { labelSchema } from '../../label.js';
import { slugSchema } from '../kind/field-schema.js';

const timeOfDay = z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'hh:mm');
const shiftSchema = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => minuteOf(from) < minuteOf(to), 'a shift ends after it begins; one over midnight is two');
const shiftsSchema = z
  .array(shiftSchema)
  .max(6)
  .refine(
    (shifts) => shifts.every((one, i) => i === 0 || minuteOf(shifts[i - 1]?.to ?? '') <= minuteOf(one.from)),
    'in order, none over another',
  );

/** When an organisation works: shifts of each weekday, and days that are otherwise. */
export const workCalendarSchema = z.strictObject({
  code: slugSchema,
  label: labelSchema,
  zone: z.string().refine(isZone, 'the IANA name of a zone'),
  /** 1 Monday to 7 Sunday. */
  week: z.strictObject({
    ...{
      1: shiftsSchema,
      2: shiftsSchema,
      3: shiftsSchema,
      4: shiftsSchema,
      5: shiftsSchema,
      6: shiftsSchema,
      7: shiftsSchema,
    },
  }),
  /** Holidays (no shifts) and working days moved to a weekend, by `YYYY-MM-DD`; `name` is told in explanations. */
  days: z
    .record(z.string().regex(/^\d{4}-\d\d-\d\d$/), z.strictObject({ name: labelSchema, shifts: shiftsSchema }))
    .default({}),
});
export type WorkCalendar = z.infer<typeof workCalendarSchema>;

/** Half open, epoch ms. `why` for time in which nobody works. */
export interface CalendarSpan {
  readonly from: number;
  readonly to: number;
  readonly works: boolean;
  readonly why?: { readonly kind: 'night' } | { readonly kind: 'holiday'; readonly date: string } | undefined;
}

const dayMs = 86_400_000;
/** A calendar in which nobody ever works again ends a search here. */
const horizonDays = 3_700;

/** Reads a calendar as one line of spans, without gaps, that alternate as shifts begin and end. */
export class CalendarReader {
  readonly #clock: HallClock;
  readonly #days = new Map<string, readonly CalendarSpan[]>();

  constructor(readonly calendar: WorkCalendar) {
    this.#clock = new HallClock(calendar.zone);
  }

  /** Spans from `from` on, the first cut there; at most ten years of them. */
  *spans(from: number): Generator<CalendarSpan> {
    const { year, month, day } = this.#clock.at(from);
    const first = Date.UTC(year, month - 1, day);
    for (let i = 0; i < horizonDays; i++) {
      for (const span of this.#spansOf(new Date(first + i * dayMs).toISOString().slice(0, 10))) {
        if (span.to > from) yield span.from < from ? { ...span, from } : span;
      }
    }
  }

  /** Working time between two instants, ms; 0 where they are the wrong way round. */
  workBetween(from: number, to: number): number {
    let sum = 0;
    if (to <= from) return 0;
    for (const span of this.spans(from)) {
      if (span.from >= to) break;
      if (span.works) sum += Math.min(span.to, to) - span.from;
    }
    return sum;
  }

  /** When `workMs` of working time have gone by since `from`; undefined: not within ten years. */
  after(from: number, workMs: number): number | undefined {
    if (workMs <= 0) return from;
    let left = workMs;
    for (const span of this.spans(from)) {
      if (!span.works) continue;
      if (span.to - span.from >= left) return span.from + left;
      left -= span.to - span.from;
    }
    return undefined;
  }

  #spansOf(date: string): readonly CalendarSpan[] {
    const known = this.#days.get(date);
    if (known) return known;
    const made = this.#makeSpans(date);
    // A long search reads each day once: what is kept is bounded all the same.
    if (this.#days.size > 5_000) this.#days.clear();
    this.#days.set(date, made);
    return made;
  }

  #makeSpans(date: string): readonly CalendarSpan[] {
    const { week, days } = this.calendar;
    const at = new Date(`${date}T00:00:00Z`);
    const next = new Date(at.getTime() + dayMs);
    const weekday = (at.getUTCDay() || 7) as keyof WorkCalendar['week'];
    const instant = (day: Date, minute: number) =>
      this.#clock.epochMs({ year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() }, minute);
    const special = days[date];
    const shifts = special?.shifts ?? week[weekday];
    const why = special && shifts.length === 0 ? ({ kind: 'holiday', date } as const) : ({ kind: 'night' } as const);
    const spans: CalendarSpan[] = [];
    let last = instant(at, 0);
    const end = instant(next, 0);
    const rest = (to: number) => {
      if (to > last) spans.push({ from: last, to, works: false, why });
    };
    for (const { from, to } of shifts) {
      const begins = Math.max(last, instant(at, minuteOf(from)));
      const ends = to === '24:00' ? end : Math.min(end, instant(at, minuteOf(to)));
      // A shift within an hour that the wall's clock jumps over is none that day.
      if (ends <= begins) continue;
      rest(begins);
      spans.push({ from: begins, to: ends, works: true });
      last = ends;
    }
    rest(end);
    return spans;
  }
}

/** Every minute of every day; the calendar of promises that know no nights. */
export const alwaysCalendar = (zone: string): WorkCalendar => {
  const shifts = [{ from: '00:00', to: '24:00' }];
  return {
    ...{ code: 'always', label: { zh: '全天候', en: 'Around the clock' }, zone, days: {} },
    week: { 1: shifts, 2: shifts, 3: shifts, 4: shifts, 5: shifts, 6: shifts, 7: shifts },
  };
};
