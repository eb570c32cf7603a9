import fc from 'fast-check';
import t from 'tap';
import { Reporter, ToldValues } from './reporter.js';

const rule = { deadBand: 0.5, minIntervalMs: 0, maxIntervalMs: 900_000 };
const told = (
  values: [value: number | string | boolean | null, monoMs: number, quality?: 'good' | 'bad'][],
  one = rule,
) => {
  const device = new ToldValues();
  return values.map(([value, monoMs, quality = 'good']) =>
    device.offer('p', { value, quality, monoMs }, one, one.deadBand),
  );
};

t.test('numbers', (t) => {
  t.same(
    told([
      [20, 0],
      [20.4, 1],
      [20.49, 2],
      [20.5, 3],
    ]),
    [true, false, false, true],
    'less than the band is not told, the band itself is',
  );
  t.same(
    told([
      [0, 0],
      [0.2, 1],
      [0.4, 2],
      [0.6, 3],
    ]),
    [true, false, false, true],
    'drift adds up',
  );
  t.same(
    told(
      [
        [0.2, 0],
        [0.3, 1],
      ],
      { ...rule, deadBand: 0.1 },
    ),
    [true, true],
    'floating point does not eat the band',
  );
  t.same(
    told([
      [5, 0],
      [5, 899_999],
      [5, 900_000],
    ]),
    [true, false, true],
    'told again after long',
  );
  t.same(
    told(
      [
        [5, 0],
        [6, 1],
      ],
      { ...rule, deadBand: 0 },
    ),
    [true, true],
    'without a band every change is told',
  );
  t.same(
    told(
      [
        [5, 0],
        [5, 1],
      ],
      { ...rule, deadBand: 0 },
    ),
    [true, false],
    'but no change is none',
  );
  t.same(
    told(
      [
        [5, 0],
        [9, 999],
        [9, 1_000],
      ],
      { ...rule, minIntervalMs: 1_000 },
    ),
    [true, false, true],
    'not too often',
  );
  t.end();
});

t.test('everything else', (t) => {
  t.same(
    told([
      ['ok', 0],
      ['ok', 1],
      ['low', 2],
    ]),
    [true, false, true],
  );
  t.same(
    told([
      [true, 0],
      [false, 1],
      [false, 2],
    ]),
    [true, true, false],
  );
  t.same(
    told([
      [1, 0],
      [null, 1],
      [null, 2],
      [1, 3],
    ]),
    [true, true, false, true],
    'a value that is gone, and back',
  );
  t.same(
    told([
      [20, 0],
      [20, 1, 'bad'],
      [20, 2, 'bad'],
      [20, 3],
    ]),
    [true, true, false, true],
    'quality',
  );
  t.end();
});

t.test('what did not reach the disk is told again', (t) => {
  const reporter = new Reporter();
  const offer = (value: number) => reporter.of('d').offer('p', { value, quality: 'good', monoMs: 0 }, rule);
  offer(1);
  offer(2);
  reporter.of('d').takeBack(['p']);
  reporter.of('d').takeBack(['p']);
  t.equal(offer(1), true, 'though the one before the last was 1: it did not reach the disk either');
  t.equal(offer(1), false);
  reporter.forget('d');
  t.equal(offer(1), true, 'a device that was away begins anew');
  t.end();
});

t.test('what was told is never farther from the truth than the band', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (values, deadBand) => {
        const device = new ToldValues();
        let last = Number.NaN;
        for (const [index, value] of values.entries()) {
          if (device.offer('k', { value, quality: 'good', monoMs: index }, rule, deadBand)) last = value;
          if (!(Math.abs(value - last) <= deadBand)) return false;
        }
        return true;
      },
    ),
  );
  t.end();
});
