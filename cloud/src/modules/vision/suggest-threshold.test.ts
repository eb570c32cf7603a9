import fc from 'fast-check';
import t from 'tap';
import { type Decided, leastDecided, suggestThreshold, wilsonInterval } from './suggest-threshold.js';

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

t.test('Wilson’s interval', async (t) => {
  t.equal(wilsonInterval(0, 0), null);
  const [low, high] = wilsonInterval(81, 263) ?? [0, 0];
  // Newcombe 1998, table I, method 3: 0.2553 to 0.3662.
  t.ok(Math.abs(low - 0.2553) < 5e-5 && Math.abs(high - 0.3662) < 5e-5);
  t.same(wilsonInterval(0, 10)?.[0], 0);
});
