import fc from 'fast-check';
import t from 'tap';
import { frameFieldSchema, frameMatchSchema, framePartSchema } from '../serial-schema.js';
import { bytesToHex, hexToBytes } from './bytes.js';
import { matchFrame, readField } from './frame-decode.js';
import { buildFrame } from './frame-encode.js';

const read = (hex: string, spec: object) => readField(frameFieldSchema.parse({ at: 0, ...spec }), hexToBytes(hex), {});
const rules = { framing: { type: 'idle' as const, idleMs: 10, maxBytes: 4096 }, params: { address: { default: 1 } } };
const send = (spec: object, values = {}, params = {}) =>
  bytesToHex(buildFrame(rules, [framePartSchema.parse(spec)], values, { params }));

t.test('numbers as devices write them', async (t) => {
  t.equal(read('01 00 00', { type: 'u24' }), 65_536);
  t.equal(read('FE FF FF', { type: 'i24', order: 'little' }), -2);
  t.equal(read('00 00 00 01 00 00 00 02', { type: 'u64' }), 4_294_967_298n);
  t.equal(read('FF FF FF FF FF FF FF FE', { type: 'i64' }), -2n);
  // 1.5 is 3FF8 0000 0000 0000 as a double.
  t.equal(read('00 00 00 00 00 00 F8 3F', { type: 'f64', order: 'little' }), 1.5);
  t.equal(read('05 22', { type: 'bcd', bytes: 2, order: 'little' }), 2205);
  t.equal(
    read('45 23 81', { type: 'bcd', bytes: 3, order: 'little', signBit: true }),
    -12_345,
    'power that flows back',
  );
  t.equal(read('45 23 01', { type: 'bcd', bytes: 3, order: 'little', signBit: true }), 12_345);
  t.equal(read('30 31 41 66', { type: 'ascii-hex', bytes: 4 }), 0x01af);
  t.equal(read('01 02', { type: 'hex', bytes: 2, order: 'little' }), '0201');
  // YD/T 1363: a float as eight hex digits, low byte first; 0000 5C43 is 220.0.
  t.equal(read('30 30 30 30 35 43 34 33', { type: 'f32', order: 'little', hexDigits: true }), 220);
  for (const [hex, spec] of [
    ['30 3A', { type: 'ascii-hex', bytes: 2 }],
    ['30', { type: 'u8', hexDigits: true }],
    ['30 5A', { type: 'u8', hexDigits: true }],
    ['FF', { type: 'bcd', bytes: 1 }],
    ['00', { type: 'u24' }],
    ['', { type: 'bcd', until: -1 }],
    ['AA', { type: 'bcd', until: -1 }],
  ] as const) {
    t.throws(() => read(hex, spec), { code: 'protocol_violation' }, `${hex} ${JSON.stringify(spec)}`);
  }
});

t.test('numbers as they are sent', async (t) => {
  t.equal(send({ input: 'n', type: 'u24', order: 'little' }, { n: 66_051 }), '03 02 01');
  t.equal(send({ input: 'n', type: 'f32' }, { n: 1.5 }), '3F C0 00 00');
  t.equal(send({ input: 'n', type: 'ascii-hex', bytes: 4 }, { n: 431 }), '30 31 41 46');
  t.equal(send({ input: 'n', type: 'u16', hexDigits: true }, { n: 431 }), '30 31 41 46');
  t.equal(
    send({ param: 'address', type: 'bcd', bytes: 6, order: 'little' }, {}, { address: '202211140001' }),
    '01 00 14 11 22 20',
  );
  t.equal(send({ param: 'address', type: 'hex', bytes: 2, order: 'little' }, {}, { address: 'A001' }), '01 A0');
  t.throws(() => send({ input: 'n', type: 'ascii-hex', bytes: 2 }, { n: 256 }), { code: 'invalid_input' });
  t.throws(() => send({ input: 'n', type: 'f32' }, { n: 1e40 }), { code: 'invalid_input' });
  t.throws(() => send({ param: 'address', type: 'hex', bytes: 2 }, {}, { address: '01' }), { code: 'invalid_input' });
});

t.test('a float is as short as the device means it', async (t) => {
  t.equal(read('43 66 33 33', { type: 'f32' }), 230.2);
  t.equal(read('33 33 66 43', { type: 'f32', order: 'little' }), 230.2);
  t.equal(read('45 23 81', { type: 'bcd', bytes: 3, order: 'little', signBit: true }), -12_345);
  t.ok(Object.is(read('00 80', { type: 'bcd', bytes: 2, order: 'little', signBit: true }), 0), 'no negative zero');
});

t.test('nothing is no number', async (t) => {
  for (const type of ['u8', 'f32', 'bcd', 'ascii-hex', 'hex'])
    for (const n of ['', ' '])
      t.throws(
        () => send({ input: 'n', type, bytes: 1 }, { n }),
        { code: 'invalid_input' },
        `${type} ${JSON.stringify(n)}`,
      );
});

t.test('a number takes the bytes of its type', async (t) => {
  for (const type of ['u8', 'u16', 'i24', 'f32', 'f64', 'u64'])
    t.notOk(frameFieldSchema.safeParse({ at: 1, type, until: -1 }).success, type);
  t.notOk(frameFieldSchema.safeParse({ at: 1, type: 'bits', bit: 9, until: -1 }).success);
  t.ok(frameFieldSchema.safeParse({ at: 1, type: 'bcd', until: -1 }).success);
});

t.test('devices on one line are told apart by their parameter', async (t) => {
  const match = (bytes: object) => frameMatchSchema.parse({ bytes: [bytes] });
  const fits = (bytes: object, hex: string, params?: object) =>
    matchFrame(match(bytes), hexToBytes(hex), 'ascii', params as never) !== undefined;
  t.ok(fits({ at: 1, param: 'address' }, 'AA 02', { address: 2 }));
  t.notOk(fits({ at: 1, param: 'address' }, 'AA 03', { address: 2 }));
  t.ok(fits({ at: 1, param: 'address' }, 'AA 03'), 'nobody’s parameters: any address');
  t.notOk(fits({ at: 1, param: 'address' }, 'AA 03', {}), 'it is not stated');
  t.notOk(fits({ at: 1, param: 'address' }, 'AA FF', { address: 300 }), 'it cannot stand there');
  t.ok(fits({ at: 0, param: 'address', type: 'u16', order: 'little' }, '01 02', { address: 513 }));
  t.ok(fits({ at: 0, param: 'address', type: 'bcd', bytes: 2, order: 'little' }, '34 12', { address: 1234 }));
  t.ok(fits({ at: 0, param: 'address', type: 'text' }, '30 31 41', { address: '01' }));
  const two = { at: 0, param: 'address', type: 'text', bytes: 2 };
  t.ok(fits(two, '30 31 41', { address: 1 }), 'a number of a fixed width has zeros before it');
  t.notOk(fits(two, '30 31 41', { address: 101 }), 'it does not fit');
  for (const wrong of [
    { at: 0 },
    { at: 0, is: '01', param: 'address' },
    { at: 0, is: '01', type: 'u8' },
    { at: 0, param: 'address', type: 'bcd' },
    { at: 0, param: 'address', mask: 'F0' },
  ]) {
    t.notOk(frameMatchSchema.safeParse({ bytes: [wrong] }).success, JSON.stringify(wrong));
  }
});

t.test('no bytes make a field throw anything but `protocol_violation`', async (t) => {
  const types = ['u8', 'i24', 'u64', 'f64', 'bits', 'bcd', 'hex', 'text', 'decimal', 'ascii-hex'] as const;
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 24 }),
      fc.constantFrom(...types),
      fc.integer({ min: -30, max: 30 }),
      fc.boolean(),
      fc.option(fc.integer({ min: -30, max: -1 }), { nil: undefined }),
      (frame, type, at, hexDigits, until) => {
        const isSized = ['bcd', 'hex', 'text', 'decimal', 'ascii-hex'].includes(type);
        const field = frameFieldSchema.parse({
          at,
          type,
          hexDigits,
          ...(isSized ? (until === undefined ? { bytes: 3 } : { until }) : {}),
          ...(type === 'bits' ? { bit: 3 } : {}),
        });
        try {
          readField(field, frame, {});
          return true;
        } catch (error) {
          return (error as { code?: string }).code === 'protocol_violation';
        }
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});
