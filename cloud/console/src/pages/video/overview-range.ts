import { useMemo } from 'react';

export const dayMs = 86_400_000;
export const ranges = ['today', '7d', '30d', 'month', 'lastMonth'] as const;
export type OverviewRange = (typeof ranges)[number];

export interface OverviewSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly query: { readonly from: string; readonly to: string };
}

/** Whole days of the reader's, up to the next midnight; months as the calendar has them. */
export function spanOfRange(range: OverviewRange, nowMs: number): { fromMs: number; toMs: number } {
  const midnight = new Date(nowMs);
  midnight.setHours(0, 0, 0, 0);
  const [year, month] = [midnight.getFullYear(), midnight.getMonth()];
  if (range === 'month') return { fromMs: +new Date(year, month, 1), toMs: +new Date(year, month + 1, 1) };
  if (range === 'lastMonth') return { fromMs: +new Date(year, month - 1, 1), toMs: +new Date(year, month, 1) };
  // By the calendar, not by 24 hours: a day may have 23 or 25.
  const back = range === 'today' ? 0 : range === '7d' ? 6 : 29;
  const day = midnight.getDate();
  return { fromMs: +new Date(year, month, day - back), toMs: +new Date(year, month, day + 1) };
}

/** The query stays the same for a minute. */
export function useSpan(range: OverviewRange): OverviewSpan {
  const minute = Math.floor(Date.now() / 60_000);
  return useMemo(() => {
    const { fromMs, toMs } = spanOfRange(range, minute * 60_000);
    return { fromMs, toMs, query: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() } };
  }, [minute, range]);
}
