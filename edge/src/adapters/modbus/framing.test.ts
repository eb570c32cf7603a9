import fc from 'fast-check';
import t from 'tap';
import { crc16 } from './crc16.js';
import { newFramingCounters } from './framing.js';
import { MbapFraming } from './mbap-framing.js';
import { RtuFraming } from './rtu-framing.js';
import { rtuFrame } from './test-slaves.js';

/** Cuts bytes at the given places. */
const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set(cuts.map((one) => one % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : (at[index - 1] as number), end));
};

t.test('crc16 gives the value of the standard', (t) => {
  // Modbus over Serial Line 1.02, 6.2.2: 02 07 -> 41 12 on the wire.
  t.equal(crc16(Buffer.from([0x02, 0x07])), 0x1241);
  t.end();
});

t.test('MBAP: replies come out whole however the stream is cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ id: fc.integer({ min: 0, max: 65_535 }), pdu: fc.uint8Array({ minLength: 2, maxLength: 253 }) }),
        { minLength: 1, maxLength: 5 },
      ),
      fc.array(fc.nat(2_000), { maxLength: 12 }),
      (replies, cuts) => {
        const stream = Buffer.concat(
          replies.map(({ id, pdu }) => {
            const header = Buffer.alloc(7);
            header.writeUInt16BE(id, 0);
            header.writeUInt16BE(pdu.length + 1, 4);
            header[6] = 9;
            return Buffer.concat([header, pdu]);
          }),
        );
        const framing = new MbapFraming(newFramingCounters());
        const out = cut(stream, cuts).flatMap((chunk) => framing.push(chunk));
        return (
          out.length === replies.length &&
          out.every(
            ({ transactionId, frame }, at) =>
              transactionId === replies[at]?.id && frame.equals(rtuFrame(9, Buffer.from(replies[at]?.pdu ?? []))),
          )
        );
      },
    ),
  );
  t.end();
});

t.test('MBAP: bytes that are no header break the stream, and are counted', (t) => {
  for (const header of ['000100010006', '000100000001', '0001000000ff']) {
    const counters = newFramingCounters();
    t.throws(() => new MbapFraming(counters).push(Buffer.from(`${header}010300`, 'hex')), {
      message: /not a Modbus TCP header/,
    });
    t.equal(counters.corruptFrames, 1);
  }
  t.end();
});

const request = rtuFrame(3, Buffer.from([3, 0, 10, 0, 2]));
const reply = rtuFrame(3, Buffer.from([3, 4, 1, 2, 3, 4]));

const rtu = () => {
  const counters = newFramingCounters();
  const framing = new RtuFraming(counters);
  framing.wrap(7, request);
  return { counters, framing };
};

t.test('RTU: the reply is found however it is cut, behind noise and an echo', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20 }),
      fc.boolean(),
      fc.array(fc.nat(60), { maxLength: 8 }),
      (noise, echo, cuts) => {
        const { framing } = rtu();
        const clean = noise.map((byte) => (byte === 3 ? 4 : byte));
        const stream = Buffer.concat([clean, ...(echo ? [request] : []), reply]);
        const out = cut(stream, cuts).flatMap((chunk) => framing.push(chunk));
        return out.length === 1 && out[0]?.transactionId === 7 && (out[0]?.frame.equals(reply) ?? false);
      },
    ),
  );
  t.end();
});

t.test('RTU: a reply with one bit turned is never taken', (t) => {
  fc.assert(
    fc.property(fc.nat(reply.length * 8 - 1), (bit) => {
      const { framing } = rtu();
      const broken = Buffer.from(reply);
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      return framing.push(broken).length === 0;
    }),
  );
  t.end();
});

t.test('RTU: exceptions, write replies and device identification have their lengths', (t) => {
  const cases: [string, Buffer, Buffer][] = [
    ['exception', Buffer.from([3, 0, 0, 0, 1]), Buffer.from([0x83, 2])],
    ['write', Buffer.from([16, 0, 1, 0, 1, 2, 0, 5]), Buffer.from([16, 0, 1, 0, 1])],
    ['mask write', Buffer.from([22, 0, 1, 0, 1, 2, 0]), Buffer.from([22, 0, 1, 0, 1, 2, 0])],
    ['device id', Buffer.from([43, 14, 1, 0]), Buffer.from([43, 14, 1, 1, 0, 0, 2, 0, 1, 65, 1, 2, 66, 67])],
  ];
  for (const [name, asked, told] of cases) {
    const framing = new RtuFraming(newFramingCounters());
    framing.wrap(1, rtuFrame(3, asked));
    const frame = rtuFrame(3, told);
    t.same(framing.push(frame.subarray(0, 3)), [], `${name}: the beginning is no frame`);
    t.ok(framing.push(frame.subarray(3))[0]?.frame.equals(frame), name);
  }
  t.end();
});

t.test('RTU: a new request forgets what was left of the last', (t) => {
  const { framing, counters } = rtu();
  framing.push(reply.subarray(0, 4));
  framing.reset();
  t.same(framing.push(reply.subarray(4)), []);
  t.ok(counters.skippedBytes >= 4);
  t.end();
});
