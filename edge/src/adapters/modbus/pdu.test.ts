import { isHubError } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import * as pdu from './pdu.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const bits = (...bytes: number[]) => bytes.flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1));

t.test('the examples of the Modbus Application Protocol 1.1b3, section 6', (t) => {
  const examples: [string, pdu.PduRequest<unknown>, string, string, unknown][] = [
    ['6.1', pdu.readRequest('coil', 0x13, 19), '01 0013 0013', '01 03 CD 6B 05', bits(0xcd, 0x6b, 0x05).slice(0, 19)],
    [
      '6.2',
      pdu.readRequest('discrete', 0xc4, 22),
      '02 00C4 0016',
      '02 03 AC DB 35',
      bits(0xac, 0xdb, 0x35).slice(0, 22),
    ],
    ['6.3', pdu.readRequest('holding', 0x6b, 3), '03 006B 0003', '03 06 022B 0000 0064', [0x22b, 0, 0x64]],
    ['6.4', pdu.readRequest('input', 8, 1), '04 0008 0001', '04 02 000A', [10]],
    ['6.5', pdu.writeCoilRequest(0xac, true), '05 00AC FF00', '05 00AC FF00', undefined],
    ['6.6', pdu.writeRegisterRequest(1, 3), '06 0001 0003', '06 0001 0003', undefined],
    [
      '6.11',
      pdu.writeCoilsRequest(0x13, bits(0xcd, 0x01).slice(0, 10).map(Boolean)),
      '0F 0013 000A 02 CD01',
      '0F 0013 000A',
      undefined,
    ],
    ['6.12', pdu.writeRegistersRequest(1, [10, 0x102]), '10 0001 0002 04 000A 0102', '10 0001 0002', undefined],
    [
      '6.16',
      pdu.maskWriteRequest(4, { andMask: 0xf2, orMask: 0x25 }),
      '16 0004 00F2 0025',
      '16 0004 00F2 0025',
      undefined,
    ],
    [
      '6.17',
      pdu.exchangeRequest({ address: 3, count: 6 }, { address: 14, values: [255, 255, 255] }),
      '17 0003 0006 000E 0003 06 00FF 00FF 00FF',
      '17 0C 00FE 0ACD 0001 0003 000D 00FF',
      [0xfe, 0xacd, 1, 3, 13, 0xff],
    ],
  ];
  for (const [section, request, asked, told, value] of examples) {
    t.equal(request.pdu.toString('hex'), hex(asked).toString('hex'), `${section}: the request`);
    const result = request.parse(hex(told));
    t.same(result instanceof Uint16Array ? [...result] : result, value, `${section}: the reply`);
    t.equal(request.replyBytes, hex(told).length, `${section}: its length is known beforehand`);
    const violated = { code: 'protocol_violation' };
    t.throws(() => request.parse(hex(told).subarray(0, -1)), violated, `${section}: too short`);
    t.throws(() => request.parse(Buffer.concat([hex(told), Buffer.alloc(1)])), violated, `${section}: too long`);
  }
  t.end();
});

t.test('6.21: device identification, page by page', (t) => {
  const request = pdu.identificationRequest(1, 0);
  t.equal(request.pdu.toString('hex'), '2b0e0100');
  const text = (words: string) => Buffer.from(words).toString('hex');
  const page = `2B 0E 01 01 FF 02 02 00 16 ${text('Company identification')} 01 0A ${text('Product 12')}`;
  t.same(request.parse(hex(page)), { objects: { 0: 'Company identification', 1: 'Product 12' }, next: 2 });
  t.same(request.parse(hex('2B 0E 01 01 00 00 00')), { objects: {}, next: undefined });
  t.same(request.parse(hex('2B 0E 01 01 FF 00 00')), { objects: {}, next: undefined }, 'one that never ends is ended');
  t.throws(() => request.parse(hex('2B 0E 01 01 00 00 01 00 09 41')), { code: 'protocol_violation' });
  t.end();
});

t.test('a reply to another write is a violation', (t) => {
  t.throws(() => pdu.writeRegisterRequest(1, 3).parse(hex('06 0001 0004')), { code: 'protocol_violation' });
  t.throws(() => pdu.writeRegistersRequest(1, [3]).parse(hex('10 0002 0001')), { code: 'protocol_violation' });
  t.end();
});

t.test('no reply does anything but give exactly what was asked for, or a violation', (t) => {
  const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 121 });
  const address = fc.integer({ min: 0, max: 0xffff });
  type Case = [request: pdu.PduRequest<unknown>, count: number | undefined];
  const request: fc.Arbitrary<Case> = fc.oneof(
    fc
      .tuple(fc.constantFrom('holding' as const, 'input' as const), address, fc.integer({ min: 1, max: 125 }))
      .map(([table, at, count]): Case => [pdu.readRequest(table, at, count), count]),
    fc
      .tuple(fc.constantFrom('coil' as const, 'discrete' as const), address, fc.integer({ min: 1, max: 2_000 }))
      .map(([table, at, count]): Case => [pdu.readRequest(table, at, count), count]),
    fc.tuple(address, words).map(([at, values]): Case => [pdu.writeRegistersRequest(at, values), undefined]),
    fc
      .tuple(address, words)
      .map(([at, values]): Case => [pdu.exchangeRequest({ address: at, count: 3 }, { address: at, values }), 3]),
    fc.constant<Case>([pdu.identificationRequest(2, 0), undefined]),
  );
  fc.assert(
    fc.property(request, fc.uint8Array({ minLength: 1, maxLength: 253 }), fc.boolean(), ([one, count], bytes, fits) => {
      const reply = Buffer.from(bytes);
      reply[0] = one.pdu[0] as number;
      const told = fits && one.replyBytes ? Buffer.concat([reply, Buffer.alloc(253)], one.replyBytes) : reply;
      if (fits && count !== undefined && told.length > 1) told[1] = told.length - 2;
      if (one.pdu.length > 253) return false;
      try {
        const result = one.parse(told);
        return count === undefined || (result as Uint16Array).length === count;
      } catch (error) {
        return isHubError(error, 'protocol_violation');
      }
    }),
    { numRuns: 2_000 },
  );
  t.end();
});
