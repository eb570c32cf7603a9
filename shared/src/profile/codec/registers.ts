import { HubError } from '../../errors/index.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import { type RegisterSpec, registerCount } from '../register-schema.js';
import type { Transform } from '../transform-schema.js';
import { decodeBcd, decodeMod10, encodeBcd, encodeMod10 } from './decimal-registers.js';
import { shortestFloat32 } from './float32.js';
import { applyTransform, type RawValue, undoTransform } from './transform.js';

/** Orders of a binding, used where the register states none. */
export interface RegisterOrders {
  wordOrder?: 'big' | 'little';
  byteOrder?: 'big' | 'little';
}

const integerRanges = {
  u8: [0n, 0xffn],
  i8: [-0x80n, 0x7fn],
  u16: [0n, 0xffffn],
  i16: [-0x8000n, 0x7fffn],
  u32: [0n, 0xffffffffn],
  i32: [-0x80000000n, 0x7fffffffn],
  u64: [0n, 0xffffffffffffffffn],
  i64: [-0x8000000000000000n, 0x7fffffffffffffffn],
} as const;

/**
 * The raw value of registers (16-bit words, or 0/1 for coils) as they came in the answer, the first one at `from`.
 * 64-bit integers come as bigint where a number cannot hold them. Throws `protocol_violation` on too few words,
 * on a float that is no number, on digits that are none and on bytes that are no UTF-8.
 */
export function decodeRegisters(
  spec: RegisterSpec,
  words: ArrayLike<number>,
  orders: RegisterOrders = {},
  from = 0,
): RawValue {
  const count = registerCount(spec);
  if (words.length - from < count) {
    throw new HubError('protocol_violation', `${count} registers are needed and ${words.length - from} came`, {
      context: { table: spec.table, address: spec.address },
    });
  }
  if (spec.type === 'bool') return words[from] !== 0;
  const view = toView(spec, words, orders, from);
  switch (spec.type) {
    case 'u8':
      return view.getUint8(spec.half === 'high' ? 0 : 1);
    case 'i8':
      return view.getInt8(spec.half === 'high' ? 0 : 1);
    case 'u16':
      return view.getUint16(0);
    case 'i16':
      return view.getInt16(0);
    case 'u32':
      return view.getUint32(0);
    case 'i32':
      return view.getInt32(0);
    case 'u64':
      return narrow(view.getBigUint64(0));
    case 'i64':
      return narrow(view.getBigInt64(0));
    case 'f32':
      return finite(shortestFloat32(view.getFloat32(0)), spec);
    case 'f64':
      return finite(view.getFloat64(0), spec);
    case 'bcd16':
      return digits(decodeBcd(view.getUint16(0)), spec);
    case 'bcd32':
      return digits(decodeBcd(view.getUint32(0)), spec);
    case 'mod10-32':
    case 'mod10-48':
    case 'mod10-64':
      return digits(decodeMod10(view, count, spec.signed ?? false), spec);
    case 'bits':
      return readBits(view.getUint16(0), spec);
    case 'string':
      return readString(new Uint8Array(view.buffer), spec);
  }
}

/**
 * Registers for a raw value; for a part of a register the value shifted to its place, the rest 0 (see `maskForBits`).
 * Throws `invalid_input` where the value does not fit the type.
 */
export function encodeRegisters(spec: RegisterSpec, raw: RawValue, orders: RegisterOrders = {}): number[] {
  if (spec.type === 'bool') return [toBit(raw)];
  const count = registerCount(spec);
  const bytes = new Uint8Array(count * 2);
  const view = new DataView(bytes.buffer);
  switch (spec.type) {
    case 'u8':
    case 'i8':
      view.setUint8(spec.half === 'high' ? 0 : 1, Number(toInteger(raw, spec, integerRanges[spec.type])) & 0xff);
      break;
    case 'u16':
    case 'i16':
    case 'u32':
    case 'i32':
    case 'u64':
    case 'i64': {
      const integer = toInteger(raw, spec, integerRanges[spec.type]);
      const wide = new DataView(new ArrayBuffer(8));
      wide.setBigUint64(0, BigInt.asUintN(64, integer));
      bytes.set(new Uint8Array(wide.buffer).subarray(8 - count * 2));
      break;
    }
    case 'f32': {
      const number = toFloat(raw, spec);
      if (!Number.isFinite(Math.fround(number))) throw unfit(raw, spec);
      view.setFloat32(0, number);
      break;
    }
    case 'f64':
      view.setFloat64(0, toFloat(raw, spec));
      break;
    case 'bcd16':
      view.setUint16(0, encodeBcd(Number(toInteger(raw, spec, [0n, 9_999n]))));
      break;
    case 'bcd32':
      view.setUint32(0, encodeBcd(Number(toInteger(raw, spec, [0n, 99_999_999n]))));
      break;
    case 'mod10-32':
    case 'mod10-48':
    case 'mod10-64': {
      const most = 10_000n ** BigInt(count) - 1n;
      encodeMod10(view, count, toInteger(raw, spec, [spec.signed ? -most : 0n, most]));
      break;
    }
    case 'bits':
      view.setUint16(0, writeBits(Number(toInteger(raw, spec, rangeOfBits(spec))), spec));
      break;
    case 'string':
      writeString(bytes, String(raw), spec);
      break;
  }
  return toWords(spec, bytes, orders);
}

/**
 * Masks of function code 22 (mask write register) for a part of a register encoded as `word`:
 * result = (current AND andMask) OR (orMask AND NOT andMask).
 */
export function maskForBits(
  spec: RegisterSpec,
  word: number,
  orders: RegisterOrders = {},
): { andMask: number; orMask: number } {
  const value =
    spec.type === 'bits' ? ((1 << (spec.width ?? 1)) - 1) << (spec.bit ?? 0) : spec.half === 'high' ? 0xff00 : 0xff;
  const swapped = (spec.byteOrder ?? orders.byteOrder) === 'little';
  const field = swapped ? ((value & 0xff) << 8) | (value >> 8) : value;
  return { andMask: ~field & 0xffff, orMask: word & field };
}

/** Registers to a value of the model: decode, then transform. Undefined: the device says "no value". */
export function decodePoint(
  point: RegisterSpec & Transform,
  words: ArrayLike<number>,
  shape: ValueShape,
  orders: RegisterOrders = {},
  from = 0,
): ThingValue | undefined {
  if (point.missing && isMarkedMissing(point, point.missing, words, orders, from)) return undefined;
  return applyTransform(decodeRegisters(point, words, orders, from), point, shape);
}

/** A value of the model to registers: the transform turned back, rounded for integer registers, then encoded. */
export function encodePoint(point: RegisterSpec & Transform, value: ThingValue, orders: RegisterOrders = {}): number[] {
  const raw = undoTransform(value, point);
  const rounds = typeof raw === 'number' && point.type !== 'f32' && point.type !== 'f64' && point.scale !== undefined;
  return encodeRegisters(point, rounds ? Math.round(raw) : raw, orders);
}

/** `missing` may name what no raw value can be: `NaN` of a float, and registers by their hex digits (`0xFFFF`). */
function isMarkedMissing(
  spec: RegisterSpec,
  missing: readonly (number | string)[],
  words: ArrayLike<number>,
  orders: RegisterOrders,
  from: number,
): boolean {
  if (spec.type === 'string' || spec.type === 'bool' || words.length - from < registerCount(spec)) return false;
  for (const mark of missing) {
    if (typeof mark !== 'string') continue;
    if (mark === 'NaN') {
      const view = toView(spec, words, orders, from);
      const float = spec.type === 'f32' ? view.getFloat32(0) : spec.type === 'f64' ? view.getFloat64(0) : 0;
      if (Number.isNaN(float)) return true;
    } else if (mark.startsWith('0x')) {
      const view = toView(spec, words, orders, from);
      let hex = '';
      for (let at = 0; at < registerCount(spec); at++)
        hex += view
          .getUint16(at * 2)
          .toString(16)
          .padStart(4, '0');
      if (hex === mark.slice(2).toLowerCase().padStart(hex.length, '0')) return true;
    }
  }
  return false;
}

/** A number is read out of it at once, so that no register needs memory of its own. */
const numberView = new DataView(new ArrayBuffer(8));

function toView(spec: RegisterSpec, words: ArrayLike<number>, orders: RegisterOrders, from: number): DataView {
  const count = registerCount(spec);
  const isText = spec.type === 'string';
  const view = isText ? new DataView(new ArrayBuffer(count * 2)) : numberView;
  const little = (spec.byteOrder ?? orders.byteOrder) === 'little';
  const backwards = !isText && (spec.wordOrder ?? orders.wordOrder) === 'little';
  for (let index = 0; index < count; index++) {
    view.setUint16(index * 2, words[from + (backwards ? count - 1 - index : index)] ?? 0, little);
  }
  return view;
}

function toWords(spec: RegisterSpec, bytes: Uint8Array, orders: RegisterOrders): number[] {
  const little = (spec.byteOrder ?? orders.byteOrder) === 'little';
  const view = new DataView(bytes.buffer);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) words.push(view.getUint16(at, little));
  return spec.type !== 'string' && (spec.wordOrder ?? orders.wordOrder) === 'little' ? words.reverse() : words;
}

function readBits(word: number, { bit = 0, width = 1, signed = false }: RegisterSpec): number {
  const value = (word >> bit) & ((1 << width) - 1);
  return signed && value >> (width - 1) !== 0 ? value - (1 << width) : value;
}

function writeBits(value: number, { bit = 0, width = 1 }: RegisterSpec): number {
  return (value & ((1 << width) - 1)) << bit;
}

function rangeOfBits({ width = 1, signed = false }: RegisterSpec): readonly [bigint, bigint] {
  const half = 1n << BigInt(width - 1);
  return signed ? [-half, half - 1n] : [0n, 2n * half - 1n];
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function finite(value: number, spec: RegisterSpec): number {
  if (Number.isFinite(value)) return value;
  throw new HubError('protocol_violation', 'the registers hold a float that is no number', {
    context: { table: spec.table, address: spec.address },
  });
}

function digits(value: number | bigint | undefined, spec: RegisterSpec): number | bigint {
  if (value !== undefined) return typeof value === 'bigint' ? narrow(value) : value;
  throw new HubError('protocol_violation', `the registers hold digits that are none (${spec.type})`, {
    context: { table: spec.table, address: spec.address },
  });
}

function readString(bytes: Uint8Array, spec: RegisterSpec): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    // As of a stream: a character that the registers cut in two is left out.
    return new TextDecoder('utf-8', { fatal: true }).decode(used, { stream: true }).trimEnd();
  } catch (cause) {
    throw new HubError('protocol_violation', 'the registers hold no text', {
      cause,
      context: { table: spec.table, address: spec.address },
    });
  }
}

function writeString(bytes: Uint8Array, text: string, spec: RegisterSpec): void {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length > bytes.length || encoded.includes(0)) throw unfit(text, spec);
  bytes.set(encoded);
}

function toBit(raw: RawValue): 0 | 1 {
  if (raw === true || raw === 1 || raw === 1n) return 1;
  if (raw === false || raw === 0 || raw === 0n) return 0;
  throw new HubError('invalid_input', `${String(raw)} is neither on nor off`, { context: { raw: String(raw) } });
}

function toInteger(raw: RawValue, spec: RegisterSpec, [least, greatest]: readonly [bigint, bigint]): bigint {
  const whole = typeof raw === 'string' ? /^-?\d{1,40}$/.test(raw) : typeof raw !== 'number' || Number.isInteger(raw);
  if (!whole) throw unfit(raw, spec);
  const integer = BigInt(raw);
  if (integer < least || integer > greatest) throw unfit(raw, spec);
  return integer;
}

function toFloat(raw: RawValue, spec: RegisterSpec): number {
  const number = typeof raw === 'string' && raw.trim() === '' ? Number.NaN : Number(raw);
  if (!Number.isFinite(number)) throw unfit(raw, spec);
  return number;
}

function unfit(raw: RawValue, spec: RegisterSpec): HubError {
  return new HubError('invalid_input', `${String(raw).slice(0, 60)} does not fit a register of type ${spec.type}`, {
    context: { table: spec.table, address: spec.address },
  });
}
