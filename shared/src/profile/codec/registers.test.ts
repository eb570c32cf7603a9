import fc from 'fast-check';
import t from 'tap';
import { isHubError } from '../../errors/index.js';
import { type RegisterSpec, type RegisterType, registerTypeSchema } from '../register-schema.js';
import { shortestFloat32 } from './float32.js';
import { decodePoint, decodeRegisters, encodePoint, encodeRegisters, maskForBits } from './registers.js';

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
  ['two bits below zero', at('bits', { bit: 4, width: 2, signed: true }), [0x0020], -2],
  ['sixteen bits below zero', at('bits', { bit: 0, width: 16, signed: true }), [0xfffe], -2],
  ['the low byte', at('u8'), [0x12fe], 0xfe],
  ['the high byte', at('u8', { half: 'high' }), [0xfe12], 0xfe],
  ['the low byte, signed', at('i8', { half: 'low' }), [0x12fe], -2],
  ['the high byte, signed', at('i8', { half: 'high' }), [0x8012], -128],
  ['the high byte of swapped bytes', at('u8', { half: 'high', byteOrder: 'little' }), [0x12fe], 0xfe],
  ['bcd16', at('bcd16'), [0x9876], 9876],
  ['bcd32', at('bcd32'), [0x1234, 0x5678], 12_345_678],
  ['bcd32 words swapped', at('bcd32', { wordOrder: 'little' }), [0x5678, 0x1234], 12_345_678],
  ['mod10-32', at('mod10-32'), [1234, 5678], 12_345_678],
  ['mod10-48', at('mod10-48'), [1, 2, 3], 100_020_003],
  ['mod10-48 least first', at('mod10-48', { wordOrder: 'little' }), [3, 2, 1], 100_020_003],
  ['mod10-64', at('mod10-64'), [9, 0, 0, 1], 9_000_000_000_001],
  ['mod10-64 at its end', at('mod10-64'), [9999, 9999, 9999, 9999], 9_999_999_999_999_999n],
  ['mod10-32 below zero', at('mod10-32', { signed: true }), [0xfffe, 0xfffb], -20_005],
  ['coil', at('bool'), [1], true],
];

t.test('hand-made vectors of every type', async (t) => {
  for (const [name, spec, words, value] of vectors) t.equal(decodeRegisters(spec, words), value, name);
});

t.test('encoding gives the same registers back', async (t) => {
  for (const [name, spec, words, value] of vectors) {
    if (name === 'string padded' || ['bits', 'u8', 'i8', 'bool'].includes(spec.type)) continue;
    t.same(encodeRegisters(spec, value), words, name);
  }
  t.same(encodeRegisters(at('string', { words: 3 }), 'AB'), [0x4142, 0, 0], 'filled up with NUL');
  t.same(encodeRegisters(at('bool'), true), [1]);
  t.same(encodeRegisters(at('bits', { bit: 4, width: 3 }), 5), [0x50]);
  t.same(maskForBits(at('bits', { bit: 4, width: 3 }), 0x50), { andMask: 0xff8f, orMask: 0x50 });
  t.same(encodeRegisters(at('i8', { half: 'high' }), -2), [0xfe00]);
  t.same(maskForBits(at('i8', { half: 'high' }), 0xfe00), { andMask: 0x00ff, orMask: 0xfe00 });
  t.same(maskForBits(at('u8'), 0x12), { andMask: 0xff00, orMask: 0x12 });
  t.same(encodeRegisters(at('bits', { bit: 4, width: 2, signed: true }), -2), [0x20]);
  t.same(
    maskForBits(at('bits', { bit: 0 }), 0x0100, { byteOrder: 'little' }),
    { andMask: 0xfeff, orMask: 0x0100 },
    'the mask goes with the byte order',
  );
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
  t.equal(fails(at('bcd16'), [0x123a]), 'protocol_violation', 'a letter among the digits');
  t.equal(fails(at('bcd32'), [0xffff, 0xffff]), 'protocol_violation');
  t.equal(fails(at('mod10-32'), [0, 10_000]), 'protocol_violation', 'five digits');
  t.equal(fails(at('mod10-32'), [0xffff, 0]), 'protocol_violation', 'a sign where none may be');
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
    [at('bits', { bit: 0, width: 2, signed: true }), 2],
    [at('bits', { bit: 0, width: 2, signed: true }), -3],
    [at('u8'), 256],
    [at('i8'), -129],
    [at('bcd16'), 10_000],
    [at('bcd32'), -1],
    [at('mod10-32'), 100_000_000],
    [at('mod10-32'), -1],
    [at('mod10-64', { signed: true }), -(10n ** 16n)],
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
  const undefinedFloat = { ...at('f32'), missing: ['NaN', 0] };
  t.equal(decodePoint(undefinedFloat, [0x7fc0, 0], shape), undefined, 'NaN says no value where the profile says so');
  t.equal(decodePoint(undefinedFloat, [0, 0], shape), undefined);
  t.throws(() => decodePoint(undefinedFloat, [0x7f80, 0], shape), { code: 'protocol_violation' }, 'infinity does not');
  t.equal(decodePoint({ ...at('bcd16'), missing: ['0xFFFF'] }, [0xffff], shape), undefined, 'by its hex digits');
  t.equal(decodePoint({ ...at('u64'), missing: ['0x8000000000000000'] }, [0x8000, 0, 0, 0], shape), undefined);
  t.equal(decodePoint({ ...at('u32'), missing: ['0xFF'] }, [0, 255], shape), undefined);
  t.equal(decodePoint({ ...at('u16'), scale: 0.1 }, [1, 2, 2304], shape, {}, 2), 230.4, 'out of the middle of a block');
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
    ['u8', 0n, 255n],
    ['i8', -128n, 127n],
    ['bcd16', 0n, 9_999n],
    ['bcd32', 0n, 99_999_999n],
    ['mod10-32', 0n, 10n ** 8n - 1n],
    ['mod10-48', 0n, 10n ** 12n - 1n],
    ['mod10-64', 0n, 10n ** 16n - 1n],
  ];
  const half = fc.constantFrom('high' as const, 'low' as const);
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
    fc.property(fc.integer({ min: -128, max: 127 }), half, orders, (value, half, order) => {
      const spec = at('i8', { half, ...order });
      return decodeRegisters(spec, encodeRegisters(spec, value)) === value;
    }),
  );
  const signedMod10 = fc.constantFrom('mod10-32' as const, 'mod10-48' as const, 'mod10-64' as const);
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 8n) + 1n, max: 10n ** 8n - 1n }),
      signedMod10,
      orders,
      (value, type, order) => {
        const spec = at(type, { signed: true, ...order });
        return BigInt(decodeRegisters(spec, encodeRegisters(spec, value))) === value;
      },
    ),
  );
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

t.test('a part of a register is written without touching the rest', async (t) => {
  const parts: fc.Arbitrary<Partial<RegisterSpec> & { type: RegisterType }> = fc.oneof(
    fc.record({
      type: fc.constantFrom('u8' as const, 'i8' as const),
      half: fc.constantFrom('high' as const, 'low' as const),
    }),
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 16 }), fc.boolean())
      .filter(([bit, width]) => bit + width <= 16)
      .map(([bit, width, signed]) => ({ type: 'bits' as const, bit, width, signed })),
  );
  const word = fc.integer({ min: 0, max: 0xffff });
  const byteOrder = fc.constantFrom('big' as const, 'little' as const);
  fc.assert(
    fc.property(parts, word, word, byteOrder, (part, before, other, byteOrder) => {
      const spec = at(part.type, { ...part, byteOrder });
      const value = decodeRegisters(spec, [other]);
      const { andMask, orMask } = maskForBits(spec, encodeRegisters(spec, value)[0] ?? 0);
      const after = (before & andMask) | (orMask & ~andMask & 0xffff);
      return decodeRegisters(spec, [after]) === value && (after & andMask) === (before & andMask);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

t.test('no registers make decoding do anything but give a value or a violation', async (t) => {
  const types = registerTypeSchema.options.filter((type) => type !== 'bool' && type !== 'string' && type !== 'bits');
  const spec = fc.oneof(
    fc.constantFrom(...types).map((type) => at(type)),
    fc.integer({ min: 1, max: 125 }).map((words) => at('string', { words })),
    fc.integer({ min: 0, max: 15 }).map((bit) => at('bits', { bit })),
  );
  const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 130 });
  fc.assert(
    fc.property(spec, words, fc.nat(140), fc.boolean(), (spec, words, from, signed) => {
      try {
        const raw = decodeRegisters({ ...spec, signed }, words, {}, from);
        return typeof raw !== 'number' || Number.isFinite(raw);
      } catch (error) {
        return isHubError(error, 'protocol_violation');
      }
    }),
    { numRuns: 3_000 },
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
