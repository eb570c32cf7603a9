import { HubError } from '../../errors/index.js';
import type { FramePart, Framing, LengthField, SerialBinding } from '../serial-schema.js';
import { concatBytes, hexToBytes, indexOfBytes } from './bytes.js';
import { checksumField, checksumFieldSize } from './checksum.js';
import { encodeEscpos } from './escpos.js';
import { widthOf } from './frame-finder.js';
import { encodeNumber } from './frame-number.js';
import { paramDefaults } from './param-bytes.js';
import { scramble } from './scramble.js';
import { stuff } from './stuffing.js';
import { fillTemplate, type TemplateValues } from './template.js';
import { encodeText } from './text-codec.js';
import { undoTransform } from './transform.js';

/** The part of a serial binding that building a frame needs. */
export type FrameRules = Pick<SerialBinding, 'framing' | 'checksum' | 'params'>;

const nothing = new Uint8Array(0);

/**
 * Bytes to send for the parts of a step: preamble, start, parts with the length field put in its place, checksum, end; then
 * scrambled and stuffed. With `raw` the parts alone. Throws `invalid_input` where a value is missing or does not fit.
 */
export function buildFrame(
  rules: FrameRules,
  parts: readonly FramePart[],
  values: TemplateValues,
  options: { params?: TemplateValues; raw?: boolean } = {},
): Uint8Array {
  const params = { ...paramDefaults(rules), ...options.params };
  const body = concatBytes(...parts.map((part) => encodePart(part, values, params)));
  return options.raw ? body : wrap(rules, body);
}

function wrap({ framing, checksum }: FrameRules, body: Uint8Array): Uint8Array {
  const start = framing.type !== 'idle' && framing.start !== undefined ? hexToBytes(framing.start) : nothing;
  const end = 'end' in framing && framing.end !== undefined ? hexToBytes(framing.end) : nothing;
  const tail = framing.type === 'delimiter' ? framing.tail : 0;
  const sumSize = checksum ? checksumFieldSize(checksum) : 0;
  // A checksum behind the end covers the end too.
  const isSumLast = checksum !== undefined && tail > 0 && tail === sumSize + checksum.after;
  if (tail > 0 && !isSumLast) throw new HubError('invalid_input', 'what stands behind the end cannot be built');
  refuseMarks(framing, body, end);
  let covered = concatBytes(start, body);
  if (framing.type === 'length') covered = withLength(framing.length, covered, sumSize + end.length);
  if (isSumLast) covered = concatBytes(covered, end);
  if (framing.scramble) {
    const total = new Uint8Array(covered.length + sumSize + (isSumLast ? 0 : end.length));
    total.set(covered);
    covered = scramble(framing.scramble, total, 1).slice(0, covered.length);
  }
  const sum = checksum ? checksumField(checksum, covered) : nothing;
  const frame = isSumLast ? concatBytes(covered, sum) : concatBytes(covered, sum, end);
  const most = framing.type === 'fixed' ? framing.bytes : framing.maxBytes;
  if (frame.length > most || (framing.type === 'fixed' && frame.length < most && start.length > 0)) {
    throw new HubError(
      'invalid_input',
      `the frame has ${frame.length} bytes and ${framing.type === 'fixed' ? 'has' : 'may have'} ${most}`,
    );
  }
  const { stuffing, preamble } = framing;
  const untouched = end.length + tail;
  const stuffed = stuffing
    ? concatBytes(
        start,
        stuff(stuffing, frame.subarray(start.length, frame.length - untouched)),
        frame.subarray(frame.length - untouched),
      )
    : frame;
  if (!preamble || preamble.send === 0) return stuffed;
  return concatBytes(...Array.from({ length: preamble.send }, () => hexToBytes(preamble.hex)), stuffed);
}

/** A value that holds the end of a frame would cut it in two: what follows would be the sender's words, not ours. */
function refuseMarks(framing: Framing, body: Uint8Array, end: Uint8Array): void {
  if (framing.type !== 'delimiter' || framing.stuffing || indexOfBytes(body, end) < 0) return;
  throw new HubError('invalid_input', 'what shall be sent holds the bytes that end a frame');
}

function withLength(field: LengthField, covered: Uint8Array, tail: number): Uint8Array {
  const { at, add, scale } = field;
  const width = widthOf(field);
  if (at > covered.length) throw new HubError('invalid_input', 'the frame ends before its length field');
  const length = (covered.length + width + tail - add) / scale;
  if (!Number.isInteger(length)) throw new HubError('invalid_input', `the frame is not a multiple of ${scale} bytes`);
  return concatBytes(covered.subarray(0, at), encodeLength(field, length), covered.subarray(at));
}

function encodeLength({ bytes, digits, encoding, order }: LengthField, length: number): Uint8Array {
  const text = length.toString(encoding === 'hex' ? 16 : 10).toUpperCase();
  if (length < 0 || (digits === undefined ? length >= 256 ** bytes : text.length > digits)) {
    const room = digits === undefined ? `${bytes} byte(s)` : `${digits} digits`;
    throw new HubError('invalid_input', `the frame is too long: its length ${length} does not fit ${room}`);
  }
  if (digits !== undefined) return encodeText(text.padStart(digits, '0'), 'ascii');
  return encodeNumber({ type: bytes === 1 ? 'u8' : 'u16', order }, length, 'length');
}

function encodePart(part: FramePart, values: TemplateValues, params: TemplateValues): Uint8Array {
  const bytes = plainPart(part, values, params);
  if (!part.hexDigits) return bytes;
  return encodeText(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(''), 'ascii');
}

function plainPart(part: FramePart, values: TemplateValues, params: TemplateValues): Uint8Array {
  if (part.hex !== undefined) return hexToBytes(part.hex);
  if (part.text !== undefined) {
    const text = fillTemplate(part.text, { ...params, ...values });
    return part.codec ? encodeEscpos(part.codec, text, part) : encodeTextPart(part, text);
  }
  const name = part.input ?? part.param ?? '';
  const source = part.input !== undefined ? values : params;
  const value = Object.hasOwn(source, name) ? source[name] : undefined;
  if (value === undefined) throw new HubError('invalid_input', `the frame needs ${name}, which is not given`);
  if (part.codec) return encodeEscpos(part.codec, String(value), part);
  return encodeNumber(part, undoTransform(value, part), name);
}

function encodeTextPart(part: FramePart, text: string): Uint8Array {
  const bytes = encodeText(text, part.encoding);
  const sized = part.bytes === undefined ? bytes : pad(part, bytes, part.bytes);
  if (part.lengthPrefix === undefined) return sized;
  if (sized.length >= 256 ** part.lengthPrefix)
    throw new HubError('invalid_input', 'the text is too long for its length');
  const type = part.lengthPrefix === 1 ? 'u8' : 'u16';
  return concatBytes(encodeNumber({ type, order: part.order }, sized.length, 'length'), sized);
}

function pad(part: FramePart, bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length > size) {
    throw new HubError('invalid_input', `the text takes ${bytes.length} bytes and the device has room for ${size}`);
  }
  const filler = new Uint8Array(size - bytes.length).fill(hexToBytes(part.pad)[0] ?? 0x20);
  return part.align === 'left' ? concatBytes(bytes, filler) : concatBytes(filler, bytes);
}
