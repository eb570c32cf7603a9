export const spans = ['7d', '30d', 'month', 'lastMonth', 'year', 'lastYear'] as const;
export type StatisticsSpan = (typeof spans)[number];

/** First and last day, `YYYY-MM-DD`. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

const at = (year: number, month: number, date: number): string =>
  new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);

/** Days of the calendar, `today` the last of them; months and years as far as they have come. */
export const daysOf = (span: StatisticsSpan, today: string): DaySpan => {
  const [year = 0, month = 1, date = 1] = today.split('-').map(Number);
  switch (span) {
    case '7d':
      return { from: at(year, month, date - 6), to: today };
    case '30d':
      return { from: at(year, month, date - 29), to: today };
    case 'month':
      return { from: at(year, month, 1), to: today };
    case 'lastMonth':
      return { from: at(year, month - 1, 1), to: at(year, month, 0) };
    case 'year':
      return { from: at(year, 1, 1), to: today };
    case 'lastYear':
      return { from: at(year - 1, 1, 1), to: at(year - 1, 12, 31) };
  }
};

/** Bars that can still be told apart. */
export const stepOf = ({ from, to }: DaySpan): 'day' | 'week' | 'month' => {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days <= 62) return 'day';
  return days <= 190 ? 'week' : 'month';
};

/** From the key of a day, a week (its Monday) or a month to midnights around it, for drawing alone: of the reader's zone, as charts have them. */
export const spanOfKey = (key: string, step: 'day' | 'week' | 'month'): { fromMs: number; toMs: number } => {
  const [year = 0, month = 1, date = 1] = key.split('-').map(Number);
  const end = step === 'month' ? new Date(year, month, 1) : new Date(year, month - 1, date + (step === 'week' ? 7 : 1));
  return { fromMs: +new Date(year, month - 1, date), toMs: +end };
};

/** Every day, week or month of the days, by its key: in one without tickets there were none. */
export const keysOf = ({ from, to }: DaySpan, step: 'day' | 'week' | 'month'): string[] => {
  const keys: string[] = [];
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += 86_400_000) {
    const day = new Date(ms);
    // Weeks go by their Monday.
    const begin = step === 'week' ? new Date(ms - ((day.getUTCDay() + 6) % 7) * 86_400_000) : day;
    const key = begin.toISOString().slice(0, step === 'month' ? 7 : 10);
    if (keys.at(-1) !== key) keys.push(key);
  }
  return keys;
};

/** Change as a share; undefined where there was nothing before, which is no growth of any size. */
export const growth = (now: number, before: number): number | undefined =>
  before === 0 ? undefined : (now - before) / before;

/** A mean to the second, in ms: no hall counts less. */
export const wholeSeconds = (seconds: number): number => Math.max(1, Math.round(seconds)) * 1_000;
