export const spans = ['7d', '30d', 'month', 'lastMonth', 'year', 'lastYear'] as const;
export type StatisticsSpan = (typeof spans)[number];

/** First and last day, `YYYY-MM-DD`. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

const two = (n: number): string => String(n).padStart(2, '0');
const dayOf = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** Days of the reader's calendar, today the last of them; months and years as far as they have come. */
export const daysOf = (span: StatisticsSpan, nowMs: number): DaySpan => {
  const now = new Date(nowMs);
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const to = dayOf(now);
  switch (span) {
    case '7d':
      return { from: dayOf(new Date(year, month, date - 6)), to };
    case '30d':
      return { from: dayOf(new Date(year, month, date - 29)), to };
    case 'month':
      return { from: dayOf(new Date(year, month, 1)), to };
    case 'lastMonth':
      return { from: dayOf(new Date(year, month - 1, 1)), to: dayOf(new Date(year, month, 0)) };
    case 'year':
      return { from: `${year}-01-01`, to };
    case 'lastYear':
      return { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` };
  }
};

/** Bars that can still be told apart. */
export const stepOf = ({ from, to }: DaySpan): 'day' | 'week' | 'month' => {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days <= 62) return 'day';
  return days <= 190 ? 'week' : 'month';
};

/** From the key of a day, a week (its Monday) or a month to the reader's midnights around it. */
export const spanOfKey = (key: string, step: 'day' | 'week' | 'month'): { fromMs: number; toMs: number } => {
  const [year = 0, month = 1, date = 1] = key.split('-').map(Number);
  const end = step === 'month' ? new Date(year, month, 1) : new Date(year, month - 1, date + (step === 'week' ? 7 : 1));
  return { fromMs: +new Date(year, month - 1, date), toMs: +end };
};

/** Change as a share; undefined where there was nothing before, which is no growth of any size. */
export const growth = (now: number, before: number): number | undefined =>
  before === 0 ? undefined : (now - before) / before;
