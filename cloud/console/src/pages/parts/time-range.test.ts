import fc from 'fast-check';
import t from 'tap';
import { parseRange, toHistoryRange, writeRange } from './time-range.js';

const now = Date.UTC(2026, 0, 2);

t.test('a named range rolls with the clock', async (t) => {
  t.same(parseRange('24h', now), { fromMs: now - 86_400_000, toMs: now, key: '24h' });
  t.same(toHistoryRange(parseRange('1h', now)), { lastMs: 3_600_000 });
});

t.test('two times come back as written', async (t) => {
  const span = parseRange(writeRange(now - 5_000, now), now);
  t.same(span, { fromMs: now - 5_000, toMs: now, key: undefined });
  t.same(toHistoryRange(span), { from: new Date(now - 5_000).toISOString(), to: new Date(now).toISOString() });
});

t.test('nonsense in the address is the default, never a broken page', async (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const span = parseRange(text, now);
      return span.toMs > span.fromMs && Number.isFinite(span.fromMs);
    }),
  );
  t.equal(parseRange('5~1', now).key, '6h');
  t.equal(parseRange(undefined, now).key, '6h');
});
