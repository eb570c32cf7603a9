import { HubError } from '../../errors/index.js';
import type { BinaryPart, BinaryType, MessagePlace } from '../mqtt-schema.js';
import { bytesToHex, concatBytes, hexToBytes } from './bytes.js';
import { numberSize } from './number-sizes.js';
import { fillTemplate, type TemplateValues } from './template.js';
import type { RawValue } from './transform.js';

/**
 * The raw value of one binary field, or undefined where the payload ends before it.
 * Throws `protocol_violation` where the bytes are no BCD number or no text.
 */
export function readBinary(place: MessagePlace, payload: Uint8Array): RawValue | undefined {
  const { type = 'u8', at = 0 } = place;
  const from = at < 0 ? payload.length + at : at;
  const size = numberSize(type) ?? (type === 'bits' ? wordSize(place) : (place.bytes ?? payload.length - from));
  if (from < 0 || size < 0 || from + size > payload.length) return undefined;
  const bytes = payload.subarray(from, from + size);
  const big = place.order === 'little' ? bytes.slice().reverse() : bytes;
  switch (type) {
    case 'hex':
      return bytesToHex(bytes, '');
    case 'text':
      return readText(bytes);
    case 'bcd':
      return readBcd(big);
    case 'bits':
      return Math.floor(unsigned(big) / 2 ** (place.bit ?? 0)) % 2 ** (place.width ?? 1);
    default:
      return readNumber(type, big);
  }
}

function wordSize({ bytes, bit = 0, width = 1 }: MessagePlace): number {
  return bytes ?? Math.ceil((bit + width) / 8);
}

function readNumber(type: BinaryType, big: Uint8Array): RawValue {
  const view = new DataView(big.buffer, big.byteOffset, big.byteLength);
  switch (type) {
    case 'f32':
      return view.getFloat32(0);
    case 'f64':
      return view.getFloat64(0);
    case 'u64':
      return view.getBigUint64(0);
    case 'i64':
      return view.getBigInt64(0);
    default: {
      const value = unsigned(big);
      const range = 256 ** big.length;
      return type.startsWith('i') && value >= range / 2 ? value - range : value;
    }
  }
}

function unsigned(big: Uint8Array): number {
  return big.reduce((value, byte) => value * 256 + byte, 0);
}

function readBcd(big: Uint8Array): number {
  const digits = bytesToHex(big, '');
  if (/\D/.test(digits) || digits === '')
    throw new HubError('protocol_violation', `${digits.slice(0, 40)} is no BCD number`);
  return Number(digits);
}

function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/^[\0\s]+|[\0\s]+$/g, '');
  } catch (cause) {
    throw new HubError('protocol_violation', 'the bytes are not UTF-8 text', { cause });
  }
}

/** Bytes that a payload holds as text. Throws `protocol_violation`. */
export function unwrapBytes(text: string, encoding: 'base64' | 'hex'): Uint8Array {
  const plain = text.replace(/\s+/g, '');
  if (encoding === 'hex') {
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(plain)) throw new HubError('protocol_violation', 'the payload is no hex');
    return hexToBytes(plain);
  }
  // Both alphabets of RFC 4648 are met in the field; padding may be left out.
  const standard = plain.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (/[^A-Za-z0-9+/]/.test(standard) || standard.length % 4 === 1)
    throw new HubError('protocol_violation', 'the payload is no base64');
  return Uint8Array.from(atob(standard), (char) => char.charCodeAt(0));
}

/** The payload of a binary publish. Throws `invalid_input` where a value is no number or does not fit its bytes. */
export function buildBinary(parts: readonly BinaryPart[], values: TemplateValues): Uint8Array {
  return concatBytes(...parts.map((part) => buildPart(part, values)));
}

function buildPart(part: BinaryPart, values: TemplateValues): Uint8Array {
  if ('hex' in part) return hexToBytes(part.hex);
  if ('text' in part) return new TextEncoder().encode(fillTemplate(part.text, values));
  const given = Object.hasOwn(values, part.input) ? values[part.input] : undefined;
  const value = typeof given === 'boolean' ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new HubError('invalid_input', `${part.input} is not a number and cannot be sent as ${part.type}`);
  const raw = Number((value / part.scale).toPrecision(12));
  if (part.type === 'f32' || part.type === 'f64') return floatBytes(raw, part.type, part.order);
  return part.type === 'bcd'
    ? integerBytes(bcdOf(raw, part), part.bytes ?? 1, part)
    : integerBytes(Math.round(raw), numberSize(part.type) ?? 1, part);
}

type NumberPart = Extract<BinaryPart, { input: string }>;

function floatBytes(value: number, type: 'f32' | 'f64', order: NumberPart['order']): Uint8Array {
  const bytes = new Uint8Array(type === 'f32' ? 4 : 8);
  const view = new DataView(bytes.buffer);
  if (type === 'f32') view.setFloat32(0, value, order === 'little');
  else view.setFloat64(0, value, order === 'little');
  return bytes;
}

function integerBytes(value: number, size: number, part: NumberPart): Uint8Array {
  const range = 256 ** size;
  const signed = part.type.startsWith('i');
  const [least, most] = signed ? [-range / 2, range / 2 - 1] : [0, range - 1];
  if (value < least || value > most)
    throw new HubError('invalid_input', `${part.input} = ${value} does not fit into ${part.type}`);
  let rest = value < 0 ? value + range : value;
  const bytes = new Uint8Array(size);
  for (let index = size - 1; index >= 0; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return part.order === 'little' ? bytes.reverse() : bytes;
}

/** 1234 as the number whose hex digits are 1234. */
function bcdOf(value: number, { input, bytes = 1 }: NumberPart): number {
  const digits = String(Math.round(value));
  // 6 bytes are the most that stay exact as a number.
  if (!/^\d+$/.test(digits) || digits.length > Math.min(bytes, 6) * 2)
    throw new HubError('invalid_input', `${input} = ${value} does not fit into ${bytes} bytes of BCD`);
  return Number.parseInt(digits, 16);
}
