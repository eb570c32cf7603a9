import fc from 'fast-check';
import t from 'tap';
import type { ThresholdRule } from './active-rule.js';
import { stepThreshold, type ThresholdState } from './step-threshold.js';

const rule = (change: Partial<ThresholdRule> = {}): ThresholdRule => ({
  key: 'r',
  kind: 'threshold',
  severity: 'warning',
  label: { zh: '高' },
  property: 'p',
  op: 'gt',
  limit: 30,
  clearLimit: 28,
  forMs: 0,
  clearForMs: 0,
  ...change,
});

const run = (of: ThresholdRule, readings: readonly [number | string | boolean | null, number][]) => {
  let state: ThresholdState = { phase: 'normal' };
  return readings.map(([value, atMs]) => {
    const step = stepThreshold(state, of, { value, atMs });
    state = step.state;
    return step.action ?? state.phase;
  });
};

t.test('raises beyond the limit, and clears only past the hysteresis', async (t) => {
  const readings: [number, number][] = [
    [30, 0],
    [30.1, 1],
    [29, 2],
    [31, 3],
    [28, 4],
    [29, 5],
  ];
  t.same(run(rule(), readings), ['normal', 'raise', 'open', 'open', 'clear', 'normal']);
});

t.test('the other way round for a lower limit', async (t) => {
  const lower = rule({ op: 'lt', limit: 10, clearLimit: 12 });
  t.same(
    run(lower, [
      [10, 0],
      [9, 1],
      [11, 2],
      [12, 3],
    ]),
    ['normal', 'raise', 'open', 'clear'],
  );
});

t.test('has to last, without a break', async (t) => {
  const lasting = rule({ forMs: 1_000 });
  t.same(
    run(lasting, [
      [31, 0],
      [32, 500],
      [29, 900],
      [31, 1_000],
      [31, 1_999],
      [31, 2_000],
    ]),
    [...['pending', 'pending', 'normal', 'pending', 'pending', 'raise']],
  );
});

t.test('has to be back for a while too, and coming again counts', async (t) => {
  const slow = rule({ clearForMs: 1_000 });
  t.same(
    run(slow, [
      [31, 0],
      [20, 100],
      [31, 600],
      [20, 700],
      [20, 1_699],
      [20, 1_700],
    ]),
    [...['raise', 'clearing', 'again', 'clearing', 'clearing', 'clear']],
  );
});

t.test('equality is for anything; no number says nothing about a numeric limit', async (t) => {
  const jammed = rule({ op: 'eq', limit: 'jam', clearLimit: 'jam' });
  t.same(
    run(jammed, [
      ['ok', 0],
      ['jam', 1],
      ['jam', 2],
      [null, 3],
    ]),
    ['normal', 'raise', 'open', 'clear'],
  );
  t.same(
    run(rule(), [
      ['x', 0],
      [null, 1],
      [true, 2],
      [31, 3],
      [null, 4],
    ]),
    ['normal', 'normal', 'normal', 'raise', 'open'],
  );
});

t.test('raises and clears take turns, whatever is read', async (t) => {
  const any = fc.record({ forMs: fc.nat(50), clearForMs: fc.nat(50), clearLimit: fc.integer({ min: 20, max: 30 }) });
  const readings = fc.array(fc.tuple(fc.integer({ min: 15, max: 40 }), fc.nat(40)), { maxLength: 60 });
  fc.assert(
    fc.property(any, readings, (change, list) => {
      let atMs = 0;
      const timed = list.map(([value, step]): [number, number] => {
        atMs += step;
        return [value, atMs];
      });
      const turns = run(rule(change), timed).filter((action) => action === 'raise' || action === 'clear');
      return turns.every((action, i) => action === (i % 2 === 0 ? 'raise' : 'clear'));
    }),
  );
  t.pass();
});
