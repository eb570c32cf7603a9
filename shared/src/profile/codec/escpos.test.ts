import fc from 'fast-check';
import t from 'tap';
import { type FramePart, framePartSchema } from '../serial-schema.js';
import { bytesToHex } from './bytes.js';
import { buildFrame } from './frame-encode.js';

const rules = { framing: { type: 'fixed' as const, bytes: 1 }, params: {} };
const part = (spec: object): FramePart => framePartSchema.parse(spec);
const build = (spec: object, values = {}) => bytesToHex(buildFrame(rules, [part(spec)], values, { raw: true }));

t.test('text: Chinese characters selected, lines broken between characters, no command inside', async (t) => {
  t.equal(build({ text: '号A', encoding: 'gb18030', codec: 'escpos-text' }), '1C 26 BA C5 41');
  t.equal(
    build({ text: '请到A1号', encoding: 'gb18030', codec: 'escpos-text', options: { columns: 8 } }),
    '1C 26 C7 EB B5 BD 41 31 BA C5',
  );
  t.equal(build({ text: 'ABCDEFGHI', codec: 'escpos-text', options: { columns: 8 } }), '41 42 43 44 45 46 47 48 0A 49');
  t.equal(build({ input: 'note', codec: 'escpos-text' }, { note: 'a\r\nb' }), '61 0A 62');
  for (const note of ['\u001b@', '\u001dV\u0000', '\u0010\u0004\u0001', '\u007f', '\u0085']) {
    t.throws(() => build({ input: 'note', codec: 'escpos-text' }, { note }), { code: 'invalid_input' });
  }
});

t.test('QR code: GS ( k, functions 165, 167, 169, 180, 181', async (t) => {
  t.equal(
    build({ text: '{url}', codec: 'escpos-qr' }, { url: 'A' }),
    '1D 28 6B 04 00 31 41 32 00 1D 28 6B 03 00 31 43 06 1D 28 6B 03 00 31 45 31 1D 28 6B 04 00 31 50 30 41 1D 28 6B 03 00 31 51 30',
  );
  // 300 bytes and the three of the function are 303: 2F 01, low byte first.
  const long = build({ input: 'url', codec: 'escpos-qr', options: { size: 4, level: 'H' } }, { url: 'x'.repeat(300) });
  t.match(
    long,
    /^1D 28 6B 04 00 31 41 32 00 1D 28 6B 03 00 31 43 04 1D 28 6B 03 00 31 45 33 1D 28 6B 2F 01 31 50 30 78/,
  );
  t.throws(() => build({ input: 'url', codec: 'escpos-qr' }, { url: '' }), { code: 'invalid_input' });
});

t.test('barcodes: GS k with its count', async (t) => {
  t.equal(build({ text: 'A1', codec: 'escpos-barcode' }), '1D 68 50 1D 77 02 1D 48 02 1D 6B 49 04 7B 42 41 31');
  t.equal(
    build({
      text: '690123456789',
      codec: 'escpos-barcode',
      options: { symbology: 'ean13', height: 60, moduleWidth: 3, textBelow: false },
    }),
    '1D 68 3C 1D 77 03 1D 48 00 1D 6B 43 0C 36 39 30 31 32 33 34 35 36 37 38 39',
  );
  t.match(
    build({ text: '{', codec: 'escpos-barcode' }).slice(-20),
    '04 7B 42 7B 7B',
    'the lead of a code set is doubled',
  );
  for (const [text, symbology] of [
    ['12345', 'ean13'],
    ['abc', 'code39'],
    ['123', 'itf'],
    ['厅', 'code128'],
  ] as const) {
    t.throws(() => build({ text, codec: 'escpos-barcode', options: { symbology } }), { code: 'invalid_input' });
  }
});

t.test('pictures: portable bitmaps, plain and binary', async (t) => {
  const plain = 'P1\n# a frame\n9 2\n1 0 0 0 0 0 0 0 1\n011111110\n';
  t.equal(build({ input: 'logo', codec: 'escpos-image' }, { logo: plain }), '1D 76 30 00 02 00 02 00 80 80 7F 00');
  // 50 34 0A 38 20 31 0A AA: "P4", 8 x 1 dots, every other one black.
  t.equal(
    build({ text: 'UDQKOCAxCqo=', codec: 'escpos-image', options: { scale: 'quadruple' } }),
    '1D 76 30 03 01 00 01 00 AA',
  );
  for (const logo of ['', 'P1 2 2 0', 'P1 9000 1 0', 'P2 1 1 0', 'UDQKOCAyCqo=', '!!!']) {
    t.throws(() => build({ input: 'logo', codec: 'escpos-image' }, { logo }), { code: 'invalid_input' }, logo);
  }
});

t.test('whatever is to be printed, only `invalid_input` is thrown, and no command gets in', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('P1 1 1 1', 'UDQ')),
      fc.constantFrom('escpos-text', 'escpos-qr', 'escpos-barcode', 'escpos-image'),
      (text, codec) => {
        try {
          const bytes = buildFrame(rules, [part({ input: 'x', encoding: 'utf-8', codec })], { x: text }, { raw: true });
          return codec !== 'escpos-text' || bytes.every((byte) => byte >= 0x20 || byte === 0x0a);
        } catch (error) {
          return (error as { code?: string }).code === 'invalid_input';
        }
      },
    ),
  );
  t.pass();
});
