import type { ThingModel } from '../../thing/thing-model.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import type {
  FrameBytes,
  FrameField,
  FrameMatch,
  InboundFrame,
  SerialBinding,
  TextEncoding,
} from '../serial-schema.js';
import { hexToBytes, startsWithAt } from './bytes.js';
import { attempt, type Decoded, emptyDecoded, eventFieldShape, outputShape, propertyShape } from './decoded.js';
import { readField } from './frame-field.js';
import { paramBytes, paramDefaults } from './param-bytes.js';
import type { TemplateValues } from './template.js';
import { decodeText } from './text-codec.js';
import { applyTransform } from './transform.js';

export { readField } from './frame-field.js';

export interface DecodedFrame extends Decoded {
  /** Name of the frame in the binding, or undefined where none matches. */
  frame?: string;
  refused: boolean;
  /** Output of the command that waits for this frame, where one is named. */
  output: Record<string, ThingValue>;
}

/**
 * Fits where bytes, size and pattern all do. The groups of the pattern come back for the fields.
 * `params`: this device's; where left out, bytes that stand for a parameter may be anything.
 */
export function matchFrame(
  match: FrameMatch,
  frame: Uint8Array,
  encoding: TextEncoding = 'ascii',
  params?: TemplateValues,
): { groups: Record<string, string> } | undefined {
  if (match.size !== undefined && frame.length !== match.size) return undefined;
  for (const one of match.bytes) if (!fitsBytes(one, frame, params)) return undefined;
  if (match.pattern === undefined) return { groups: {} };
  const text = frameText(frame, encoding);
  const found = text === undefined ? null : new RegExp(match.pattern, 'u').exec(text);
  return found ? { groups: { ...found.groups } } : undefined;
}

function fitsBytes(one: FrameBytes, frame: Uint8Array, params: TemplateValues | undefined): boolean {
  const at = one.at < 0 ? frame.length + one.at : one.at;
  if (one.is !== undefined) return fitsAt(frame, hexToBytes(one.is), at, one.mask);
  if (params === undefined) return true;
  const wanted = paramBytes(one, params);
  return wanted !== undefined && startsWithAt(frame, wanted, at);
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
  /** Of this device; the binding's own values stand for those left out. */
  params?: TemplateValues;
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
  const found = findFrame(binding, frame, context);
  if (!found) return decoded;
  decoded.frame = found.name;
  decoded.refused = found.spec.refused;
  fill(found.spec, thing, { frame, groups: found.groups, command: context.command }, decoded);
  return decoded;
}

function findFrame(binding: SerialBinding, frame: Uint8Array, { expect = [], params = {} }: FrameContext) {
  const own = { ...paramDefaults(binding), ...params };
  const awaited = expect.flatMap((name) => (binding.frames[name] ? [[name, binding.frames[name]] as const] : []));
  const others = Object.entries(binding.frames).filter(([name, spec]) => !spec.answerOnly && !expect.includes(name));
  for (const [name, spec] of [...awaited, ...others]) {
    const match = matchFrame(spec.match, frame, spec.encoding, own);
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
    attempt(
      path,
      decoded.problems,
      () => applyTransform(readField(field, source.frame, source.groups), field, shape),
      shape,
    );
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

function frameText(frame: Uint8Array, encoding: TextEncoding): string | undefined {
  try {
    return decodeText(frame, encoding);
  } catch {
    // Not text of that encoding, so a text pattern cannot fit.
    return undefined;
  }
}
