import { HubError } from '../../errors/index.js';
import type { ThingValue } from '../../thing/value-shape.js';
import type { FramePart } from '../serial-schema.js';
import { hexToBytes } from './bytes.js';
import { numberSizes } from './number-sizes.js';
import type { RawValue } from './transform.js';

export interface NumberRule {
  type: FramePart['type'];
  order: 'big' | 'little';
  bytes?: number | undefined;
}

/** Bytes of a number, or of hex text, in a frame. Throws `invalid_input` where it does not fit its type. */
export function encodeNumber(rule: NumberRule, raw: RawValue | ThingValue, name: string): Uint8Array {
  const { type } = rule;
  const little = rule.order === 'little';
  if (typeof raw === 'string' && raw.trim() === '') throw unfit(name, raw, type);
  if (type === 'hex') {
    const bytes = hexToBytes(String(raw));
    if (rule.bytes !== undefined && bytes.length !== rule.bytes) throw unfit(name, raw, `${rule.bytes} byte(s) in hex`);
    return little ? bytes.reverse() : bytes;
  }
  if (type === 'bcd') {
    const bytes = encodeBcd(raw, rule.bytes ?? 1, name);
    return little ? bytes.reverse() : bytes;
  }
  const number = Number(raw);
  if (type === 'f32') {
    const bytes = new Uint8Array(4);
    if (!Number.isFinite(Math.fround(number))) throw unfit(name, raw, type);
    new DataView(bytes.buffer).setFloat32(0, number, little);
    return bytes;
  }
  const whole = Math.round(number);
  if (type === 'ascii-hex') {
    const digits = whole
      .toString(16)
      .toUpperCase()
      .padStart(rule.bytes ?? 2, '0');
    if (!Number.isSafeInteger(whole) || whole < 0 || digits.length > (rule.bytes ?? 2)) throw unfit(name, raw, type);
    return Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
  }
  const size = numberSizes[type];
  const signed = type.startsWith('i');
  const least = signed ? -(256 ** size) / 2 : 0;
  const greatest = signed ? 256 ** size / 2 - 1 : 256 ** size - 1;
  if (!Number.isInteger(whole) || whole < least || whole > greatest) throw unfit(name, raw, type);
  const bytes = new Uint8Array(size);
  for (let index = 0, rest = whole < 0 ? whole + 256 ** size : whole; index < size; index++) {
    bytes[little ? index : size - 1 - index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** A text of digits may be longer than a number is exact, as meter addresses are. */
function encodeBcd(raw: RawValue | ThingValue, size: number, name: string): Uint8Array {
  const text = typeof raw === 'number' ? String(Math.round(raw)) : String(raw);
  const digits = text.padStart(size * 2, '0');
  if (!/^\d+$/.test(digits) || digits.length > size * 2) throw unfit(name, raw, `${size} BCD byte(s)`);
  return hexToBytes(digits);
}

function unfit(name: string, value: RawValue | ThingValue, type: string): HubError {
  return new HubError('invalid_input', `${name} is ${String(value).slice(0, 60)} and does not fit ${type}`);
}
