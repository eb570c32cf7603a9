import t from 'tap';
import type { History } from '../../api/devices.js';
import { counterPoints, linePoints, summaryOf } from './history-points.js';

const at = (ms: number) => new Date(ms).toISOString();
const history = (more: Partial<History>): History => ({
  ...{ property: 'x', resolution: 'raw', before: null, truncated: false, points: [], gaps: [], ...more },
});

t.test('the last reading before the range holds at its start, the last in it until now', async (t) => {
  const past = history({ before: { at: at(-5), value: 1 }, points: [{ at: at(40), value: 3 }] });
  const span = { fromMs: 0, toMs: 100 };
  t.match(linePoints(past, span, true), [
    { atMs: 0, value: 1 },
    { atMs: 40, value: 3 },
    { atMs: 100, value: 3 },
  ]);
  t.equal(linePoints(past, span, false).length, 2, 'not while the device is away');
});

t.test('an average counts a value for as long as it held', async (t) => {
  const points = [
    { atMs: 0, value: 10 },
    { atMs: 90, value: 20 },
  ];
  t.same(summaryOf(points, { fromMs: 0, toMs: 100 }), { least: 10, most: 20, average: 11 });
  t.same(summaryOf([], { fromMs: 0, toMs: 100 }), {});
});

t.test('a counter is read at the end of each bucket', async (t) => {
  const past = history({ before: { at: at(0), value: 5 }, points: [{ at: at(10), min: 5, max: 9, avg: 7 }] });
  t.same(counterPoints(past), [
    { atMs: 0, value: 5 },
    { atMs: 10, value: 9 },
  ]);
});
