import fc from 'fast-check';
import t from 'tap';
import type { Checksum, ChecksumKind } from '../serial-schema.js';
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
  const known: [ChecksumKind, number][] = [
    ['crc16-modbus', 0x4b37],
    ['crc16-ccitt', 0x29b1],
    ['crc16-xmodem', 0x31c3],
    ['crc8', 0xf4],
    // 9 digits 31..39 hex sum to 1DD hex; their XOR is 31.
    ['sum8', 0xdd],
    ['sum8-negated', 0x23],
    ['xor8', 0x31],
  ];
  for (const [kind, value] of known) t.equal(computeChecksum(kind, check), value, kind);
});

t.test('a Modbus request of the specification', async (t) => {
  const request = hexToBytes('11 03 00 6B 00 03');
  t.same([...checksumField(spec('crc16-modbus', { order: 'little' }), request)], [0x76, 0x87]);
});

t.test('fields: order, hex digits, a range and bytes behind', async (t) => {
  t.same([...checksumField(spec('crc16-xmodem'), check)], [0x31, 0xc3]);
  t.same([...checksumField(spec('xor8', { encoding: 'hex' }), hexToBytes('FF 00'))], [0x46, 0x46]);
  const framed = hexToBytes('02 31 32 46 46 03');
  // 31 xor 32 is 03, so "FF" is wrong here and "03" is right.
  t.notOk(isChecksumRight(spec('xor8', { encoding: 'hex', from: 1, after: 1 }), framed));
  t.ok(isChecksumRight(spec('xor8', { encoding: 'hex', from: 1, after: 1 }), hexToBytes('02 31 32 30 33 03')));
  t.ok(isChecksumRight(spec('xor8', { encoding: 'hex' }), hexToBytes('FA 66 61')), 'small hex digits count too');
  t.notOk(isChecksumRight(spec('crc16-modbus'), hexToBytes('01')), 'a frame shorter than its checksum');
});

t.test('any single wrong byte is found', async (t) => {
  const kinds: ChecksumKind[] = ['sum8', 'sum8-negated', 'xor8', 'crc8', 'crc16-modbus', 'crc16-ccitt', 'crc16-xmodem'];
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
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
