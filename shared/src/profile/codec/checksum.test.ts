import fc from 'fast-check';
import t from 'tap';
import { type Checksum, type ChecksumKind, checksumKindSchema } from '../serial-schema.js';
import { concatBytes, hexToBytes } from './bytes.js';
import { checksumField, computeChecksum, isChecksumRight } from './checksum.js';

const check = new TextEncoder().encode('123456789');
const spec = (kind: ChecksumKind, extra: Partial<Checksum> = {}): Checksum => ({
  kind,
  from: 0,
  after: 0,
  order: 'big',
  encoding: 'binary',
  ...extra,
});

t.test('the published check values over "123456789"', async (t) => {
  // 9 digits 31..39 hex sum to 1DD hex; their XOR is 31. The CRCs are the `check` values of the catalogue.
  const known: Record<ChecksumKind, number> = {
    sum8: 0xdd,
    'sum8-negated': 0x23,
    'sum8-ones': 0x22,
    sum16: 0x01dd,
    'sum16-negated': 0xfe23,
    xor8: 0x31,
    lrc8: 0x23,
    crc8: 0xf4,
    'crc8-maxim': 0xa1,
    'crc8-rohc': 0xd0,
    'crc16-modbus': 0x4b37,
    'crc16-ccitt': 0x29b1,
    'crc16-ccitt-false': 0x29b1,
    'crc16-xmodem': 0x31c3,
    'crc16-kermit': 0x2189,
    'crc16-x25': 0x906e,
    'crc16-mcrf4xx': 0x6f91,
    'crc16-usb': 0xb4c8,
    'crc16-arc': 0xbb3d,
    crc32: 0xcbf43926,
  };
  t.same(Object.keys(known).sort(), [...checksumKindSchema.options].sort(), 'every kind has its check value');
  for (const kind of checksumKindSchema.options) t.equal(computeChecksum(kind, check), known[kind], kind);
});

t.test('a Modbus request of the specification', async (t) => {
  const request = hexToBytes('11 03 00 6B 00 03');
  t.same([...checksumField(spec('crc16-modbus', { order: 'little' }), request)], [0x76, 0x87]);
});

t.test('over the bytes that hex digits stand for, and with a sign before it that is not covered', async (t) => {
  const card = spec('xor8', { encoding: 'hex', from: 1, after: 3, covers: 'hexDigits' });
  // 10 xor 00 xor 86 xor F4 xor 44 is 26.
  const frame = (text: string) => new TextEncoder().encode(text);
  t.ok(isChecksumRight(card, frame('\x02100086F44426\r\n\x03')));
  t.notOk(isChecksumRight(card, frame('\x02100086F44427\r\n\x03')));
  t.notOk(isChecksumRight(card, frame('\x02100086G44426\r\n\x03')), 'no digit');
  t.same([...checksumField(card, frame('\x02100086F444'))], [0x32, 0x36]);
  t.throws(() => checksumField(card, frame('\x02xx')), { code: 'invalid_input' });
  const nmea = spec('xor8', { encoding: 'hex', from: 1, gap: 1, after: 2 });
  t.ok(isChecksumRight(nmea, frame('$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n')));
  t.notOk(isChecksumRight(nmea, frame('$GPRMC,123518,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n')));
  t.notOk(isChecksumRight(nmea, frame('*6A\r\n')));
});

t.test('fields: order, hex digits, a range and bytes behind', async (t) => {
  t.same([...checksumField(spec('crc16-xmodem'), check)], [0x31, 0xc3]);
  t.same([...checksumField(spec('crc32', { order: 'little' }), check)], [0x26, 0x39, 0xf4, 0xcb]);
  // 31+32+30+33+34+30+30+34+35+36+41+42+43+44+46+45 is 38E hex; its complement is FC72.
  const asked = new TextEncoder().encode('1203400456ABCDFEFC72');
  t.ok(isChecksumRight(spec('sum16-negated', { encoding: 'hex' }), asked), 'the example of YD/T 1363');
  t.same([...checksumField(spec('xor8', { encoding: 'hex' }), hexToBytes('FF 00'))], [0x46, 0x46]);
  const framed = hexToBytes('02 31 32 46 46 03');
  // 31 xor 32 is 03, so "FF" is wrong here and "03" is right.
  t.notOk(isChecksumRight(spec('xor8', { encoding: 'hex', from: 1, after: 1 }), framed));
  t.ok(isChecksumRight(spec('xor8', { encoding: 'hex', from: 1, after: 1 }), hexToBytes('02 31 32 30 33 03')));
  t.ok(isChecksumRight(spec('xor8', { encoding: 'hex' }), hexToBytes('FA 66 61')), 'small hex digits count too');
  t.notOk(isChecksumRight(spec('crc16-modbus'), hexToBytes('01')), 'a frame shorter than its checksum');
});

t.test('any single wrong byte is found', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...checksumKindSchema.options),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (kind, body, where, flip) => {
        const frame = concatBytes(body, checksumField(spec(kind), body));
        const broken = frame.slice();
        const index = where % frame.length;
        broken[index] = (broken[index] ?? 0) ^ flip;
        return isChecksumRight(spec(kind), frame) && !isChecksumRight(spec(kind), broken);
      },
    ),
  );
  t.pass();
});
