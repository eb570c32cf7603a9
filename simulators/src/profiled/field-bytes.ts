import type { RawValue } from './raw-value.js';

/** A number or text at an offset, in a frame or a binary message. */
export interface ByteField {
  readonly type: string;
  readonly order?: 'big' | 'little' | undefined;
  readonly bytes?: number | undefined;
  readonly bit?: number | undefined;
  readonly width?: number | undefined;
  readonly signed?: boolean | undefined;
  readonly signBit?: boolean | undefined;
}

const sizes: Readonly<Record<string, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u24: 3,
  i24: 3,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  f32: 4,
  f64: 8,
};

/** Bytes that a field takes; undefined for one whose size its text decides. */
export const sizeOfField = (field: ByteField): number | undefined => {
  if (field.type === 'bits') return field.bytes ?? Math.ceil(((field.bit ?? 0) + (field.width ?? 1)) / 8);
  return sizes[field.type] ?? field.bytes;
};

/** Least and greatest raw value; undefined for floats and texts. */
export const rangeOfField = (field: ByteField): [least: number, greatest: number] | undefined => {
  if (field.type === 'bits') {
    const width = field.width ?? 1;
    return field.signed ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1];
  }
  if (field.type === 'bcd') {
    const most = 10 ** ((field.bytes ?? 1) * 2) - 1;
    if (!field.signBit) return [0, most];
    // The top bit is the sign, which leaves seven for the first digit.
    const top = 8 * 10 ** ((field.bytes ?? 1) * 2 - 1) - 1;
    return [-top, top];
  }
  const size = sizes[field.type];
  if (size === undefined) return undefined;
  if (field.type === 'f32') return [-3.4e38, 3.4e38];
  if (field.type === 'f64') return undefined;
  const range = Math.min(256 ** size, Number.MAX_SAFE_INTEGER);
  return field.type.startsWith('i') ? [-range / 2, range / 2 - 1] : [0, range - 1];
};

/** Bytes of a number, BCD number or hex digits; texts are the caller's. */
export const bytesOfField = (field: ByteField, raw: RawValue): Buffer => {
  const size = sizeOfField(field) ?? 1;
  const bytes = Buffer.alloc(size);
  if (field.type === 'hex') return Buffer.from(String(raw).replace(/\s+/g, ''), 'hex');
  if (field.type === 'f32') bytes.writeFloatBE(Number(raw));
  else if (field.type === 'f64') bytes.writeDoubleBE(Number(raw));
  else if (field.type === 'bcd') {
    const number = Math.round(Number(raw));
    Buffer.from(
      String(Math.abs(number))
        .padStart(size * 2, '0')
        .slice(-size * 2),
      'hex',
    ).copy(bytes);
    if (field.signBit && number < 0) bytes[0] = (bytes[0] ?? 0) | 0x80;
  } else {
    const shift = field.type === 'bits' ? BigInt(field.bit ?? 0) : 0n;
    const width = field.type === 'bits' ? (field.width ?? 1) : size * 8;
    const whole = typeof raw === 'bigint' ? raw : BigInt(Math.round(Number(raw)));
    let rest = BigInt.asUintN(width, whole) << shift;
    for (let at = size - 1; at >= 0; at--) {
      bytes[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }
  return field.order === 'little' ? bytes.reverse() : bytes;
};

/** The raw value of such a field in a request; undefined where it holds none. */
export const rawOfField = (field: ByteField, given: Uint8Array): RawValue | undefined => {
  const bytes = Buffer.from(given);
  if (field.order === 'little') bytes.reverse();
  if (field.type === 'hex') return Buffer.from(given).toString('hex').toUpperCase();
  if (field.type === 'f32') return Number(bytes.readFloatBE().toPrecision(7));
  if (field.type === 'f64') return bytes.readDoubleBE();
  if (field.type === 'bcd') {
    const digits = bytes.toString('hex');
    return /^\d+$/.test(digits) ? Number(digits) : undefined;
  }
  const unsigned = BigInt(`0x${bytes.toString('hex') || '0'}`);
  const signed = field.type.startsWith('i') ? BigInt.asIntN(bytes.length * 8, unsigned) : unsigned;
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
};
