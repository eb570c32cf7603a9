import { useMemo } from 'react';
import { boundsOf, dayOf, shiftDay } from '../../format/day-in-zone.js';
import { pageZone } from '../../format/page-zone.js';

export const dayMs = 86_400_000;
export const ranges = ['today', '7d', '30d', 'month', 'lastMonth'] as const;
export type OverviewRange = (typeof ranges)[number];

export interface OverviewSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly query: { readonly from: string; readonly to: string };
}

/** Whole days by the page's zone, up to the next midnight; months as the calendar has them. */
export function spanOfRange(range: OverviewRange, nowMs: number, zone = pageZone()): { fromMs: number; toMs: number } {
  const today = dayOf(nowMs, zone);
  const between = (first: string, last: string) => ({
    fromMs: boundsOf(first, zone).from,
    toMs: boundsOf(last, zone).to,
  });
  const thisMonth = `${today.slice(0, 7)}-01`;
  const before = shiftDay(thisMonth, -1);
  if (range === 'month') return between(thisMonth, lastOfMonth(today));
  if (range === 'lastMonth') return between(`${before.slice(0, 7)}-01`, before);
  return between(shiftDay(today, range === 'today' ? 0 : range === '7d' ? -6 : -29), today);
}

const lastOfMonth = (day: string): string => {
  const [year = 0, month = 0] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
};

/** The query stays the same for a minute. */
export function useSpan(range: OverviewRange): OverviewSpan {
  const minute = Math.floor(Date.now() / 60_000);
  return useMemo(() => {
    const { fromMs, toMs } = spanOfRange(range, minute * 60_000);
    return { fromMs, toMs, query: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() } };
  }, [minute, range]);
}
