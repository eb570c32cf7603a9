export interface StateSpan {
  fromMs: number;
  toMs: number;
  tone: 'quiet' | 'soft' | 'accent' | 'warn' | 'bad' | 'none';
  word: string;
}

/** Steps into spans: each lasts until the next, the last until the end; before the first nothing is known. */
export function spansOf<T>(
  steps: { atMs: number; state: T }[],
  range: { fromMs: number; toMs: number },
  look: (state: T) => Pick<StateSpan, 'tone' | 'word'>,
): StateSpan[] {
  const sorted = [...steps].sort((a, b) => a.atMs - b.atMs);
  const first = sorted[0];
  const spans: StateSpan[] = [];
  if (!first) return [{ ...range, tone: 'none', word: '' }];
  if (first.atMs > range.fromMs) spans.push({ fromMs: range.fromMs, toMs: first.atMs, tone: 'none', word: '' });
  sorted.forEach((step, index) => {
    const from = Math.max(step.atMs, range.fromMs);
    const to = Math.min(sorted[index + 1]?.atMs ?? range.toMs, range.toMs);
    if (to <= from) return;
    const seen = look(step.state);
    const last = spans.at(-1);
    if (last && last.word === seen.word && last.tone === seen.tone) last.toMs = to;
    else spans.push({ fromMs: from, toMs: to, ...seen });
  });
  return spans;
}
