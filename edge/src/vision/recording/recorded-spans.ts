import type { RecordedSpan } from '@hallhub/shared/vision';

/** What lies closer together than this is one span: a file ends and the next begins. */
export const joinMs = 2_000;

export interface SpanBounds {
  readonly from: number;
  readonly to: number;
  /** The newest are kept. */
  readonly most: number;
}

/**
 * Pieces in the order of recording, as spans in the order of their beginnings, cut to the bounds. A clock that was set back begins a new span,
 * which may overlap the one before.
 */
export const recordedSpans = (
  pieces: Iterable<{ readonly startMs: number; readonly endMs: number }>,
  { from, to, most }: SpanBounds,
): RecordedSpan[] => {
  const spans: { from: number; to: number }[] = [];
  let last: { from: number; to: number } | undefined;
  for (const { startMs, endMs } of pieces) {
    if (endMs < startMs) continue;
    if (last && Math.abs(startMs - last.to) <= joinMs) {
      // A clock set back by a moment: the piece may begin before the span it joins.
      last.from = Math.min(last.from, startMs);
      last.to = Math.max(last.to, endMs);
    } else {
      last = { from: startMs, to: endMs };
      spans.push(last);
    }
  }
  return spans
    .filter((span) => span.to > from && span.from < to)
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .slice(-most);
};
