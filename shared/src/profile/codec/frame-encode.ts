import { HubError } from '../../errors/index.js';
import type { ThingValue } from '../../thing/value-shape.js';
import type { FramePart, SerialBinding } from '../serial-schema.js';
import { concatBytes, hexToBytes } from './bytes.js';
import { checksumField, checksumFieldSize } from './checksum.js';
import { fillTemplate, type TemplateValues } from './template.js';
import { encodeText } from './text-codec.js';
import { undoTransform } from './transform.js';

/** The part of a serial binding that building a frame needs. */
export type FrameRules = Pick<SerialBinding, 'framing' | 'checksum' | 'params'>;

/**
 * Bytes to send for the parts of a step: start, parts with the length field put in its place, checksum, end.
 * With `raw` the parts alone. Throws `invalid_input` where a value is missing or does not fit.
 */
export function buildFrame(
  rules: FrameRules,
  parts: readonly FramePart[],
  values: TemplateValues,
  options: { params?: TemplateValues; raw?: boolean } = {},
): Uint8Array {
  const defaults = Object.fromEntries(Object.entries(rules.params).map(([id, param]) => [id, param.default]));
  const params = { ...defaults, ...options.params };
  const body = concatBytes(...parts.map((part) => encodePart(part, values, params)));
  return options.raw ? body : wrap(rules, body);
}

function wrap(rules: FrameRules, body: Uint8Array): Uint8Array {
  const { framing, checksum } = rules;
  const start = framing.type !== 'idle' && framing.start !== undefined ? hexToBytes(framing.start) : new Uint8Array(0);
  const end = 'end' in framing && framing.end !== undefined ? hexToBytes(framing.end) : new Uint8Array(0);
  let covered = concatBytes(start, body);
  const tail = (checksum ? checksumFieldSize(checksum) : 0) + end.length;
  if (framing.type === 'length') {
    const { at, bytes, order, add } = framing.length;
    if (at > covered.length) throw new HubError('invalid_input', 'the frame ends before its length field');
    const length = covered.length + bytes + tail - add;
    if (length < 0 || length >= 256 ** bytes) {
      throw new HubError('invalid_input', `the frame is too long: its length ${length} does not fit ${bytes} byte(s)`);
    }
    const high = length >> 8;
    const low = length & 0xff;
    const field = bytes === 1 ? [low] : order === 'big' ? [high, low] : [low, high];
    covered = concatBytes(covered.subarray(0, at), Uint8Array.from(field), covered.subarray(at));
  }
  const frame = concatBytes(covered, checksum ? checksumField(checksum, covered) : new Uint8Array(0), end);
  const most = framing.type === 'fixed' ? framing.bytes : framing.maxBytes;
  if (frame.length > most) {
    throw new HubError('invalid_input', `the frame has ${frame.length} bytes and may have ${most}`);
  }
  return frame;
}

function encodePart(part: FramePart, values: TemplateValues, params: TemplateValues): Uint8Array {
  if (part.hex !== undefined) return hexToBytes(part.hex);
  if (part.text !== undefined) return encodeTextPart(part, fillTemplate(part.text, { ...params, ...values }));
  const name = part.input ?? part.param ?? '';
  const source = part.input !== undefined ? values : params;
  const value = Object.hasOwn(source, name) ? source[name] : undefined;
  if (value === undefined) throw new HubError('invalid_input', `the frame needs ${name}, which is not given`);
  return encodeValue(part, value, name);
}

function encodeTextPart(part: FramePart, text: string): Uint8Array {
  const bytes = encodeText(text, part.encoding);
  const sized = part.bytes === undefined ? bytes : pad(part, bytes, part.bytes);
  if (part.lengthPrefix === undefined) return sized;
  if (sized.length >= 256 ** part.lengthPrefix)
    throw new HubError('invalid_input', 'the text is too long for its length');
  const high = sized.length >> 8;
  const low = sized.length & 0xff;
  const prefix = part.lengthPrefix === 1 ? [low] : part.order === 'big' ? [high, low] : [low, high];
  return concatBytes(Uint8Array.from(prefix), sized);
}

function pad(part: FramePart, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length > size) {
    throw new HubError('invalid_input', `the text takes ${bytes.length} bytes and the device has room for ${size}`);
  }
  const filler = new Uint8Array(size - bytes.length).fill(hexToBytes(part.pad)[0] ?? 0x20);
  return part.align === 'left' ? concatBytes(bytes, filler) : concatBytes(filler, bytes);
}

const sizes = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4 } as const;

function encodeValue(part: FramePart, value: ThingValue, name: string): Uint8Array {
  const raw = undoTransform(value, part);
  if (part.type === 'hex') return hexToBytes(String(raw));
  const number = typeof raw === 'boolean' ? Number(raw) : typeof raw === 'number' ? Math.round(raw) : Number(raw);
  if (part.type === 'bcd') return encodeBcd(number, part.bytes ?? 1, name);
  const size = sizes[part.type];
  const signed = part.type.startsWith('i');
  const least = signed ? -(256 ** size) / 2 : 0;
  const greatest = signed ? 256 ** size / 2 - 1 : 256 ** size - 1;
  if (!Number.isInteger(number) || number < least || number > greatest) {
    throw new HubError('invalid_input', `${name} is ${String(value)} and does not fit ${part.type}`);
  }
  const bytes = new Uint8Array(size);
  for (let index = 0, rest = number < 0 ? number + 256 ** size : number; index < size; index++) {
    bytes[part.order === 'little' ? index : size - 1 - index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function encodeBcd(number: number, size: number, name: string): Uint8Array {
  const digits = String(number).padStart(size * 2, '0');
  if (!/^\d+$/.test(digits) || digits.length > size * 2) {
    throw new HubError('invalid_input', `${name} is ${number} and does not fit ${size} BCD byte(s)`);
  }
  return hexToBytes(digits);
}
