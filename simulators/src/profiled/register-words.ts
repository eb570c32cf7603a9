import type { RegisterSpec } from '@hallhub/shared/profile';
import { registerCount } from '@hallhub/shared/profile';
import type { RawValue } from './raw-value.js';

export interface Orders {
  readonly wordOrder?: 'big' | 'little';
  readonly byteOrder?: 'big' | 'little';
}

/** Least and greatest raw value of a type; undefined for floats and texts. */
export const rawRange = (spec: RegisterSpec): [least: number, greatest: number] | undefined => {
  const count = registerCount(spec);
  switch (spec.type) {
    case 'bool':
      return [0, 1];
    case 'bits': {
      const width = spec.width ?? 1;
      return spec.signed ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1];
    }
    case 'u8':
      return [0, 255];
    case 'i8':
      return [-128, 127];
    case 'bcd16':
    case 'bcd32':
      return [0, 10_000 ** count - 1];
    case 'mod10-32':
    case 'mod10-48':
    case 'mod10-64':
      return spec.signed ? [1 - 10_000 ** count, 10_000 ** count - 1] : [0, 10_000 ** count - 1];
    case 'f32':
      return [-3.4e38, 3.4e38];
    case 'f64':
    case 'string':
      return undefined;
    default: {
      const size = Math.min(2 ** (count * 16), Number.MAX_SAFE_INTEGER);
      return spec.type.startsWith('i') ? [-size / 2, size / 2 - 1] : [0, size - 1];
    }
  }
};

/** Bits of the first register that a value takes; all of it but for parts of a register. */
export const maskOf = (spec: RegisterSpec): number => {
  if (spec.type === 'bits') return (2 ** (spec.width ?? 1) - 1) << (spec.bit ?? 0);
  if (spec.type === 'u8' || spec.type === 'i8') return spec.half === 'high' ? 0xff00 : 0xff;
  return 0xffff;
};

/** The registers of a raw value, written out by hand as the Modbus documents say. */
export const wordsOf = (spec: RegisterSpec, raw: RawValue, orders: Orders = {}): number[] => {
  const count = registerCount(spec);
  switch (spec.type) {
    case 'bool':
      return [raw === true || Number(raw) === 1 ? 1 : 0];
    case 'bits':
    case 'u8':
    case 'i8': {
      const shift = spec.type === 'bits' ? (spec.bit ?? 0) : spec.half === 'high' ? 8 : 0;
      const word = (Math.round(Number(raw)) << shift) & maskOf(spec);
      return [swapped(word, spec, orders)];
    }
    case 'string': {
      const bytes = Buffer.alloc(count * 2);
      bytes.write(String(raw), 'utf8');
      return Array.from({ length: count }, (_, at) => swapped(bytes.readUInt16BE(at * 2), spec, orders));
    }
    case 'f32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatBE(Number(raw));
      return ordered([bytes.readUInt16BE(0), bytes.readUInt16BE(2)], spec, orders);
    }
    case 'f64': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(Number(raw));
      return ordered(
        [0, 2, 4, 6].map((at) => bytes.readUInt16BE(at)),
        spec,
        orders,
      );
    }
    case 'bcd16':
    case 'bcd32':
      return ordered(
        decimalGroups(Math.abs(Math.round(Number(raw))), count).map((group) => Number.parseInt(String(group), 16)),
        spec,
        orders,
      );
    case 'mod10-32':
    case 'mod10-48':
    case 'mod10-64': {
      const number = Math.round(Number(raw));
      const groups = decimalGroups(Math.abs(number), count).map((group) => (number < 0 ? -group & 0xffff : group));
      return ordered(groups, spec, orders);
    }
    default: {
      let rest = BigInt.asUintN(count * 16, BigInt(typeof raw === 'bigint' ? raw : Math.round(Number(raw))));
      const words: number[] = [];
      for (let at = 0; at < count; at++) {
        words.unshift(Number(rest & 0xffffn));
        rest >>= 16n;
      }
      return ordered(words, spec, orders);
    }
  }
};

/** The raw value that stands in registers. Undefined where they hold none (a BCD digit above 9, a float that is no number). */
export const rawOfWords = (spec: RegisterSpec, words: readonly number[], orders: Orders = {}): RawValue | undefined => {
  const count = registerCount(spec);
  switch (spec.type) {
    case 'bool':
      return words[0] !== 0;
    case 'bits':
    case 'u8':
    case 'i8': {
      const shift = spec.type === 'bits' ? (spec.bit ?? 0) : spec.half === 'high' ? 8 : 0;
      const width = spec.type === 'bits' ? (spec.width ?? 1) : 8;
      const field = (swapped(words[0] ?? 0, spec, orders) & maskOf(spec)) >> shift;
      const signed = spec.type === 'i8' || (spec.type === 'bits' && spec.signed === true);
      return signed && field >= 2 ** (width - 1) ? field - 2 ** width : field;
    }
    case 'string': {
      const bytes = Buffer.alloc(count * 2);
      for (let at = 0; at < count; at++) bytes.writeUInt16BE(swapped(words[at] ?? 0, spec, orders), at * 2);
      return bytes.toString('utf8').replace(/\0.*$/s, '').trimEnd();
    }
    default:
      return numberOf(spec, ordered(words.slice(0, count), spec, orders));
  }
};

const numberOf = (spec: RegisterSpec, words: readonly number[]): number | bigint | undefined => {
  const bytes = Buffer.alloc(words.length * 2);
  for (const [at, word] of words.entries()) bytes.writeUInt16BE(word & 0xffff, at * 2);
  switch (spec.type) {
    case 'f32':
    case 'f64': {
      const value = spec.type === 'f32' ? Number(bytes.readFloatBE().toPrecision(7)) : bytes.readDoubleBE();
      return Number.isFinite(value) ? value : undefined;
    }
    case 'bcd16':
    case 'bcd32': {
      const digits = bytes.toString('hex');
      return /^\d+$/.test(digits) ? Number(digits) : undefined;
    }
    case 'mod10-32':
    case 'mod10-48':
    case 'mod10-64':
      return words.reduce((sum, word) => sum * 10_000 + (spec.signed && word > 0x7fff ? word - 0x10000 : word), 0);
    default: {
      const unsigned = BigInt(`0x${bytes.toString('hex')}`);
      const whole = spec.type.startsWith('i') ? BigInt.asIntN(words.length * 16, unsigned) : unsigned;
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
    }
  }
};

/** Four decimal digits a register, the highest first. */
const decimalGroups = (number: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Math.floor(number / 10_000 ** (count - 1 - at)) % 10_000);

const ordered = (words: readonly number[], spec: RegisterSpec, orders: Orders): number[] => {
  const placed = (spec.wordOrder ?? orders.wordOrder) === 'little' ? [...words].reverse() : [...words];
  return placed.map((word) => swapped(word, spec, orders));
};

const swapped = (word: number, spec: RegisterSpec, orders: Orders): number =>
  (spec.byteOrder ?? orders.byteOrder) === 'little' ? ((word & 0xff) << 8) | ((word >> 8) & 0xff) : word & 0xffff;
