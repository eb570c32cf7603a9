import t from 'tap';
import { toPairs } from './series-points.js';
import { spansOf } from './state-spans.js';

t.test('a gap breaks the line where it begins', async (t) => {
  const points = [
    { atMs: 10, value: 1 },
    { atMs: 50, value: 2 },
  ];
  t.same(
    toPairs(points, [{ fromMs: 20, toMs: 40 }], (point) => point.value),
    [
      [10, 1],
      [21, null],
      [50, 2],
    ],
  );
});

const look = (state: string) => ({ tone: 'quiet' as const, word: state });

t.test('steps become spans within the range; equal neighbours are one', async (t) => {
  const spans = spansOf(
    [
      { atMs: 60, state: 'b' },
      { atMs: 0, state: 'a' },
      { atMs: 30, state: 'a' },
    ],
    { fromMs: 20, toMs: 100 },
    look,
  );
  t.match(spans, [
    { fromMs: 20, toMs: 60, word: 'a' },
    { fromMs: 60, toMs: 100, word: 'b' },
  ]);
});

t.test('before the first step nothing is claimed', async (t) => {
  t.match(spansOf([{ atMs: 50, state: 'a' }], { fromMs: 0, toMs: 100 }, look), [
    { fromMs: 0, toMs: 50, tone: 'none' },
    { fromMs: 50, toMs: 100, word: 'a' },
  ]);
  t.match(spansOf([], { fromMs: 0, toMs: 100 }, look), [{ tone: 'none' }]);
});
