/** Months of each period; a day and a week have days. */
const months = { month: 1, quarter: 3, year: 12 } as const;
export type Period = 'day' | 'week' | keyof typeof months;

/** A day of the period before or after the one that begins on `first` (YYYY-MM-DD). */
export const shiftDate = (first: string, period: Period, by: -1 | 1): string => {
  const at = new Date(`${first}T00:00:00Z`);
  if (period === 'day') at.setUTCDate(at.getUTCDate() + by);
  else if (period === 'week') at.setUTCDate(at.getUTCDate() + 7 * by);
  else at.setUTCMonth(at.getUTCMonth() + months[period] * by);
  return at.toISOString().slice(0, 10);
};
