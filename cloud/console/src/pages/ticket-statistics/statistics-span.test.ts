import t from 'tap';
import { daysOf, growth, keysOf, spanOfKey, stepOf } from './statistics-span.js';

const now = '2026-03-15';

t.test('spans end today, or where they ended', async (t) => {
  t.same(daysOf('7d', now), { from: '2026-03-09', to: '2026-03-15' });
  t.same(daysOf('30d', now), { from: '2026-02-14', to: '2026-03-15' });
  t.same(daysOf('month', now), { from: '2026-03-01', to: '2026-03-15' });
  t.same(daysOf('lastMonth', now), { from: '2026-02-01', to: '2026-02-28' });
  t.same(daysOf('year', now), { from: '2026-01-01', to: '2026-03-15' });
  t.same(daysOf('lastYear', now), { from: '2025-01-01', to: '2025-12-31' });
  t.same(daysOf('lastMonth', '2026-01-03'), { from: '2025-12-01', to: '2025-12-31' }, 'over the new year');
});

t.test('a span has all its days, weeks and months, with tickets or without', async (t) => {
  t.same(keysOf({ from: '2026-02-27', to: '2026-03-01' }, 'day'), ['2026-02-27', '2026-02-28', '2026-03-01']);
  t.same(keysOf({ from: '2026-11-20', to: '2026-11-30' }, 'week'), ['2026-11-16', '2026-11-23', '2026-11-30']);
  t.same(keysOf({ from: '2025-12-31', to: '2026-02-01' }, 'month'), ['2025-12', '2026-01', '2026-02']);
});

t.test('bars are as wide as the span needs', async (t) => {
  t.equal(stepOf(daysOf('30d', now)), 'day');
  t.equal(stepOf(daysOf('year', now)), 'week');
  t.equal(stepOf(daysOf('lastYear', now)), 'month');
  t.same(spanOfKey('2026-02', 'month'), { fromMs: +new Date(2026, 1, 1), toMs: +new Date(2026, 2, 1) });
  t.same(spanOfKey('2026-03-09', 'week'), { fromMs: +new Date(2026, 2, 9), toMs: +new Date(2026, 2, 16) });
});

t.test('growth of nothing is none', async (t) => {
  t.equal(growth(12, 10), 0.2);
  t.equal(growth(0, 10), -1);
  t.equal(growth(5, 0), undefined);
});
