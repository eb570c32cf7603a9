import fc from 'fast-check';
import t from 'tap';
import { crc16 } from './crc16.js';
import { BrokenStream, newFramingCounters } from './framing.js';
import { MbapFraming } from './mbap-framing.js';
import {
  exchangeRequest,
  identificationRequest,
  maskWriteRequest,
  type PduRequest,
  readRequest,
  writeCoilsRequest,
  writeRegisterRequest,
  writeRegistersRequest,
} from './pdu.js';
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
            ({ transactionId, unitId, pdu }, at) =>
              transactionId === replies[at]?.id && unitId === 9 && pdu.equals(Buffer.from(replies[at]?.pdu ?? [])),
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

t.test('MBAP: what came whole before rubbish is still given', (t) => {
  const framing = new MbapFraming(newFramingCounters());
  const good = Buffer.from('00010000000309830200', 'hex').subarray(0, 9);
  t.match(framing.push(Buffer.concat([good, Buffer.from('rubbish')])), [{ transactionId: 1, unitId: 9 }]);
  t.throws(() => framing.push(Buffer.from('!')), { message: /not a Modbus TCP header/ });
  t.end();
});

t.test('MBAP: no bytes do anything but give replies or break the stream, and few are kept', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }), (chunks) => {
      const framing = new MbapFraming(newFramingCounters());
      try {
        for (const chunk of chunks)
          for (const { pdu } of framing.push(Buffer.from(chunk))) if (pdu.length > 253) return false;
        return true;
      } catch (error) {
        return error instanceof BrokenStream;
      }
    }),
  );
  t.end();
});

const asked = readRequest('holding', 10, 2);
const request = rtuFrame(3, asked.pdu);
const told = Buffer.from([3, 4, 1, 2, 3, 4]);
const reply = rtuFrame(3, told);

const rtu = () => {
  const counters = newFramingCounters();
  const framing = new RtuFraming(counters);
  if (!framing.wrap(7, 3, asked).equals(request)) throw new Error('the request is framed wrongly');
  return { counters, framing };
};

t.test('RTU: the reply is found however it is cut, behind noise, foreign frames and an echo', (t) => {
  const foreign = fc.constantFrom(
    rtuFrame(2, told),
    rtuFrame(3, Buffer.from([4, 4, 1, 2, 3, 4])),
    rtuFrame(3, Buffer.from([0x84, 2])),
    rtuFrame(4, Buffer.from([16, 0, 1, 0, 1])),
  );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    // What looks like the start of a reply: the unit id, the function code and any length.
    fc.integer({ min: 0, max: 255 }).map((length) => Buffer.from([3, 3, length])),
    fc.constant(Buffer.from([3, 3])),
    foreign,
  );
  fc.assert(
    fc.property(
      fc.array(noise, { maxLength: 3 }),
      fc.boolean(),
      fc.array(fc.nat(60), { maxLength: 8 }),
      (before, echo, cuts) => {
        const { framing } = rtu();
        const stream = Buffer.concat([...before, ...(echo ? [request] : []), reply]);
        const out = cut(stream, cuts).flatMap((chunk) => framing.push(chunk));
        return out.length === 1 && out[0]?.unitId === 3 && (out[0]?.pdu.equals(told) ?? false);
      },
    ),
    { numRuns: 1_000 },
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

t.test('RTU: a frame inside a longer one is data', (t) => {
  const long = readRequest('holding', 0, 10);
  const framing = new RtuFraming(newFramingCounters());
  framing.wrap(1, 3, long);
  const pdu = Buffer.concat([Buffer.from([3, 20]), reply, Buffer.alloc(20 - reply.length)]);
  const frame = rtuFrame(3, pdu);
  t.same(framing.push(frame.subarray(0, 20)), [], 'the inner frame is whole and is not taken');
  t.ok(framing.push(frame.subarray(20))[0]?.pdu.equals(pdu));
  t.end();
});

t.test('RTU: exceptions, write replies and device identification have their lengths', (t) => {
  const write = { address: 1, values: [5] };
  const cases: [string, PduRequest<unknown>, string][] = [
    ['exception', asked, '8302'],
    ['coils', readRequest('coil', 0, 9), '0102ff01'],
    ['write of registers', writeRegistersRequest(1, [5]), '1000010001'],
    ['write of coils', writeCoilsRequest(1, [true]), '0f00010001'],
    ['mask write', maskWriteRequest(1, { andMask: 258, orMask: 0 }), '16000101020000'],
    ['exchange', exchangeRequest({ address: 1, count: 2 }, write), '170400010002'],
    ['device id', identificationRequest(1, 0), '2b0e010100000200014101024243'],
  ];
  for (const [name, asks, hex] of cases) {
    const framing = new RtuFraming(newFramingCounters());
    framing.wrap(1, 3, asks);
    const pdu = Buffer.from(hex, 'hex');
    const frame = rtuFrame(3, pdu);
    t.same(framing.push(frame.subarray(0, 3)), [], `${name}: the beginning is no frame`);
    t.ok(framing.push(frame.subarray(3))[0]?.pdu.equals(pdu), name);
  }
  t.end();
});

t.test('RTU: on a line that echoes, the echo of a write is not taken for its reply', (t) => {
  const { framing } = rtu();
  t.same(framing.push(request), [], 'an echo');
  t.equal(framing.push(reply).length, 1);
  const write = writeRegisterRequest(1, 2);
  const frame = framing.wrap(8, 3, write);
  t.same(framing.push(frame), [], 'the echo, as the line was found to echo');
  t.equal(framing.push(frame).length, 1, 'the reply, which looks the same');
  framing.wrap(9, 3, asked);
  t.equal(framing.push(reply).length, 1, 'no echo this time');
  framing.wrap(10, 3, write);
  t.equal(framing.push(frame).length, 1, 'so the first is the reply again');
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

t.test('RTU: endless noise keeps the memory flat', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 20, maxLength: 40 }),
      (chunks) => {
        const { counters, framing } = rtu();
        let came = 0;
        let taken = 0;
        for (const chunk of chunks) {
          came += chunk.length;
          for (const { pdu } of framing.push(Buffer.from(chunk))) taken += pdu.length + 3;
        }
        return came - taken - counters.skippedBytes <= 256;
      },
    ),
    { numRuns: 50 },
  );
  t.end();
});
