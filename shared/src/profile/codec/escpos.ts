import { HubError } from '../../errors/index.js';
import type { CodecOptions, FramePart, PartCodec, TextEncoding } from '../serial-schema.js';
import { concatBytes } from './bytes.js';
import { bitmapOf } from './pbm.js';
import { encodeText } from './text-codec.js';

const gs = 0x1d;

/**
 * Printer commands made of a text, as the ESC/POS command reference has them. The text itself can hold no command: other
 * control characters than the line feed are refused. Throws `invalid_input`.
 */
export function encodeEscpos(
  codec: PartCodec,
  text: string,
  part: Pick<FramePart, 'encoding' | 'options'>,
): Uint8Array {
  const options = part.options ?? {};
  switch (codec) {
    case 'escpos-text':
      return printedText(text, part.encoding, options.columns);
    case 'escpos-qr':
      return qrCode(encodeText(text, part.encoding), options);
    case 'escpos-barcode':
      return barcode(text, options);
    case 'escpos-image':
      return rasterImage(text, options);
  }
}

/** FS & selects Chinese characters, as GBK printers need it after ESC @; lines are broken between characters. */
function printedText(text: string, encoding: TextEncoding, columns: number | undefined): Uint8Array {
  const lines = text.replace(/\r\n?/g, '\n');
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(lines)) {
    throw new HubError('invalid_input', 'a text to print holds control characters');
  }
  const broken =
    columns === undefined
      ? lines
      : lines
          .split('\n')
          .map((line) => breakLine(line, columns))
          .join('\n');
  const select = encoding === 'gb18030' ? [0x1c, 0x26] : [];
  return concatBytes(Uint8Array.from(select), encodeText(broken, encoding));
}

function breakLine(line: string, columns: number): string {
  let width = 0;
  let out = '';
  for (const char of line) {
    const wide = (char.codePointAt(0) ?? 0) > 0xff ? 2 : 1;
    if (width + wide > columns) {
      out += '\n';
      width = 0;
    }
    out += char;
    width += wide;
  }
  return out;
}

/** GS ( k, functions 165, 167, 169, 180, 181: model 2, module size, error correction, store, print. */
function qrCode(data: Uint8Array, options: CodecOptions): Uint8Array {
  // 7089 digits are the most that a QR code of version 40 holds; a printer refuses less than that by itself.
  if (data.length === 0 || data.length > 7_089) {
    throw new HubError('invalid_input', `a QR code cannot hold ${data.length} bytes`);
  }
  const level = { L: 0x30, M: 0x31, Q: 0x32, H: 0x33 }[options.level ?? 'M'];
  const stored = data.length + 3;
  const command = (...bytes: number[]) => Uint8Array.of(gs, 0x28, 0x6b, ...bytes);
  return concatBytes(
    command(4, 0, 0x31, 0x41, 0x32, 0),
    command(3, 0, 0x31, 0x43, options.size ?? 6),
    command(3, 0, 0x31, 0x45, level),
    command(stored & 0xff, stored >> 8, 0x31, 0x50, 0x30),
    data,
    command(3, 0, 0x31, 0x51, 0x30),
  );
}

const symbologies = {
  ean13: { code: 67, fits: /^\d{12,13}$/ },
  code39: { code: 69, fits: /^[0-9A-Z $%+\-./]+$/ },
  itf: { code: 70, fits: /^(?:\d\d)+$/ },
  code128: { code: 73, fits: /^[\u0020-\u007e]+$/ },
} as const;

/** GS h, GS w, GS H, then GS k in its second form, which counts the bytes. CODE128 begins with code set B. */
function barcode(text: string, options: CodecOptions): Uint8Array {
  const name = options.symbology ?? 'code128';
  const { code, fits } = symbologies[name];
  if (!fits.test(text)) throw new HubError('invalid_input', `"${text.slice(0, 40)}" cannot be a barcode ${name}`);
  const data = encodeText(name === 'code128' ? `{B${text.replaceAll('{', '{{')}` : text, 'ascii');
  if (data.length > 255) throw new HubError('invalid_input', 'the barcode is too long');
  return concatBytes(
    Uint8Array.of(gs, 0x68, options.height ?? 80),
    Uint8Array.of(gs, 0x77, options.moduleWidth ?? 2),
    Uint8Array.of(gs, 0x48, options.textBelow === false ? 0 : 2),
    Uint8Array.of(gs, 0x6b, code, data.length),
    data,
  );
}

const scales = { normal: 0, 'double-width': 1, 'double-height': 2, quadruple: 3 } as const;

/** GS v 0: the dots of a portable bitmap, one bit each, black is 1. */
function rasterImage(text: string, options: CodecOptions): Uint8Array {
  const { width, height, rows } = bitmapOf(text);
  const across = Math.ceil(width / 8);
  const head = [
    gs,
    0x76,
    0x30,
    scales[options.scale ?? 'normal'],
    across & 0xff,
    across >> 8,
    height & 0xff,
    height >> 8,
  ];
  return concatBytes(Uint8Array.from(head), rows);
}
