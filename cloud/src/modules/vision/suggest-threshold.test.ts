import fc from 'fast-check';
import t from 'tap';
import { advisedThreshold, type Decided, leastDecided, suggestThreshold, wilsonInterval } from './suggest-threshold.js';

const of = (wasSo: boolean, confidences: readonly (number | null)[]): Decided[] =>
  confidences.map((confidence) => ({ wasSo, confidence }));
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

t.test('what lies apart is told apart', async (t) => {
  const decided = [...of(true, times(40, 0.8)), ...of(false, [...times(9, 0.55), 0.9])];
  t.same(suggestThreshold(decided), { minConfidence: 0.56, falseGone: 9, falseAll: 10, trueKept: 40, trueAll: 40 });
});

t.test('why there is none', async (t) => {
  t.same(suggestThreshold(of(true, times(10, 0.8))), { none: 'too_few', needed: 20 });
  t.same(suggestThreshold(of(true, times(50, null))), { none: 'no_confidence', needed: 30 });
  t.same(suggestThreshold([...of(true, times(40, 0.8)), ...of(false, times(2, 0.5))]), {
    none: 'too_few_false',
    needed: 3,
  });
  t.same(suggestThreshold([...of(true, times(40, 0.6)), ...of(false, times(20, 0.6))]), {
    none: 'not_separable',
    needed: 0,
  });
});

t.test('nearly all that was so is always kept, and what is promised is true', async () => {
  const one = fc.record({
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    wasSo: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: leastDecided, maxLength: 200 }), (decided) => {
      const suggestion = suggestThreshold(decided);
      if ('none' in suggestion) return;
      const kept = decided.filter(({ confidence }) => confidence >= suggestion.minConfidence);
      const right = kept.filter(({ wasSo }) => wasSo).length;
      if (right !== suggestion.trueKept || right < suggestion.trueAll * 0.97) throw new Error('lost');
      if (kept.length - right !== suggestion.falseAll - suggestion.falseGone) throw new Error('promised');
    }),
  );
});

t.test('no threshold that keeps as much would spare more, and none is lower for the same', async () => {
  const one = fc.record({
    // Hundredths, so that every threshold that could be given is tried.
    confidence: fc.integer({ min: 0, max: 100 }).map((value) => value / 100),
    wasSo: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: leastDecided, maxLength: 120 }), (decided) => {
      const right = decided.filter(({ wasSo }) => wasSo);
      const wrong = decided.filter(({ wasSo }) => !wasSo);
      const lost = (least: number) => right.filter(({ confidence }) => confidence < least).length;
      const gone = (least: number) => wrong.filter(({ confidence }) => confidence < least).length;
      const allowed = Array.from({ length: 95 }, (_one, i) => (i + 5) / 100).filter(
        (least) => lost(least) <= right.length * 0.03,
      );
      const most = Math.max(0, ...allowed.map(gone));
      const suggestion = suggestThreshold(decided);
      if ('none' in suggestion) {
        if (suggestion.none === 'not_separable' && most > 0 && most >= wrong.length * 0.25) throw new Error('missed');
        return;
      }
      if (suggestion.falseGone !== most) throw new Error('another spares more');
      if (suggestion.minConfidence !== allowed.find((least) => gone(least) === most)) throw new Error('not the lowest');
    }),
  );
});

t.test('advice is only ever upwards', async (t) => {
  const suggestion = { minConfidence: 0.6, falseGone: 5, falseAll: 9, trueKept: 30, trueAll: 30 };
  t.equal(advisedThreshold({ minConfidence: 0.5, suggestion }), 0.6);
  t.equal(advisedThreshold({ minConfidence: null, suggestion }), 0.6);
  t.equal(advisedThreshold({ minConfidence: 0.6, suggestion }), null);
  t.equal(advisedThreshold({ minConfidence: 0.5, suggestion: { none: 'too_few', needed: 3 } }), null);
});

t.test('Wilson’s interval stays within 0 and 1, holds its share, and narrows with more', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, share) => {
      const hits = Math.round(of * share);
      const [low, high] = wilsonInterval(hits, of) as readonly [number, number];
      const [tighter, wider] = wilsonInterval(hits * 4, of * 4) as readonly [number, number];
      const slack = 1e-12;
      if (low < 0 || high > 1 || low > hits / of + slack || high < hits / of - slack) throw new Error('off');
      if (wider - tighter > high - low + slack) throw new Error('not narrower');
    }),
  );
});

t.test('Wilson’s interval', async (t) => {
  t.equal(wilsonInterval(0, 0), null);
  const [low, high] = wilsonInterval(81, 263) ?? [0, 0];
  // Newcombe 1998, table I, method 3: 0.2553 to 0.3662.
  t.ok(Math.abs(low - 0.2553) < 5e-5 && Math.abs(high - 0.3662) < 5e-5);
  t.same(wilsonInterval(0, 10)?.[0], 0);
});
