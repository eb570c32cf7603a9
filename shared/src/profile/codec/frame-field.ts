import { HubError } from '../../errors/index.js';
import type { FrameField } from '../serial-schema.js';
import { bytesToHex } from './bytes.js';
import { shortestFloat32 } from './float32.js';
import { numberSize } from './number-sizes.js';
import { decodeText } from './text-codec.js';
import type { RawValue } from './transform.js';

/** The raw value of one field. Throws `protocol_violation` where the frame is too short or holds something else. */
export function readField(field: FrameField, frame: Uint8Array, groups: Record<string, string>): RawValue {
  if (field.group !== undefined) {
    const text = groups[field.group];
    if (text === undefined) throw new HubError('protocol_violation', `the frame has no ${field.group}`);
    switch (field.type) {
      case 'decimal':
        return toDecimal(text);
      case 'hex':
      case 'ascii-hex':
        return toHexNumber(text);
      default:
        return trim(text, field);
    }
  }
  const at = (field.at ?? 0) < 0 ? frame.length + (field.at ?? 0) : (field.at ?? 0);
  const size =
    field.until !== undefined ? frame.length + field.until - at : fieldSize(field) * (field.hexDigits ? 2 : 1);
  if (at < 0 || size < 0 || at + size > frame.length) {
    throw new HubError('protocol_violation', `the frame of ${frame.length} bytes ends before the field at ${at}`);
  }
  const bytes = frame.subarray(at, at + size);
  return readBytes(field, field.hexDigits ? fromHexDigits(bytes) : bytes);
}

function readBytes(field: FrameField, bytes: Uint8Array): RawValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = field.order === 'little';
  switch (field.type) {
    case 'u8':
      return view.getUint8(0);
    case 'i8':
      return view.getInt8(0);
    case 'u16':
      return view.getUint16(0, little);
    case 'i16':
      return view.getInt16(0, little);
    case 'u24':
      return threeBytes(bytes, little);
    case 'i24':
      return (threeBytes(bytes, little) << 8) >> 8;
    case 'u32':
      return view.getUint32(0, little);
    case 'i32':
      return view.getInt32(0, little);
    case 'u64':
      return view.getBigUint64(0, little);
    case 'i64':
      return view.getBigInt64(0, little);
    case 'f32':
      return shortestFloat32(view.getFloat32(0, little));
    case 'f64':
      return view.getFloat64(0, little);
    case 'bits': {
      const word = bytes.length === 1 ? view.getUint8(0) : view.getUint16(0, little);
      return (word >> (field.bit ?? 0)) & ((1 << (field.width ?? 1)) - 1);
    }
    case 'bcd':
      return readBcd(little ? bytes.slice().reverse() : bytes, field.signBit);
    case 'hex':
      return bytesToHex(little ? bytes.slice().reverse() : bytes, '');
    case 'text':
      return trim(decodeText(bytes, field.encoding), field);
    case 'decimal':
      return toDecimal(decodeText(bytes, field.encoding));
    case 'ascii-hex':
      return toHexNumber(decodeText(bytes, 'ascii'));
  }
}

function fieldSize(field: FrameField): number {
  if (field.type === 'bits') return (field.bit ?? 0) + (field.width ?? 1) > 8 ? 2 : 1;
  return numberSize(field.type) ?? field.bytes ?? 0;
}

function threeBytes(bytes: Uint8Array, little: boolean): number {
  const [a = 0, b = 0, c = 0] = bytes;
  return little ? (c << 16) | (b << 8) | a : (a << 16) | (b << 8) | c;
}

function readBcd(bytes: Uint8Array, hasSign: boolean): number {
  const negative = hasSign && ((bytes[0] ?? 0) & 0x80) !== 0;
  const digits = bytesToHex(negative ? Uint8Array.of((bytes[0] ?? 0) & 0x7f, ...bytes.subarray(1)) : bytes, '');
  if (!/^\d+$/.test(digits)) throw new HubError('protocol_violation', `"${digits.slice(0, 40)}" is no BCD number`);
  return Number(digits) * (negative ? -1 : 1) || 0;
}

function fromHexDigits(text: Uint8Array): Uint8Array {
  const digits = String.fromCharCode(...text.subarray(0, 8_192));
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits) || digits.length !== text.length) {
    throw new HubError('protocol_violation', `"${digits.slice(0, 40)}" is not written in hex digits`);
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toHexNumber(text: string): RawValue {
  const digits = trimText(text);
  if (!/^[0-9a-fA-F]{1,16}$/.test(digits)) {
    throw new HubError('protocol_violation', `"${digits.slice(0, 40)}" is no hex number`);
  }
  return digits.length > 12 ? BigInt(`0x${digits}`) : Number.parseInt(digits, 16);
}

function toDecimal(text: string): number {
  const digits = trimText(text);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(digits)) {
    throw new HubError('protocol_violation', `"${digits.slice(0, 40)}" is no decimal number`);
  }
  return Number(digits);
}

function trim(text: string, field: FrameField): string {
  return field.trim ? trimText(text) : text;
}

function trimText(text: string): string {
  return text.replace(/^[\0\s]+|[\0\s]+$/g, '');
}
