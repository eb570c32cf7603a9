export interface CounterPoint {
  atMs: number;
  value: number;
}

export interface Increment {
  fromMs: number;
  toMs: number;
  amount: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const steps = [5 * minuteMs, 30 * minuteMs, hourMs, 6 * hourMs, 24 * hourMs, 7 * 24 * hourMs];
const mostBars = 32;

/** How wide a bar is, so that at most 32 stand beside one another. */
export function stepFor(spanMs: number): number {
  return steps.find((step) => spanMs / step <= mostBars) ?? 30 * 24 * hourMs;
}

/**
 * What a counter grew by in each step of a range; steps begin at whole ones in the reader's zone. A counter that fell
 * was set back or replaced: nobody knows what it grew by in between, and nothing is claimed. Where nothing was
 * measured there is no bar.
 */
export function incrementsOf(
  points: readonly CounterPoint[],
  range: { fromMs: number; toMs: number },
  { stepMs, zoneOffsetMs = 0 }: { stepMs: number; zoneOffsetMs?: number },
): Increment[] {
  const amounts = new Map<number, number>();
  let before: number | undefined;
  for (const { atMs, value } of [...points].sort((a, b) => a.atMs - b.atMs)) {
    if (before !== undefined && atMs >= range.fromMs && atMs <= range.toMs) {
      const from = Math.floor((atMs + zoneOffsetMs) / stepMs) * stepMs - zoneOffsetMs;
      amounts.set(from, (amounts.get(from) ?? 0) + Math.max(0, value - before));
    }
    before = value;
  }
  return [...amounts].sort(([a], [b]) => a - b).map(([fromMs, amount]) => ({ fromMs, toMs: fromMs + stepMs, amount }));
}
