import { HubError } from '../../errors/index.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import { type RegisterSpec, registerCount } from '../modbus-schema.js';
import type { Transform } from '../transform-schema.js';
import { applyTransform, type RawValue, undoTransform } from './transform.js';

/** Orders of a binding, used where the register states none. */
export interface RegisterOrders {
  wordOrder?: 'big' | 'little';
  byteOrder?: 'big' | 'little';
}

const integerRanges = {
  u16: [0n, 0xffffn],
  i16: [-0x8000n, 0x7fffn],
  u32: [0n, 0xffffffffn],
  i32: [-0x80000000n, 0x7fffffffn],
  u64: [0n, 0xffffffffffffffffn],
  i64: [-0x8000000000000000n, 0x7fffffffffffffffn],
} as const;

/**
 * The raw value of registers (16-bit words, or 0/1 for coils) as they came in the answer, first one first.
 * 64-bit integers come as bigint where a number cannot hold them. Throws `protocol_violation` on too few words
 * and on a float that is no number.
 */
export function decodeRegisters(spec: RegisterSpec, words: ArrayLike<number>, orders: RegisterOrders = {}): RawValue {
  const count = registerCount(spec);
  if (words.length < count) {
    throw new HubError('protocol_violation', `${count} registers are needed and ${words.length} came`, {
      context: { table: spec.table, address: spec.address },
    });
  }
  if (spec.type === 'bool') return words[0] !== 0;
  const view = toView(spec, words, count, orders);
  switch (spec.type) {
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
    case 'bits':
      return (view.getUint16(0) >> (spec.bit ?? 0)) & ((1 << (spec.width ?? 1)) - 1);
    case 'string':
      return readString(new Uint8Array(view.buffer));
  }
}

/**
 * Registers for a raw value; for `bits` the value shifted to its place (see `maskForBits` for function code 22).
 * Throws `invalid_input` where the value does not fit the type.
 */
export function encodeRegisters(spec: RegisterSpec, raw: RawValue, orders: RegisterOrders = {}): number[] {
  if (spec.type === 'bool') return [toBit(raw)];
  const count = registerCount(spec);
  const bytes = new Uint8Array(count * 2);
  const view = new DataView(bytes.buffer);
  switch (spec.type) {
    case 'u16':
    case 'i16':
    case 'u32':
    case 'i32':
    case 'u64':
    case 'i64': {
      const integer = toInteger(raw, spec);
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
    case 'bits': {
      const integer = Number(toInteger(raw, { ...spec, type: 'u16' }));
      if (integer >= 1 << (spec.width ?? 1)) throw unfit(raw, spec);
      view.setUint16(0, integer << (spec.bit ?? 0));
      break;
    }
    case 'string':
      writeString(bytes, String(raw), spec);
      break;
  }
  return toWords(spec, bytes, orders);
}

/** Masks of function code 22 (mask write register): result = (current AND andMask) OR (orMask AND NOT andMask). */
export function maskForBits(spec: RegisterSpec, word: number): { andMask: number; orMask: number } {
  const field = ((1 << (spec.width ?? 1)) - 1) << (spec.bit ?? 0);
  return { andMask: ~field & 0xffff, orMask: word & field };
}

/** Registers to a value of the model: decode, then transform. Undefined: the device says "no value". */
export function decodePoint(
  point: RegisterSpec & Transform,
  words: ArrayLike<number>,
  shape: ValueShape,
  orders: RegisterOrders = {},
): ThingValue | undefined {
  return applyTransform(decodeRegisters(point, words, orders), point, shape);
}

/** A value of the model to registers: the transform turned back, rounded for integer registers, then encoded. */
export function encodePoint(point: RegisterSpec & Transform, value: ThingValue, orders: RegisterOrders = {}): number[] {
  const raw = undoTransform(value, point);
  const rounds = typeof raw === 'number' && point.type !== 'f32' && point.type !== 'f64' && point.scale !== undefined;
  return encodeRegisters(point, rounds ? Math.round(raw) : raw, orders);
}

/** A number is read out of it at once, so that no register needs memory of its own. */
const numberView = new DataView(new ArrayBuffer(8));

function toView(spec: RegisterSpec, words: ArrayLike<number>, count: number, orders: RegisterOrders): DataView {
  const wordOrder = spec.wordOrder ?? orders.wordOrder ?? 'big';
  const byteOrder = spec.byteOrder ?? orders.byteOrder ?? 'big';
  const view = spec.type === 'string' ? new DataView(new ArrayBuffer(count * 2)) : numberView;
  for (let index = 0; index < count; index++) {
    const word = words[wordOrder === 'big' || spec.type === 'string' ? index : count - 1 - index] ?? 0;
    view.setUint16(index * 2, word, byteOrder === 'little');
  }
  return view;
}

function toWords(spec: RegisterSpec, bytes: Uint8Array, orders: RegisterOrders): number[] {
  const wordOrder = spec.wordOrder ?? orders.wordOrder ?? 'big';
  const byteOrder = spec.byteOrder ?? orders.byteOrder ?? 'big';
  const view = new DataView(bytes.buffer);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) words.push(view.getUint16(at, byteOrder === 'little'));
  return wordOrder === 'big' || spec.type === 'string' ? words : words.reverse();
}

const powersOfTen = Array.from({ length: 13 }, (_, exponent) => Number(`1e${exponent}`));

/** The fewest digits that make the same float32: 230.2, not 230.1999969482422. */
export function shortestFloat32(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || !(size >= 1e-4 && size < 1e6)) return shortestByText(value);
  // Six digits already tell any shorter decimal from the float32 next to it, so fewer need not be tried.
  let decimals = 5;
  for (let limit = 10; size >= limit; limit *= 10) decimals--;
  for (let limit = 1; size < limit; limit /= 10) decimals++;
  for (const most = decimals + 3; decimals <= most; decimals++) {
    const power = powersOfTen[decimals] as number;
    // A whole number divided by an exact power of ten is the double nearest to that decimal.
    const short = Math.round(size * power) / power;
    if (Math.fround(short) === size) return value < 0 ? -short : short;
  }
  return value;
}

function shortestByText(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
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

function readString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  return new TextDecoder('utf-8').decode(used).trimEnd();
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

function toInteger(raw: RawValue, spec: RegisterSpec): bigint {
  const [least, greatest] = integerRanges[spec.type as keyof typeof integerRanges];
  const whole = typeof raw === 'string' ? /^-?\d+$/.test(raw) : typeof raw !== 'number' || Number.isInteger(raw);
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
