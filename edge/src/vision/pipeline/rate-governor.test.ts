import fc from 'fast-check';
import t from 'tap';
import { Pace } from './pace.js';
import { fairShare, RateGovernor } from './rate-governor.js';

const demands = (wanted: readonly number[], least = 0.2) =>
  new Map(wanted.map((rate, i) => [`camera ${i}`, { wanted: rate, least }]));

t.test(
  'nobody gets more than he wants, all no more than there is, and nobody gets less while another gets more',
  async () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.2, max: 15, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 5, max: 200, noNaN: true }),
        (wanted, capacity) => {
          const rates = [...fairShare(demands(wanted), capacity).values()];
          const sorted = [...wanted].sort((a, b) => a - b);
          const sum = rates.reduce((all, rate) => all + rate, 0);
          const most = Math.max(...rates);
          const isFair = rates.every((rate, i) => rate >= most - 1e-9 || Math.abs(rate - (sorted[i] as number)) < 1e-9);
          return sum <= capacity + 1e-6 && rates.every((rate, i) => rate <= (sorted[i] as number) + 1e-9) && isFair;
        },
      ),
    );
  },
);

t.test(
  'a machine that is fast enough gives all; a slow one shares; one that skips gives less, and grows back',
  async (t) => {
    const governor = new RateGovernor();
    const load = { inferenceMs: 20, looked: 25, skipped: 0 };
    t.same([...governor.share(demands([5, 5, 5, 5, 5]), load).values()], [5, 5, 5, 5, 5]);
    const slow = governor.share(demands([5, 5, 0.5]), { ...load, inferenceMs: 200 });
    t.same(
      [...slow],
      [
        ['camera 2', 0.5],
        ['camera 0', 1.75],
        ['camera 1', 1.75],
      ],
    );
    for (let i = 0; i < 5; i++) governor.share(demands([5]), { ...load, skipped: 10 });
    t.ok(governor.trust < 0.35);
    for (let i = 0; i < 30; i++) governor.share(demands([5]), load);
    t.equal(governor.trust, 1);
    for (let i = 0; i < 50; i++) governor.share(demands([5]), { ...load, skipped: 100 });
    t.ok(governor.trust >= 0.2, 'never to nothing');
    t.same([...governor.share(demands([5, 5]), { ...load, inferenceMs: 0 }).values()], [5, 5], 'no figures yet');
  },
);

t.test('a pace lets through what it says, of any stream of pictures', async () => {
  const steps = fc.array(fc.integer({ min: 5, max: 400 }), { minLength: 100, maxLength: 400 });
  fc.assert(
    fc.property(steps, fc.double({ min: 0.5, max: 10, noNaN: true }), (steps, perSecond) => {
      const pace = new Pace(perSecond);
      let [atMs, taken] = [0, 0];
      for (const step of steps) {
        atMs += step;
        if (pace.take(atMs)) taken += 1;
      }
      return taken <= (atMs / 1_000) * perSecond * 1.35 + 2;
    }),
  );
});

t.test('5 of 12 a second are 5, and none is none', async (t) => {
  const count = (perSecond: number, fps: number) => {
    const pace = new Pace(perSecond);
    return Array.from({ length: fps * 10 }, (_, i) => pace.take((i * 1_000) / fps)).filter(Boolean).length;
  };
  t.ok(Math.abs(count(5, 5) - 50) <= 1, 'all of them');
  t.ok(Math.abs(count(5, 12) - 50) <= 6);
  t.ok(Math.abs(count(1, 5) - 10) <= 1);
  t.equal(count(0, 5), 0);
});
