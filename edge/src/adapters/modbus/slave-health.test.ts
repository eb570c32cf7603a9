import fc from 'fast-check';
import t from 'tap';
import { ProbeBudget } from './probe-budget.js';
import { SlaveHealth } from './slave-health.js';

t.test('a silent slave is looked for after 1, 2, 4 to 60 s, and polled again at its first answer', async (t) => {
  const health = new SlaveHealth(new ProbeBudget());
  const waits: number[] = [];
  for (let i = 0, nowMs = 0; i < 8; i++) {
    health.silent(nowMs, 100);
    waits.push(health.notBeforeMs - nowMs);
    nowMs = health.notBeforeMs;
  }
  t.same(
    waits,
    [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000),
  );
  health.answered();
  t.equal(health.notBeforeMs, 0);
  t.notOk(health.isSilent);
});

t.test(
  'one that answers now and then is asked ever more rarely all the same, until it answers five times',
  async (t) => {
    const health = new SlaveHealth(new ProbeBudget());
    const wait = () => {
      health.silent(0, 100);
      return health.notBeforeMs;
    };
    t.equal(wait(), 1_000);
    health.answered();
    t.equal(wait(), 2_000);
    for (let i = 0; i < 5; i++) health.answered();
    t.equal(wait(), 1_000);
  },
);

t.test('three broken replies in a row count as silence, two do not', async (t) => {
  const health = new SlaveHealth(new ProbeBudget());
  health.broken(0, 100);
  health.broken(0, 100);
  health.answered();
  health.broken(0, 100);
  health.broken(0, 100);
  t.notOk(health.isSilent);
  health.broken(0, 100);
  t.ok(health.isSilent);
});

t.test('a new link is looked at at once; how rarely the next looks come is kept', async (t) => {
  const health = new SlaveHealth(new ProbeBudget());
  health.silent(0, 100);
  health.silent(1_000, 100);
  health.linkUp();
  t.equal(health.notBeforeMs, 0);
  health.silent(0, 100);
  t.equal(health.notBeforeMs, 4_000);
});

t.test('whatever slaves do, those that answer keep four fifths of the bus', async (t) => {
  const step = fc.record({ slave: fc.nat(4), does: fc.constantFrom('silent', 'answered', 'leave' as const) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new ProbeBudget();
      const slaves = Array.from({ length: 5 }, () => new SlaveHealth(budget));
      const gone = new Set<number>();
      let nowMs = 0;
      let freeMs = 0;
      for (const { slave, does } of steps) {
        const health = slaves[slave] as SlaveHealth;
        const isGone = gone.has(slave);
        const wasSilent = health.isSilent;
        nowMs = Math.max(nowMs, health.notBeforeMs);
        if (does === 'leave') {
          health.leave();
          gone.add(slave);
        } else if (does === 'answered') health.answered();
        else {
          const others = !isGone && slaves.some((one, at) => !gone.has(at) && !one.isSilent);
          if (wasSilent && others && nowMs < freeMs) return false;
          nowMs += 1_000;
          health.silent(nowMs, 1_000);
          // The last request of one that left may end after that.
          if (wasSilent && !isGone) freeMs = nowMs + 4_000;
        }
        const here = slaves.filter((_, at) => !gone.has(at));
        if (budget.slaves !== here.length || budget.silent !== here.filter((one) => one.isSilent).length) return false;
      }
      return true;
    }),
    { numRuns: 1_000 },
  );
  t.pass();
});
