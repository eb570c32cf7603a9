import t from 'tap';
import { type ranges, spanOfRange } from './overview-range.js';

t.test('days and months of the calendar', async (t) => {
  const at = (text: string) => +new Date(text);
  const now = at('2026-03-15T10:20:00');
  const of = (range: (typeof ranges)[number]) => {
    const { fromMs, toMs } = spanOfRange(range, now);
    return [fromMs, toMs];
  };
  t.same(of('today'), [at('2026-03-15T00:00:00'), at('2026-03-16T00:00:00')]);
  t.same(of('7d'), [at('2026-03-09T00:00:00'), at('2026-03-16T00:00:00')]);
  t.same(of('30d'), [at('2026-02-14T00:00:00'), at('2026-03-16T00:00:00')]);
  t.same(of('month'), [at('2026-03-01T00:00:00'), at('2026-04-01T00:00:00')]);
  t.same(of('lastMonth'), [at('2026-02-01T00:00:00'), at('2026-03-01T00:00:00')]);
  t.same(spanOfRange('lastMonth', at('2026-01-31T23:59:00')).fromMs, at('2025-12-01T00:00:00'));
  t.same(
    spanOfRange('today', Date.parse('2026-03-14T17:00:00Z'), 'Asia/Shanghai'),
    { fromMs: Date.parse('2026-03-14T16:00:00Z'), toMs: Date.parse('2026-03-15T16:00:00Z') },
    'the hall’s day, not the reader’s',
  );
  t.same(
    spanOfRange('7d', Date.parse('2026-03-10T17:00:00Z'), 'America/New_York').fromMs,
    Date.parse('2026-03-04T05:00:00Z'),
    'by the calendar, not by 24 hours: a day may have 23',
  );
});
