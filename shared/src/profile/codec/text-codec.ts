import { HubError } from '../../errors/index.js';
import type { TextEncoding } from '../serial-schema.js';

/** Text of bytes. Throws `protocol_violation` where they are no text of that encoding. */
export function decodeText(bytes: Uint8Array, encoding: TextEncoding): string {
  if (encoding === 'ascii') {
    const wrong = bytes.findIndex((byte) => byte > 0x7f);
    if (wrong >= 0) throw notText(encoding, wrong);
    return String.fromCharCode(...bytes);
  }
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new HubError('protocol_violation', `the bytes are not ${encoding} text`, { cause });
  }
}

/** Bytes of a text. Throws `invalid_input` naming the character that the encoding cannot say. */
export function encodeText(text: string, encoding: TextEncoding): Uint8Array {
  switch (encoding) {
    case 'utf-8':
      return new TextEncoder().encode(text);
    case 'utf-16le':
    case 'utf-16be': {
      const bytes = new Uint8Array(text.length * 2);
      const view = new DataView(bytes.buffer);
      for (let index = 0; index < text.length; index++) {
        view.setUint16(index * 2, text.charCodeAt(index), encoding === 'utf-16le');
      }
      return bytes;
    }
    case 'ascii':
      return Uint8Array.from([...text].map((char) => asciiByte(char)));
    case 'gb18030':
      return Uint8Array.from([...text].flatMap((char) => gbBytes(char)));
  }
}

function asciiByte(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code > 0x7f) throw notSayable(char, 'ascii');
  return code;
}

let twoByteTable: Map<string, number> | undefined;

/** One- and two-byte codes only (GBK): displays and printers know no four-byte codes. */
function gbBytes(char: string): number[] {
  const code = char.codePointAt(0) ?? 0;
  if (code <= 0x7f) return [code];
  twoByteTable ??= buildTwoByteTable();
  const pair = twoByteTable.get(char);
  if (pair === undefined) throw notSayable(char, 'gb18030');
  return [pair >> 8, pair & 0xff];
}

/** The platform decodes GB18030 but does not encode it: the table is turned round once, on first use. */
function buildTwoByteTable(): Map<string, number> {
  const table = new Map<string, number>();
  const decoder = new TextDecoder('gb18030');
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue;
      const char = decoder.decode(Uint8Array.of(lead, trail));
      const known = [...char].length === 1 && !/[\uE000-\uF8FF\uFFFD]/.test(char);
      if (known && !table.has(char)) table.set(char, (lead << 8) | trail);
    }
  }
  return table;
}

function notText(encoding: string, at: number): HubError {
  return new HubError('protocol_violation', `byte ${at} is not ${encoding} text`, { context: { at } });
}

function notSayable(char: string, encoding: string): HubError {
  return new HubError('invalid_input', `the character ${char} cannot be sent in ${encoding}`, { context: { char } });
}
