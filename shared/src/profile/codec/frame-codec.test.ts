import fc from 'fast-check';
import t from 'tap';
import { thingModelSchema } from '../../thing/index.js';
import { framePartSchema, serialBindingSchema, textEncodingSchema } from '../serial-schema.js';
import { bytesToHex, hexToBytes } from './bytes.js';
import { decodeFrame, matchFrame } from './frame-decode.js';
import { buildFrame } from './frame-encode.js';
import { FrameSplitter } from './frame-splitter.js';
import { decodeText, encodeText } from './text-codec.js';

const label = { zh: '甲' };
const thing = thingModelSchema.parse({
  properties: [
    { id: 'weight', label, type: 'number' },
    { id: 'count', label, type: 'integer' },
    { id: 'name', label, type: 'string' },
  ],
  events: [{ id: 'pressed', label, fields: [{ id: 'key', label, type: 'string' }] }],
  commands: [{ id: 'ask', label, output: [{ id: 'answer', label, type: 'integer' }] }],
});
const binding = serialBindingSchema.parse({
  line: { baudRate: 9600 },
  framing: { type: 'delimiter', end: '0D 0A' },
  frames: {
    weight: {
      match: { pattern: '^W(?<value>[-+ ]*[0-9.]+) ?(?<unit>k?g)' },
      properties: { weight: { group: 'value' }, name: { group: 'unit', type: 'text' } },
    },
    key: { match: { bytes: [{ at: 0, is: '4B' }] }, events: { pressed: { key: { at: 1, type: 'text', until: -2 } } } },
    binary: {
      match: { bytes: [{ at: 0, is: 'F0', mask: 'F0' }], size: 12 },
      properties: { weight: { at: 1, type: 'f32', order: 'little' }, count: { at: 5, type: 'bcd', bytes: 3 } },
    },
    answer: {
      match: { bytes: [{ at: 0, is: '41' }] },
      answerOnly: true,
      output: { answer: { at: 1, type: 'u16', order: 'little' } },
    },
  },
});
const line = (text: string) => new TextEncoder().encode(`${text}\r\n`);

t.test('fields by pattern, by offset and by bits of the first byte', async (t) => {
  t.match(decodeFrame(binding, thing, line('W  12.50 kg')), {
    frame: 'weight',
    values: { weight: 12.5, name: 'kg' },
    problems: [],
  });
  t.match(decodeFrame(binding, thing, line('KF12')), {
    frame: 'key',
    events: [{ event: 'pressed', data: { key: 'F12' } }],
  });
  // 1.5 as a little-endian float is 00 00 C0 3F; BCD 01 23 45 is 12345.
  const binary = hexToBytes('F3 00 00 C0 3F 01 23 45 00 00 0D 0A');
  t.match(decodeFrame(binding, thing, binary), { frame: 'binary', values: { weight: 1.5, count: 12345 } });
  t.match(decodeFrame(binding, thing, line('?')), { frame: undefined, values: {}, problems: [] });
});

t.test('a field that cannot be read is a problem of its own', async (t) => {
  const broken = decodeFrame(binding, thing, hexToBytes('F3 00 00 C0 3F 01 2B 45 00 00 0D 0A'));
  t.same(broken.values, { weight: 1.5 });
  t.same(
    broken.problems.map(({ path }) => path),
    ['count'],
  );
  const noFloat = decodeFrame(binding, thing, hexToBytes('F3 00 00 C0 7F 01 23 45 00 00 0D 0A'));
  t.same(
    noFloat.problems.map(({ path }) => path),
    ['weight'],
    'NaN',
  );
  const short = decodeFrame(binding, thing, hexToBytes('4B'));
  t.same(
    short.problems.map(({ path }) => path),
    ['pressed.key'],
  );
});

t.test('an answer counts only where it is awaited', async (t) => {
  const frame = hexToBytes('41 34 12 0D 0A');
  t.equal(decodeFrame(binding, thing, frame).frame, undefined);
  const awaited = decodeFrame(binding, thing, frame, { expect: ['answer'], command: 'ask' });
  t.match(awaited, { frame: 'answer', output: { answer: 0x1234 } });
  t.equal(matchFrame({ bytes: [{ at: -2, is: '0D 0A' }] }, frame)?.groups !== undefined, true, 'offsets from the end');
});

t.test('no frame makes decoding throw', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (frame) => {
      decodeFrame(binding, thing, frame, { expect: ['answer'], command: 'ask' });
      return true;
    }),
  );
  t.pass();
});

t.test('parts of a frame', async (t) => {
  const rules = { framing: { type: 'fixed' as const, bytes: 64 }, params: { address: { default: 7 } } };
  const build = (part: object, values = {}) => bytesToHex(buildFrame(rules, [framePartSchema.parse(part)], values));
  t.equal(build({ hex: 'aa55' }), 'AA 55');
  t.equal(build({ param: 'address' }), '07');
  t.equal(build({ input: 'n', type: 'u16' }, { n: 258 }), '01 02');
  t.equal(build({ input: 'n', type: 'u16', order: 'little' }, { n: 258 }), '02 01');
  t.equal(build({ input: 'n', type: 'i16' }, { n: -2 }), 'FF FE');
  t.equal(build({ input: 'n', type: 'u32' }, { n: 4294967295 }), 'FF FF FF FF');
  t.equal(build({ input: 'n', type: 'u8', scale: 0.5 }, { n: 12.5 }), '19');
  t.equal(build({ input: 'n', type: 'bcd', bytes: 2 }, { n: 123 }), '01 23');
  t.equal(build({ input: 'on' }, { on: true }), '01');
  t.equal(build({ text: '{n:4}' }, { n: 7 }), '30 30 30 37');
  t.equal(build({ text: '厅', encoding: 'gb18030', bytes: 4 }), 'CC FC 20 20');
  t.equal(build({ text: 'A', bytes: 3, pad: '00', align: 'right' }), '00 00 41');
  t.equal(build({ text: 'AB', lengthPrefix: 2 }), '00 02 41 42');
  for (const [part, values] of [
    [{ input: 'n' }, { n: 256 }],
    [{ input: 'n' }, { n: -1 }],
    [{ input: 'n', type: 'bcd', bytes: 1 }, { n: 100 }],
    [{ input: 'n' }, {}],
    [{ text: '{n}' }, {}],
    [{ text: 'ABC', bytes: 2 }, {}],
    [{ text: '厅' }, {}],
    [{ text: '😀', encoding: 'gb18030' }, {}],
    [{ text: 'x'.repeat(65) }, {}],
  ] as const) {
    t.throws(() => build(part, values), { code: 'invalid_input' }, JSON.stringify(part));
  }
});

t.test('a length field of one byte that overflows is refused', async (t) => {
  const rules = serialBindingSchema.parse({
    line: { baudRate: 9600 },
    framing: { type: 'length', start: 'AA', length: { at: 1, add: 2 }, maxBytes: 1024 },
  });
  const part = (size: number) => [framePartSchema.parse({ text: 'x'.repeat(size) })];
  t.equal(buildFrame(rules, part(255), {}).length, 257);
  t.throws(() => buildFrame(rules, part(256), {}), { code: 'invalid_input' });
});

t.test('what is built is split and found again', async (t) => {
  const rules = serialBindingSchema.parse({
    line: { baudRate: 9600 },
    framing: {
      type: 'length',
      start: 'AA AA 96',
      length: { at: 3, bytes: 2, order: 'little', add: 8 },
      end: '55',
      maxBytes: 400,
    },
    checksum: { kind: 'crc16-modbus', from: 3, after: 1, order: 'little' },
  });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (body) => {
      const frame = buildFrame(rules, [framePartSchema.parse({ input: 'body', type: 'hex' })], {
        body: bytesToHex(body, ''),
      });
      const { frames, faults } = new FrameSplitter(rules.framing, rules.checksum).push(frame);
      return (
        faults.length === 0 && frames.length === 1 && bytesToHex(frames[0] ?? new Uint8Array()) === bytesToHex(frame)
      );
    }),
  );
  t.pass();
});

t.test('texts', async (t) => {
  t.equal(bytesToHex(encodeText('请A1', 'gb18030')), 'C7 EB 41 31');
  t.equal(bytesToHex(encodeText('厅', 'utf-16le')), '85 53');
  t.equal(bytesToHex(encodeText('厅', 'utf-16be')), '53 85');
  t.throws(() => decodeText(hexToBytes('80'), 'ascii'), { code: 'protocol_violation' });
  t.throws(() => decodeText(hexToBytes('C7'), 'gb18030'), { code: 'protocol_violation' });
  const han = fc.string({
    unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code)),
    maxLength: 20,
  });
  fc.assert(
    fc.property(
      han,
      fc.constantFrom(...textEncodingSchema.options.filter((one) => one !== 'ascii')),
      (text, encoding) => decodeText(encodeText(text, encoding), encoding) === text,
    ),
  );
});
