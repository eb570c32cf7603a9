import fc from 'fast-check';
import t from 'tap';
import { FrameTimes } from './frame-times.js';

const times = fc.uniqueArray(
  fc.integer({ min: 0, max: 1_000 }).map((n) => n * 10),
  { maxLength: 60 },
);

t.test('steps go along the pictures, in whichever order they came', async (t) => {
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 10_000 }), (given, at) => {
      const frames = new FrameTimes();
      for (const one of [...given, ...given]) frames.add(one);
      const sorted = [...given].sort((a, b) => a - b);
      const shown = sorted.filter((one) => one <= at + 2).at(-1);
      const next = sorted.find((one) => one > at + 2);
      const before = sorted.filter((one) => one <= at + 2).at(-2);
      return (
        frames.size === given.length &&
        frames.at(at) === shown &&
        frames.next(at) === next &&
        frames.before(at) === before
      );
    }),
  );
  const frames = new FrameTimes();
  for (const one of [0, 40, 80, 120]) frames.add(one);
  frames.keep(40, 80);
  t.same([frames.first, frames.last, frames.next(40), frames.before(80)], [40, 80, 80, 40]);
  frames.clear();
  t.equal(frames.at(50), undefined);
});
