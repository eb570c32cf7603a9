import fc from 'fast-check';
import t from 'tap';
import { type Candidate, intersectionOverUnion, keepBest } from './keep-best.js';

const box = (left: number, top: number, size: number, score: number, classIndex = 0): Candidate => ({
  ...{ classIndex, score, left, top, right: left + size, bottom: top + size },
});

const candidates = fc.array(
  fc.record({
    classIndex: fc.integer({ min: 0, max: 2 }),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    left: fc.integer({ min: -20, max: 100 }),
    top: fc.integer({ min: -20, max: 100 }),
    right: fc.integer({ min: -20, max: 120 }),
    bottom: fc.integer({ min: -20, max: 120 }),
  }),
  { maxLength: 60 },
);
const options = { overlap: 0.5, most: 100 };

t.test('repeats go, the surest stays; another class or place is another thing', async (t) => {
  const kept = keepBest([box(2, 2, 20, 0.6), box(0, 0, 20, 0.9), box(1, 1, 20, 0.7, 1), box(60, 0, 20, 0.3)], options);
  t.same(
    kept.map(({ score }) => score),
    [0.9, 0.7, 0.3],
  );
});

t.test('whatever a model gives', async () => {
  fc.assert(
    fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (given, overlap) => {
      const kept = keepBest(given, { overlap, most: 100 });
      const apart = kept.every((a, i) =>
        kept.slice(i + 1).every((b) => a.classIndex !== b.classIndex || intersectionOverUnion(a, b) <= overlap),
      );
      const sorted = kept.every((one, i) => i === 0 || (kept[i - 1] as Candidate).score >= one.score);
      const explained = given.every(
        (one) =>
          kept.includes(one) ||
          kept.some(
            (k) => k.classIndex === one.classIndex && k.score >= one.score && intersectionOverUnion(k, one) > overlap,
          ),
      );
      const again = keepBest(kept, { overlap, most: 100 });
      return apart && sorted && explained && again.length === kept.length;
    }),
  );
});

t.test('numbers that are none are dropped; there is a bound', async (t) => {
  t.same(
    keepBest([box(0, 0, 10, Number.NaN), box(Number.NaN, 0, 10, 1), box(0, 0, Number.POSITIVE_INFINITY, 1)], options),
    [],
  );
  const many = Array.from({ length: 20_000 }, (_, i) => box(i * 30, 0, 20, i / 20_000));
  t.equal(keepBest(many, { overlap: 0.5, most: 7 }).length, 7);
  t.equal(keepBest(many, { overlap: 0.5, most: 7 })[0]?.score, 19_999 / 20_000);
});
