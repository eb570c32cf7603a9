import type { HistoryRange } from '../../api/devices.js';

const hourMs = 3_600_000;

/** The ranges offered; anything else is a fixed span `from~to` in epoch milliseconds. */
export const rangeKeys = ['1h', '6h', '24h', '7d', '30d'] as const;
export type RangeKey = (typeof rangeKeys)[number];

const lengths: Record<RangeKey, number> = {
  '1h': hourMs,
  '6h': 6 * hourMs,
  '24h': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};

export interface TimeSpan {
  fromMs: number;
  toMs: number;
  key: RangeKey | undefined;
}

/** Reads the range of an address; what makes no sense is the last 6 hours. */
export function parseRange(text: string | undefined, nowMs: number): TimeSpan {
  if (text && Object.hasOwn(lengths, text)) {
    const key = text as RangeKey;
    return { fromMs: nowMs - lengths[key], toMs: nowMs, key };
  }
  const [from, to] = (text ?? '').split('~').map(Number);
  if (from && to && from < to && to - from <= 400 * 24 * hourMs) return { fromMs: from, toMs: to, key: undefined };
  return { fromMs: nowMs - lengths['6h'], toMs: nowMs, key: '6h' };
}

export function writeRange(fromMs: number, toMs: number): string {
  return `${fromMs}~${toMs}`;
}

/** What the API is asked for: rolling with the clock where a key was chosen. */
export function toHistoryRange(span: TimeSpan): HistoryRange {
  return span.key
    ? { lastMs: lengths[span.key] }
    : { from: new Date(span.fromMs).toISOString(), to: new Date(span.toMs).toISOString() };
}
