import fc from 'fast-check';
import t from 'tap';
import { middle, person, rule, Watched } from './__fixtures__/watched.js';
import type { RuleOutcome } from './observation.js';

const line = [
  [0.2, 0.5],
  [0.8, 0.5],
];
const count = rule({ algorithm: 'line_count', line });

const walk = (
  watched: Watched,
  from: [number, number],
  to: [number, number],
  more: { id?: number; steps?: number; shake?: number } = {},
) => {
  const { id = 1, steps = 12, shake = 0 } = more;
  for (let i = 0; i <= steps; i++) {
    const share = i / steps;
    const jitter = shake * ((i % 3) - 1);
    const [x, y] = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share + jitter];
    watched.see([person(x, y, { id })]);
  }
  return watched;
};

const sums = (told: readonly RuleOutcome[]) =>
  told.reduce(
    (sum, one) => (one.kind === 'flow' ? { in: sum.in + (one.flow.in ?? 0), out: sum.out + (one.flow.out ?? 0) } : sum),
    { in: 0, out: 0 },
  );

t.test('who crosses is counted each way, by the minute', async (t) => {
  const watched = new Watched([count]);
  walk(watched, [0.5, 0.3], [0.5, 0.7]);
  walk(watched, [0.5, 0.7], [0.5, 0.3]);
  walk(watched, [0.4, 0.3], [0.4, 0.7], { id: 2 });
  t.same(sums(watched.told), { in: 0, out: 0 }, 'the minute is not over');
  watched.forMs(60_000, []);
  t.same(sums(watched.told), { in: 2, out: 1 });
  t.equal(watched.told.filter(({ kind }) => kind === 'flow').length, 1);
  const [flow] = watched.told.filter((one) => one.kind === 'flow');
  t.equal(flow?.kind === 'flow' && flow.flow.minute % 60_000, 0);
});

t.test('who shakes on the line, walks around its end or turns back is not counted', async (t) => {
  const watched = new Watched([count]);
  for (let i = 0; i < 200; i++) watched.see([person(0.5, 0.5 + ((i % 2) - 0.5) * 0.06)]);
  walk(watched, [0.5, 0.3], [0.5, 0.49], { id: 2 });
  walk(watched, [0.5, 0.49], [0.5, 0.3], { id: 2 });
  walk(watched, [0.1, 0.3], [0.1, 0.7], { id: 3 });
  walk(watched, [0.1, 0.7], [0.5, 0.7], { id: 3 });
  watched.forMs(60_000, []);
  t.same(sums(watched.told), { in: 0, out: 0 });
});

t.test('however the boxes shake, a walk across counts once', async () => {
  const place = fc.double({ min: 0.25, max: 0.75, noNaN: true });
  fc.assert(
    fc.property(
      place,
      place,
      fc.integer({ min: 5, max: 60 }),
      fc.double({ min: 0, max: 0.03, noNaN: true }),
      (a, b, steps, shake) => {
        const watched = walk(new Watched([count]), [a, 0.25], [b, 0.75], { steps, shake });
        for (let i = 0; i < 3; i++) watched.see([person(b, 0.75)]);
        watched.forMs(60_000, []);
        const { in: ins, out } = sums(watched.told);
        if (ins !== 1 || out !== 0) throw new Error(`${ins} in, ${out} out`);
      },
    ),
    { numRuns: 60 },
  );
});

t.test('a line somebody crosses: told once, then it cools', async (t) => {
  const watched = new Watched([rule({ algorithm: 'line_cross', line, way: 'out', coolDownMs: 10_000 })]);
  walk(watched, [0.5, 0.3], [0.5, 0.7]);
  t.same(watched.kinds, []);
  walk(watched, [0.5, 0.7], [0.5, 0.3]);
  t.match(watched.told, [{ kind: 'once', detail: 'out', count: 1, seen: [{ trackId: 1 }] }]);
  walk(watched, [0.5, 0.7], [0.5, 0.3], { id: 2 });
  t.equal(watched.kinds.length, 1);
  walk(watched.forMs(10_000, []), [0.5, 0.7], [0.5, 0.3], { id: 3 });
  t.equal(watched.kinds.length, 2);
});

t.test('dwell: how many, and how long those stayed who left', async (t) => {
  const watched = new Watched([rule({ algorithm: 'dwell', zone: middle, forMs: 2_000 })]);
  const people = [1, 2].map((id) => person(0.5, 0.7, { id }));
  watched
    .forMs(10_000, people)
    .forMs(10_000, people.slice(0, 1))
    .see([person(0.5, 0.7, { id: 3 })])
    .forMs(60_000, []);
  const [flow] = watched.told.flatMap((one) => (one.kind === 'flow' ? [one.flow] : []));
  t.match(flow, { occupancyMost: 2, left: 2, dwellMeanMs: 14_800 }, 'who only passed did not stay');
  t.ok(Math.abs((flow?.occupancyMean ?? 0) - 0.5) < 0.02);
});

t.test('heat: seconds by cell, told when the hour is over', async (t) => {
  const watched = new Watched([]).forMs(30_000, [person(0.99, 0.99)]);
  watched.atMs += 3_600_000;
  watched.see([]);
  const [heat] = watched.told.flatMap((one) => (one.kind === 'heat' ? [one.heat] : []));
  t.equal(heat?.seconds.at(-1), 30);
  t.equal(
    heat?.seconds.reduce((sum, one) => sum + one, 0),
    30,
  );
  t.equal((heat?.hour ?? 1) % 3_600_000, 0);
});
