import { HubError } from '../../errors/index.js';
import type { ThingModel } from '../../thing/thing-model.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import type { FrameField, FrameMatch, InboundFrame, SerialBinding, TextEncoding } from '../serial-schema.js';
import { bytesToHex, hexToBytes, startsWithAt } from './bytes.js';
import { attempt, type Decoded, emptyDecoded, eventFieldShape, outputShape, propertyShape } from './decoded.js';
import { decodeText } from './text-codec.js';
import { applyTransform, type RawValue } from './transform.js';

export interface DecodedFrame extends Decoded {
  /** Name of the frame in the binding, or undefined where none matches. */
  frame?: string;
  refused: boolean;
  /** Output of the command that waits for this frame, where one is named. */
  output: Record<string, ThingValue>;
}

/** True where bytes, size and pattern all fit. The groups of the pattern come back for the fields. */
export function matchFrame(
  match: FrameMatch,
  frame: Uint8Array,
  encoding: TextEncoding = 'ascii',
): { groups: Record<string, string> } | undefined {
  if (match.size !== undefined && frame.length !== match.size) return undefined;
  for (const { at, is, mask } of match.bytes) {
    if (!fitsAt(frame, hexToBytes(is), at < 0 ? frame.length + at : at, mask)) return undefined;
  }
  if (match.pattern === undefined) return { groups: {} };
  const text = frameText(frame, encoding);
  const found = text === undefined ? null : new RegExp(match.pattern, 'u').exec(text);
  return found ? { groups: { ...found.groups } } : undefined;
}

function fitsAt(frame: Uint8Array, wanted: Uint8Array, at: number, mask: string | undefined): boolean {
  if (mask === undefined) return startsWithAt(frame, wanted, at);
  if (at < 0 || at + wanted.length > frame.length) return false;
  const bits = hexToBytes(mask);
  return wanted.every((byte, index) => (((frame[at + index] ?? 0) ^ byte) & (bits[index] ?? 0xff)) === 0);
}

export interface FrameContext {
  /** Frames that the waiting step expects: they come first, and `answerOnly` frames count only here. */
  expect?: readonly string[];
  /** The command that waits for the frame; its output is filled. */
  command?: string;
}

/** Name of the frame in the binding, or undefined where none fits. */
export function nameFrame(
  binding: SerialBinding,
  frame: Uint8Array,
  expect: readonly string[] = [],
): string | undefined {
  return findFrame(binding, frame, expect)?.name;
}

/**
 * A whole frame in the terms of the thing model. A field that cannot be read is a problem of its own; it never
 * throws for what a device sent.
 */
export function decodeFrame(
  binding: SerialBinding,
  thing: ThingModel,
  frame: Uint8Array,
  context: FrameContext = {},
): DecodedFrame {
  const decoded: DecodedFrame = { ...emptyDecoded(), refused: false, output: {} };
  const found = findFrame(binding, frame, context.expect ?? []);
  if (!found) return decoded;
  decoded.frame = found.name;
  decoded.refused = found.spec.refused;
  fill(found.spec, thing, { frame, groups: found.groups, command: context.command }, decoded);
  return decoded;
}

function findFrame(binding: SerialBinding, frame: Uint8Array, expect: readonly string[]) {
  const awaited = expect.flatMap((name) => (binding.frames[name] ? [[name, binding.frames[name]] as const] : []));
  const others = Object.entries(binding.frames).filter(([name, spec]) => !spec.answerOnly && !expect.includes(name));
  for (const [name, spec] of [...awaited, ...others]) {
    const match = matchFrame(spec.match, frame, spec.encoding);
    if (match) return { name, spec, groups: match.groups };
  }
  return undefined;
}

interface Source {
  frame: Uint8Array;
  groups: Record<string, string>;
  command?: string | undefined;
}

function fill(spec: InboundFrame, thing: ThingModel, source: Source, decoded: DecodedFrame): void {
  const read = (path: string, field: FrameField, shape: ValueShape) =>
    attempt(path, decoded.problems, () => applyTransform(readField(field, source.frame, source.groups), field, shape));
  for (const [id, field] of Object.entries(spec.properties)) {
    const value = read(id, field, propertyShape(thing, id));
    if (value !== undefined) decoded.values[id] = value;
  }
  for (const [event, fields] of Object.entries(spec.events)) {
    const data: Record<string, ThingValue> = {};
    for (const [id, field] of Object.entries(fields)) {
      const value = read(`${event}.${id}`, field, eventFieldShape(thing, event, id));
      if (value !== undefined) data[id] = value;
    }
    decoded.events.push({ event, data });
  }
  if (source.command === undefined) return;
  for (const [id, field] of Object.entries(spec.output)) {
    const known = thing.commands.find((one) => one.id === source.command)?.output.some((one) => one.id === id);
    if (!known) continue;
    const value = read(`output.${id}`, field, outputShape(thing, source.command, id));
    if (value !== undefined) decoded.output[id] = value;
  }
}

/** The raw value of one field. Throws `protocol_violation` where the frame is too short or holds something else. */
export function readField(field: FrameField, frame: Uint8Array, groups: Record<string, string>): RawValue {
  if (field.group !== undefined) {
    const text = groups[field.group];
    if (text === undefined) throw new HubError('protocol_violation', `the frame has no ${field.group}`);
    return field.type === 'decimal'
      ? toDecimal(text)
      : field.type === 'hex'
        ? Number.parseInt(text, 16)
        : trim(text, field);
  }
  const at = (field.at ?? 0) < 0 ? frame.length + (field.at ?? 0) : (field.at ?? 0);
  const size = field.until !== undefined ? frame.length + field.until - at : fieldSize(field);
  if (at < 0 || size < 0 || at + size > frame.length) {
    throw new HubError('protocol_violation', `the frame of ${frame.length} bytes ends before the field at ${at}`);
  }
  const bytes = frame.subarray(at, at + size);
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
    case 'u32':
      return view.getUint32(0, little);
    case 'i32':
      return view.getInt32(0, little);
    case 'f32':
      return view.getFloat32(0, little);
    case 'bits': {
      const word = size === 1 ? view.getUint8(0) : view.getUint16(0, little);
      return (word >> (field.bit ?? 0)) & ((1 << (field.width ?? 1)) - 1);
    }
    case 'bcd':
      return readBcd(bytes);
    case 'hex':
      return bytesToHex(bytes, '');
    case 'text':
      return trim(decodeText(bytes, field.encoding), field);
    case 'decimal':
      return toDecimal(decodeText(bytes, field.encoding));
  }
}

function fieldSize(field: FrameField): number {
  switch (field.type) {
    case 'u8':
    case 'i8':
      return 1;
    case 'u16':
    case 'i16':
      return 2;
    case 'u32':
    case 'i32':
    case 'f32':
      return 4;
    case 'bits':
      return (field.bit ?? 0) + (field.width ?? 1) > 8 ? 2 : 1;
    default:
      return field.bytes ?? 0;
  }
}

function readBcd(bytes: Uint8Array): number {
  const digits = bytesToHex(bytes, '');
  if (/\D/.test(digits)) throw new HubError('protocol_violation', `${digits} is no BCD number`);
  return Number(digits);
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

function frameText(frame: Uint8Array, encoding: TextEncoding): string | undefined {
  try {
    return decodeText(frame, encoding);
  } catch {
    // Not text of that encoding, so a text pattern cannot fit.
    return undefined;
  }
}
