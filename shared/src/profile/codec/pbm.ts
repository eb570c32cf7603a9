import { HubError } from '../../errors/index.js';

export interface Bitmap {
  width: number;
  height: number;
  /** Rows of whole bytes, the leftmost dot in the top bit, black is 1. */
  rows: Uint8Array;
}

/** Dots that a printer head of 104 mm has at 8 a millimetre, and a ticket half a metre long. */
const maxWidth = 832;
const maxHeight = 4_096;

/**
 * A picture in black and white: the text of a plain portable bitmap (`P1 …`), or a binary one (`P4 …`) in base64.
 * Throws `invalid_input`.
 */
export function bitmapOf(text: string): Bitmap {
  const bytes = /^\s*P1\s/.test(text) ? Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff) : fromBase64(text);
  const head = /^P([14])\s+(?:#[^\n]*\n\s*)*(\d{1,5})\s+(\d{1,5})\s/.exec(latin1(bytes.subarray(0, 512)).trimStart());
  if (!head) throw new HubError('invalid_input', 'the picture is no portable bitmap (P1, or P4 in base64)');
  const width = Number(head[2]);
  const height = Number(head[3]);
  if (width < 1 || height < 1 || width > maxWidth || height > maxHeight) {
    throw new HubError('invalid_input', `a picture of ${width} x ${height} dots cannot be printed`);
  }
  return {
    width,
    height,
    rows: head[1] === '1' ? plainRows(text, width, height) : binaryRows(bytes, head[0].length, width, height),
  };
}

function plainRows(text: string, width: number, height: number): Uint8Array {
  const body = text
    .replace(/#[^\n]*/g, '')
    .replace(/^\s*P1\s+\d+\s+\d+\s/, '')
    .replace(/\s+/g, '');
  if (!/^[01]*$/.test(body) || body.length !== width * height) {
    throw new HubError('invalid_input', `the picture has ${body.length} dots and should have ${width * height}`);
  }
  const across = Math.ceil(width / 8);
  const rows = new Uint8Array(across * height);
  for (let dot = 0; dot < body.length; dot++) {
    if (body[dot] !== '1') continue;
    const column = dot % width;
    const at = Math.floor(dot / width) * across + (column >> 3);
    rows[at] = (rows[at] ?? 0) | (0x80 >> (column & 7));
  }
  return rows;
}

function binaryRows(bytes: Uint8Array, from: number, width: number, height: number): Uint8Array {
  const size = Math.ceil(width / 8) * height;
  const rows = bytes.slice(from, from + size);
  if (rows.length < size) throw new HubError('invalid_input', `the picture ends after ${rows.length} of ${size} bytes`);
  return rows;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, '')), (char) => char.charCodeAt(0));
  } catch (cause) {
    throw new HubError('invalid_input', 'the picture is not written in base64', { cause });
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
