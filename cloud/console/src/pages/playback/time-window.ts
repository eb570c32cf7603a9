/** The part of a day that the time line shows. */
export interface TimeWindow {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

const shortestMs = 60_000;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((s) => s * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((m) => m * 60_000),
  ...[1, 2, 3, 6].map((h) => h * 3_600_000),
];

const within = (window: TimeWindow, day: TimeWindow): TimeWindow => {
  const length = Math.min(window.to - window.from, day.to - day.from);
  const from = Math.min(Math.max(window.from, day.from), day.to - length);
  return { from, to: from + length };
};

/** Closer (`factor` below 1) or further, so that `aroundMs` stays where it is; never beyond the day. */
export const zoom = (window: TimeWindow, day: TimeWindow, at: { factor: number; aroundMs: number }): TimeWindow => {
  const wanted = (window.to - window.from) * at.factor;
  const length = Math.min(Math.max(wanted, shortestMs), day.to - day.from);
  const share = (at.aroundMs - window.from) / (window.to - window.from);
  const from = at.aroundMs - share * length;
  return within({ from, to: from + length }, day);
};

export const pan = (window: TimeWindow, day: TimeWindow, byMs: number): TimeWindow =>
  within({ from: window.from + byMs, to: window.to + byMs }, day);

/** Moved only where that time is not in sight, or close to an edge that it walks towards. */
export const follow = (window: TimeWindow, day: TimeWindow, atMs: number): TimeWindow => {
  const length = window.to - window.from;
  const isInSight = atMs >= window.from && atMs <= window.to - length * 0.04;
  if (isInSight || length >= day.to - day.from) return window;
  return within({ from: atMs - length * 0.2, to: atMs + length * 0.8 }, day);
};

export const shareOf = (window: TimeWindow, atMs: number): number =>
  (atMs - window.from) / Math.max(1, window.to - window.from);

/** Round times by the day's own clock, at most so many. */
export const ticks = (window: TimeWindow, day: TimeWindow, most: number): number[] => {
  const step = steps.find((one) => (window.to - window.from) / one <= most) ?? 6 * 3_600_000;
  const first = day.from + Math.ceil((window.from - day.from) / step) * step;
  const all: number[] = [];
  for (let at = first; at <= window.to; at += step) all.push(at);
  return all;
};
