import fc from 'fast-check';
import t from 'tap';
import { isHubError } from '../../errors/index.js';
import type { RegisterSpec, RegisterType } from '../modbus-schema.js';
import {
  decodePoint,
  decodeRegisters,
  encodePoint,
  encodeRegisters,
  maskForBits,
  shortestFloat32,
} from './registers.js';

const at = (type: RegisterType, extra: Partial<RegisterSpec> = {}): RegisterSpec => ({
  table: type === 'bool' ? 'coil' : 'holding',
  address: 0,
  type,
  ...extra,
});

// Worked out by hand from IEEE 754 and two's complement.
const vectors: [string, RegisterSpec, number[], number | bigint | boolean | string][] = [
  ['u16', at('u16'), [0xfffe], 65534],
  ['i16', at('i16'), [0xfffe], -2],
  ['u32', at('u32'), [0x0001, 0x86a0], 100_000],
  ['u32 words swapped', at('u32', { wordOrder: 'little' }), [0x86a0, 0x0001], 100_000],
  ['u32 bytes swapped', at('u32', { byteOrder: 'little' }), [0x0100, 0xa086], 100_000],
  ['u32 both swapped', at('u32', { wordOrder: 'little', byteOrder: 'little' }), [0xa086, 0x0100], 100_000],
  ['i32', at('i32'), [0xfffe, 0x7960], -100_000],
  ['u64', at('u64'), [0x0000, 0x0002, 0x540b, 0xe400], 10_000_000_000],
  ['u64 words swapped', at('u64', { wordOrder: 'little' }), [0xe400, 0x540b, 0x0002, 0x0000], 10_000_000_000],
  ['u64 at its end', at('u64'), [0xffff, 0xffff, 0xffff, 0xffff], 18_446_744_073_709_551_615n],
  ['i64', at('i64'), [0xffff, 0xffff, 0xffff, 0xffff], -1],
  ['f32 1', at('f32'), [0x3f80, 0x0000], 1],
  ['f32 of the SDM630 manual', at('f32'), [0x4366, 0x3333], 230.2],
  ['f32 words swapped', at('f32', { wordOrder: 'little' }), [0x3333, 0x4366], 230.2],
  ['f32 -0.15625', at('f32'), [0xbe20, 0x0000], -0.15625],
  ['f64 pi', at('f64'), [0x4009, 0x21fb, 0x5444, 0x2d18], Math.PI],
  ['string', at('string', { words: 3 }), [0x5344, 0x4d36, 0x3330], 'SDM630'],
  ['string padded', at('string', { words: 4 }), [0x4142, 0x4320, 0x2000, 0x4141], 'ABC'],
  ['string bytes swapped', at('string', { words: 2, byteOrder: 'little' }), [0x4241, 0x4443], 'ABCD'],
  ['string keeps its word order', at('string', { words: 2, wordOrder: 'little' }), [0x4142, 0x4344], 'ABCD'],
  ['bit 3', at('bits', { bit: 3 }), [0x0008], 1],
  ['bits 4 to 6', at('bits', { bit: 4, width: 3 }), [0x00d5], 5],
  ['all bits', at('bits', { bit: 0, width: 16 }), [0xbeef], 0xbeef],
  ['coil', at('bool'), [1], true],
];

t.test('hand-made vectors of every type', async (t) => {
  for (const [name, spec, words, value] of vectors) t.equal(decodeRegisters(spec, words), value, name);
});

t.test('encoding gives the same registers back', async (t) => {
  for (const [name, spec, words, value] of vectors) {
    if (name === 'string padded' || spec.type === 'bits' || spec.type === 'bool') continue;
    t.same(encodeRegisters(spec, value), words, name);
  }
  t.same(encodeRegisters(at('string', { words: 3 }), 'AB'), [0x4142, 0, 0], 'filled up with NUL');
  t.same(encodeRegisters(at('bool'), true), [1]);
  t.same(encodeRegisters(at('bits', { bit: 4, width: 3 }), 5), [0x50]);
  t.same(maskForBits(at('bits', { bit: 4, width: 3 }), 0x50), { andMask: 0xff8f, orMask: 0x50 });
});

t.test('the binding’s order counts where the register states none', async (t) => {
  t.equal(decodeRegisters(at('u32'), [0x86a0, 0x0001], { wordOrder: 'little' }), 100_000);
  t.equal(decodeRegisters(at('u32', { wordOrder: 'big' }), [0x0001, 0x86a0], { wordOrder: 'little' }), 100_000);
});

t.test('too few registers and floats that are no number are the device’s fault', async (t) => {
  const fails = (spec: RegisterSpec, words: number[]) => {
    try {
      decodeRegisters(spec, words);
      return 'no error';
    } catch (error) {
      return isHubError(error, 'protocol_violation') ? 'protocol_violation' : String(error);
    }
  };
  for (const [, spec, words] of vectors) t.equal(fails(spec, words.slice(0, -1)), 'protocol_violation', spec.type);
  t.equal(fails(at('f32'), [0x7fc0, 0]), 'protocol_violation', 'NaN');
  t.equal(fails(at('f32'), [0x7f80, 0]), 'protocol_violation', 'infinity');
  t.equal(fails(at('f64'), [0xfff0, 0, 0, 0]), 'protocol_violation', '-infinity');
});

t.test('values that do not fit are the caller’s fault', async (t) => {
  const bad: [RegisterSpec, number | bigint | boolean | string][] = [
    [at('u16'), 65_536],
    [at('u16'), -1],
    [at('u16'), 1.5],
    [at('i16'), 32_768],
    [at('u32'), 2 ** 32],
    [at('u64'), 2n ** 64n],
    [at('i64'), -(2n ** 63n) - 1n],
    [at('f32'), 1e39],
    [at('f32'), ''],
    [at('bits', { bit: 0, width: 2 }), 4],
    [at('string', { words: 1 }), 'ABC'],
    [at('string', { words: 2 }), 'A\0B'],
    [at('bool'), 2],
  ];
  for (const [spec, raw] of bad)
    t.throws(() => encodeRegisters(spec, raw), { code: 'invalid_input' }, `${spec.type} ${raw}`);
});

t.test('scaling, maps and missing values', async (t) => {
  const shape = { id: 'x', label: { zh: '值' }, type: 'number' as const };
  t.equal(decodePoint({ ...at('u16'), scale: 0.1 }, [2304], shape), 230.4, 'not 230.40000000000003');
  t.equal(decodePoint({ ...at('i16'), scale: 0.5, offset: -40 }, [0xffff], shape), -40.5);
  t.equal(decodePoint({ ...at('i16'), missing: [-32768] }, [0x8000], shape), undefined);
  t.same(encodePoint({ ...at('i16'), scale: 0.1 }, -0.3), [0xfffd]);
  t.same(encodePoint({ ...at('i16'), scale: 0.5, offset: -40 }, -40.5), [0xffff]);
  const mapped = { ...at('u16'), map: { '0': 'auto', '1': 'heat' } };
  const mode = { id: 'mode', label: { zh: '模式' }, type: 'enum' as const };
  t.equal(decodePoint(mapped, [1], mode), 'heat');
  t.throws(() => decodePoint(mapped, [7], mode), { code: 'protocol_violation' });
  t.same(encodePoint(mapped, 'heat'), [1]);
  t.throws(() => encodePoint(mapped, 'cool'), { code: 'invalid_input' });
});

t.test('round trips', async (t) => {
  const orders = fc.record({
    wordOrder: fc.constantFrom('big' as const, 'little' as const),
    byteOrder: fc.constantFrom('big' as const, 'little' as const),
  });
  const integers: [RegisterType, bigint, bigint][] = [
    ['u16', 0n, 2n ** 16n - 1n],
    ['i16', -(2n ** 15n), 2n ** 15n - 1n],
    ['u32', 0n, 2n ** 32n - 1n],
    ['i32', -(2n ** 31n), 2n ** 31n - 1n],
    ['u64', 0n, 2n ** 64n - 1n],
    ['i64', -(2n ** 63n), 2n ** 63n - 1n],
  ];
  for (const [type, min, max] of integers) {
    fc.assert(
      fc.property(
        fc.bigInt({ min, max }),
        orders,
        (value, order) => BigInt(decodeRegisters(at(type, order), encodeRegisters(at(type, order), value))) === value,
      ),
    );
  }
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), orders, (value, order) => {
      const back = decodeRegisters(at('f32', order), encodeRegisters(at('f32', order), value));
      return Math.fround(Number(back)) === value || (value === 0 && back === 0);
    }),
  );
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      orders,
      (value, order) => Number(decodeRegisters(at('f64', order), encodeRegisters(at('f64', order), value))) === value,
    ),
  );
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => Math.fround(shortestFloat32(value)) === value || value === 0),
  );
  t.pass();
});

t.test('a float32 is told with the fewest digits, whatever its size', async (t) => {
  const digitsOf = (value: number) =>
    Number(
      value
        .toExponential()
        .replace(/[-.]|e.*/g, '')
        .replace(/0+$/, '') || 0,
    );
  const fewest = (value: number) => {
    for (let digits = 1; digits <= 9; digits++) {
      const short = Number(value.toPrecision(digits));
      if (Math.fround(short) === value) return short;
    }
    return value;
  };
  const agrees = (value: number) => {
    const short = shortestFloat32(value);
    return Math.fround(short) === value && String(digitsOf(short)).length === String(digitsOf(fewest(value))).length;
  };
  const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
  const measured = fc.tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(finite, (value) => agrees(value)),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(measured, ([whole, decimals]) => {
      const value = whole / 10 ** decimals;
      return agrees(Math.fround(value)) && (Math.abs(whole) >= 1e6 || shortestFloat32(Math.fround(value)) === value);
    }),
    { numRuns: 5_000 },
  );
  for (const value of [0, 1, 10, 0.1, 0.01, 0.001, 0.0001, 99_999.9, 999_999, 1e6, 1e-5, 1e-45, 3.4028234663852886e38])
    for (const sign of [1, -1]) t.ok(agrees(Math.fround(value) * sign), String(value * sign));
});
