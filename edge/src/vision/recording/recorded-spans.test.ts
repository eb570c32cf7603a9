import fc from 'fast-check';
import t from 'tap';
import { joinMs, recordedSpans } from './recorded-spans.js';

const all = { from: 0, to: Number.MAX_SAFE_INTEGER, most: 5_000 };
const piece = fc
  .record({ startMs: fc.integer({ min: 0, max: 100_000 }), lasts: fc.integer({ min: 0, max: 9_000 }) })
  .map(({ startMs, lasts }) => ({ startMs, endMs: startMs + lasts }));
const pieces = fc.array(piece, { maxLength: 30 });
const covers = (spans: readonly { from: number; to: number }[], atMs: number) =>
  spans.some(({ from, to }) => from <= atMs && atMs <= to);

t.test('a span is what is recorded, and joins no more than a moment', async () => {
  fc.assert(
    fc.property(pieces, fc.nat({ max: 110_000 }), (given, atMs) => {
      const spans = recordedSpans(given, all);
      const isRecorded = given.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
      if (isRecorded && !covers(spans, atMs)) return false;
      const isNear = given.some(({ startMs, endMs }) => startMs - joinMs <= atMs && atMs <= endMs + joinMs);
      return isNear || !covers(spans, atMs);
    }),
  );
});

t.test('recorded in the order of time: spans are apart, and in order', async () => {
  const inOrder = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 6_000 }), fc.integer({ min: 1, max: 60_000 })), { maxLength: 30 })
    .map((steps) => {
      let at = 1_000;
      return steps.map(([gap, lasts]) => {
        const startMs = at + gap;
        at = startMs + lasts;
        return { startMs, endMs: at };
      });
    });
  fc.assert(
    fc.property(inOrder, (given) => {
      const spans = recordedSpans(given, all);
      const recorded = given.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
      const shown = spans.reduce((sum, { from, to }) => sum + to - from, 0);
      const areApart = spans.every(({ from }, i) => i === 0 || from - (spans[i - 1]?.to ?? 0) > joinMs);
      return areApart && shown >= recorded && shown <= recorded + joinMs * given.length;
    }),
  );
});

t.test('a clock set back by a moment: what begins before the span is in it', async (t) => {
  const setBack = [
    { startMs: 5_000, endMs: 6_000 },
    { startMs: 4_500, endMs: 7_000 },
  ];
  t.same(recordedSpans(setBack, all), [{ from: 4_500, to: 7_000 }]);
});

t.test('bounds cut, and the newest are kept', async (t) => {
  fc.assert(
    fc.property(pieces, fc.nat({ max: 100_000 }), fc.nat({ max: 50_000 }), (given, from, lasts) => {
      const spans = recordedSpans(given, { from, to: from + lasts, most: 3 });
      return (
        spans.length <= 3 && spans.every((one) => one.from >= from && one.to <= from + lasts && one.from <= one.to)
      );
    }),
  );
  const far = [0, 10_000, 20_000].map((startMs) => ({ startMs, endMs: startMs + 5_000 }));
  t.same(recordedSpans(far, { ...all, most: 2 }), [
    { from: 10_000, to: 15_000 },
    { from: 20_000, to: 25_000 },
  ]);
  const setBack = [
    { startMs: 50_000, endMs: 60_000 },
    { startMs: 30_000, endMs: 40_000 },
  ];
  t.same(recordedSpans(setBack, all), [
    { from: 30_000, to: 40_000 },
    { from: 50_000, to: 60_000 },
  ]);
});
