import fc from 'fast-check';
import t from 'tap';
import type { Sight } from './judge-sight.js';
import { Patrol } from './patrol.js';

const options = { stops: ['1', '2', '3'], dwellMs: 10_000, resumeAfterMs: 60_000 };
const at = (preset: string): Sight => ({ state: 'at', preset });
const moving: Sight = { state: 'moving' };

t.test('from stop to stop', async (t) => {
  const patrol = new Patrol(options);
  t.equal(patrol.step(moving, 0), '1');
  t.equal(patrol.step(moving, 1_000), undefined);
  t.equal(patrol.step(at('1'), 2_000), undefined);
  t.match(patrol.standing, { state: 'dwelling', preset: '1', untilMs: 12_000 });
  t.equal(patrol.step(at('1'), 11_999), undefined);
  t.equal(patrol.step(at('1'), 12_000), '2');
  t.equal(patrol.step(at('1'), 12_100), undefined, 'it has not begun to turn');
  t.equal(patrol.step(moving, 41_999), undefined);
  t.equal(patrol.step(moving, 42_000), '3', 'what cannot be reached is left out');
  t.equal(patrol.missed, 1);
  patrol.step(at('3'), 43_000);
  t.equal(patrol.step(at('3'), 53_000), '1', 'and round again');
});

t.test('it rests while somebody has it in hand, and for a while after', async (t) => {
  const patrol = new Patrol(options);
  patrol.step(moving, 0);
  patrol.step(at('1'), 1_000);
  patrol.pause(5_000);
  t.equal(patrol.step(moving, 30_000), undefined);
  patrol.pause(40_000);
  t.equal(patrol.step({ state: 'elsewhere' }, 99_999), undefined);
  t.equal(patrol.step({ state: 'elsewhere' }, 100_000), '1', 'it goes on where it was');
  patrol.step(at('1'), 101_000);
  t.equal(patrol.step({ state: 'unknown' }, 102_000), undefined);
  t.match(patrol.standing, { state: 'dwelling' }, 'a camera that is silent for a moment was not turned');
  patrol.step({ state: 'elsewhere' }, 103_000);
  t.match(patrol.standing, { state: 'paused', untilMs: 163_000 }, 'somebody outside turned it');
});

t.test('with one stop it is kept there', async (t) => {
  const patrol = new Patrol({ ...options, stops: ['1'] });
  t.equal(patrol.step(moving, 0), '1');
  patrol.step(at('1'), 1_000);
  t.equal(patrol.step(at('1'), 11_000), undefined);
  t.equal(patrol.step(at('1'), 50_000), undefined);
  patrol.step({ state: 'elsewhere' }, 51_000);
  t.equal(patrol.step({ state: 'elsewhere' }, 111_000), '1');
});

t.test('whatever it sees: never a word while it rests, and a stop at a time', async () => {
  const sight = fc.oneof(
    fc.constantFrom<Sight>(moving, { state: 'elsewhere' }, { state: 'unknown' }),
    fc.constantFrom('1', '2', '3', '9').map(at),
  );
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 20_000 }), sight, hand: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const patrol = new Patrol(options);
      let nowMs = 0;
      let handMs = Number.NEGATIVE_INFINITY;
      for (const { waitMs, sight: seen, hand } of steps) {
        nowMs += waitMs;
        if (hand) {
          patrol.pause(nowMs);
          handMs = nowMs;
        }
        const word = patrol.step(seen, nowMs);
        if (word !== undefined && nowMs < handMs + options.resumeAfterMs) throw new Error('out of somebody’s hand');
        if (word !== undefined && !options.stops.includes(word)) throw new Error('to nowhere');
        if (word !== undefined && patrol.standing?.state !== 'going') throw new Error('it does not know that it goes');
      }
    }),
  );
});
