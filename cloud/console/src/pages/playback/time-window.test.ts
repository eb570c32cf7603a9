import fc from 'fast-check';
import t from 'tap';
import { follow, pan, shareOf, ticks, zoom } from './time-window.js';

const day = { from: 1_780_243_200_000, to: 1_780_329_600_000 };
const moment = fc.integer({ min: day.from, max: day.to });
const window = fc
  .tuple(moment, fc.integer({ min: 60_000, max: 86_400_000 }))
  .map(([from, length]) => pan({ from, to: from + length }, day, 0));
const isIn = ({ from, to }: { from: number; to: number }) =>
  from >= day.from - 1e-3 && to <= day.to + 1e-3 && from < to;

t.test('the window stays in the day, and what is pointed at stays where it is', async () => {
  fc.assert(
    fc.property(
      window,
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (was, factor, share) => {
        const aroundMs = was.from + share * (was.to - was.from);
        const now = zoom(was, day, { factor, aroundMs });
        const wasCut = now.from <= day.from + 1 || now.to >= day.to - 1;
        return isIn(now) && (wasCut || Math.abs(shareOf(now, aroundMs) - share) < 1e-6);
      },
    ),
  );
  fc.assert(fc.property(window, fc.integer({ min: -1e9, max: 1e9 }), (was, byMs) => isIn(pan(was, day, byMs))));
  fc.assert(
    fc.property(window, moment, (was, atMs) => {
      const now = follow(was, day, atMs);
      return isIn(now) && atMs >= now.from - 1e-3 && atMs <= now.to + 1e-3;
    }),
  );
});

t.test('marks of the clock', async (t) => {
  t.same(
    ticks(day, day, 12).map((at) => (at - day.from) / 3_600_000),
    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24],
  );
  const hour = { from: day.from + 3_600_000 + 1, to: day.from + 7_200_000 };
  t.same(
    ticks(hour, day, 6).map((at) => (at - day.from) / 60_000),
    [70, 80, 90, 100, 110, 120],
  );
});
