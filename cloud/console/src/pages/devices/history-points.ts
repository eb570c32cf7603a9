import type { History } from '../../api/devices.js';
import type { CounterPoint } from '../../thing/increments.js';
import type { ChartPoint } from '../../ui/chart/series-points.js';

interface Span {
  fromMs: number;
  toMs: number;
}

/** Readings come on change: the last one before the range holds at its start, the last one in it while the device is there. */
export function linePoints(history: History, { fromMs, toMs }: Span, present: boolean): ChartPoint[] {
  const points = history.points.flatMap((point): ChartPoint[] => {
    const value = point.avg ?? point.value;
    return typeof value === 'number'
      ? [{ atMs: Date.parse(point.at), value, min: point.min ?? null, max: point.max ?? null }]
      : [];
  });
  if (history.resolution !== 'raw') return points;
  if (typeof history.before?.value === 'number') points.unshift({ atMs: fromMs, value: history.before.value });
  const last = points.at(-1);
  const ended = history.gaps.some((gap) => Date.parse(gap.to) > (last?.atMs ?? 0) && Date.parse(gap.from) <= toMs);
  if (present && last && last.atMs < toMs && !ended) points.push({ atMs: toMs, value: last.value });
  return points;
}

/** A counter where each reading or hour ended; the first one known is where counting begins. */
export function counterPoints({ before, points }: Pick<History, 'before' | 'points'>): CounterPoint[] {
  const counted = points.flatMap(({ at, value, max }): CounterPoint[] => {
    const end = max ?? value;
    return typeof end === 'number' ? [{ atMs: Date.parse(at), value: end }] : [];
  });
  return typeof before?.value === 'number'
    ? [{ atMs: Date.parse(before.at), value: before.value }, ...counted]
    : counted;
}

export interface NumberSummary {
  least?: number;
  most?: number;
  /** Over time: a value counts for as long as it held. Missing where it cannot be told. */
  average?: number;
}

export function summaryOf(points: readonly ChartPoint[], { toMs }: Span): NumberSummary {
  if (points.length === 0) return {};
  let [sum, time] = [0, 0];
  points.forEach(({ atMs, value }, index) => {
    const lasted = Math.max(0, (points[index + 1]?.atMs ?? toMs) - atMs);
    sum += value * lasted;
    time += lasted;
  });
  return {
    least: Math.min(...points.map(({ value, min }) => min ?? value)),
    most: Math.max(...points.map(({ value, max }) => max ?? value)),
    ...(time > 0 ? { average: sum / time } : {}),
  };
}
