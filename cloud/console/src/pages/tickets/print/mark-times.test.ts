import t from 'tap';
import { markTimes, tookMs } from './mark-times.js';

t.test('a slip says when somebody came, when it was mended and when that was confirmed', async (t) => {
  const at = '2026-11-22T08:00:00.000Z';
  const device = { id: 'd', name: '评价器' };
  t.same(markTimes({ marks: {}, device }), []);
  t.same(markTimes({ marks: { solved: at, responded: at, arrived: at, confirmed: at }, device }), [
    { word: 'arrived', at },
    { word: 'repaired', at },
    { word: 'confirmed', at },
  ]);
  t.same(markTimes({ marks: { solved: at }, device: null }), [{ word: 'solved', at }], 'a request is not mended');
  t.equal(tookMs({ madeAt: '2026-11-22T06:30:00.000Z' }, at), 5_400_000);
  t.equal(tookMs({ madeAt: '2026-11-22T09:00:00.000Z' }, at), 0, 'a clock that was set back');
});
