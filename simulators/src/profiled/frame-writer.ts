import {
  encodeText,
  type FrameBytes,
  type FrameField,
  type FrameMatch,
  type InboundFrame,
  matchFrame,
  type SerialBinding,
  type TemplateValues,
} from '@hallhub/shared/profile';
import { bytesOfField } from './field-bytes.js';
import { bytesInFrame, placesOf, textInGroup } from './field-text.js';
import { bodyOf, type FrameShape, shapeOf, wireOf } from './frame-shape.js';
import type { RawValue } from './raw-value.js';
import { textFromPattern } from './text-from-pattern.js';

export interface FilledField {
  readonly field: FrameField;
  readonly raw: RawValue;
}

/** Puts together the frames that a profile's device sends: fields in their places, and what makes the frame this frame. */
export class FrameWriter {
  readonly #binding: SerialBinding;
  readonly #params: TemplateValues;
  readonly #shape: FrameShape;
  readonly #random: () => number;

  constructor(binding: SerialBinding, params: TemplateValues, random: () => number = Math.random) {
    this.#binding = binding;
    this.#params = params;
    this.#shape = shapeOf(binding);
    this.#random = random;
  }

  /**
   * The bytes on the wire. Undefined: a value does not fit, or the pattern is beyond turning round.
   * @param also another match that the frame has to fit as well, such as that of the profile's probe
   */
  write(frame: InboundFrame, fields: readonly FilledField[], also?: FrameMatch): Uint8Array | undefined {
    if (frame.match.pattern !== undefined) return this.#fromPattern(frame, fields);
    const body = this.#fromOffsets(frame.match, fields, also);
    return body && wireOf(this.#binding, body);
  }

  #fromOffsets(match: FrameMatch, fields: readonly FilledField[], also?: FrameMatch): Uint8Array | undefined {
    const written = fields.flatMap(({ field, raw }) => {
      const bytes = bytesInFrame(field, raw);
      return bytes ? [{ field, bytes }] : [];
    });
    if (written.length < fields.length) return undefined;
    const fixed = this.#fixedOf([...match.bytes, ...(also?.bytes ?? [])]);
    const size = match.size ?? also?.size ?? this.#sizeFor(written, fixed);
    const whole = Buffer.alloc(size, this.#filler());
    for (const { field, bytes } of written) {
      const at = from(field.at ?? 0, size);
      const room = field.until === undefined ? bytes.length : Math.max(0, size + field.until - at);
      if (field.until !== undefined && room > bytes.length) whole.fill(0x20, at, at + room);
      if (field.type === 'bits')
        for (const [i, byte] of bytes.entries())
          whole[at + i] = (this.#isFiller(whole[at + i]) ? 0 : (whole[at + i] ?? 0)) | byte;
      else whole.set(bytes.subarray(0, room), at);
    }
    putFixed(whole, fixed);
    return bodyOf(this.#shape, whole);
  }

  #fixedOf(all: readonly FrameBytes[]): FixedBytes[] {
    return all.map((one) => ({ one, bytes: this.#fixedBytes(one) }));
  }

  #sizeFor(written: readonly { field: FrameField; bytes: Uint8Array }[], fixed: readonly FixedBytes[]): number {
    const { framing } = this.#binding;
    if (framing.type === 'fixed') return framing.bytes;
    const { start, length, tail } = this.#shape;
    const told = this.#sizeByLength(fixed);
    if (told !== undefined) return told;
    let front = Math.max(start.length, length.size > 0 ? length.at + length.size : 0);
    let back = tail;
    let whole = 0;
    for (const { field, bytes } of written) {
      const at = field.at ?? 0;
      if (field.until !== undefined && at >= 0) whole = Math.max(whole, at + bytes.length - field.until);
      else if (at >= 0) front = Math.max(front, at + (placesOf(field) ?? bytes.length));
      else back = Math.max(back, -at);
    }
    for (const { one, bytes } of fixed) {
      if (one.at >= 0) front = Math.max(front, one.at + bytes.length);
      else back = Math.max(back, -one.at);
    }
    const least = Math.max(whole, front + back);
    const scale = framing.type === 'length' ? framing.length.scale : 1;
    const over = framing.type === 'length' ? (least - framing.length.add) % scale : 0;
    return over === 0 ? least : least + scale - over;
  }

  /** A frame that is known by its length field has that length. */
  #sizeByLength(fixed: readonly FixedBytes[]): number | undefined {
    const { framing } = this.#binding;
    if (framing.type !== 'length' || framing.length.digits !== undefined) return undefined;
    const { at, bytes: size, order, scale, add } = framing.length;
    const found = fixed.find(
      ({ one, bytes }) => !one.mask && one.at >= 0 && one.at <= at && one.at + bytes.length >= at + size,
    );
    if (!found) return undefined;
    const field = Buffer.from(found.bytes.subarray(at - found.one.at, at - found.one.at + size));
    return (order === 'little' ? field.readUIntLE(0, size) : field.readUIntBE(0, size)) * scale + add;
  }

  /** Text frames are filled up with zeros in text, binary ones with zeros. */
  #filler(): number {
    const { framing, checksum } = this.#binding;
    const isText = framing.type === 'delimiter' && !framing.stuffing;
    return isText || checksum?.encoding === 'hex' ? 0x30 : 0;
  }

  #isFiller(byte: number | undefined): boolean {
    return byte === this.#filler();
  }

  #fixedBytes(one: FrameBytes): Uint8Array {
    if (one.is !== undefined) return Buffer.from(one.is.replace(/\s+/g, ''), 'hex');
    const value = this.#params[one.param ?? ''] ?? 0;
    const type = one.type ?? 'u8';
    if (type === 'text') return encodeText(String(value).padStart(one.bytes ?? 0, '0'), 'ascii');
    if (type === 'hex' || type === 'bcd') {
      const bytes = Buffer.from(String(value).padStart((one.bytes ?? 1) * 2, '0'), 'hex');
      return one.order === 'little' ? bytes.reverse() : bytes;
    }
    return bytesOfField({ type, order: one.order }, value);
  }

  /** A text that fits; start, end and checksum may or may not be part of the pattern, which is tried out. */
  #fromPattern(frame: InboundFrame, fields: readonly FilledField[]): Uint8Array | undefined {
    const pattern = frame.match.pattern ?? '';
    const groups = new Map(
      fields.flatMap((one) => (one.field.group === undefined ? [] : [[one.field.group, one] as const])),
    );
    const { start, end, tail } = this.#shape;
    for (let tries = 0; tries < 6; tries++) {
      let unsayable = false;
      const text = textFromPattern(pattern, {
        random: this.#random,
        group: (name, inner) => {
          const filled = groups.get(name);
          if (!filled) return undefined;
          const written = textInGroup(filled.field, filled.raw, inner);
          unsayable ||= written === undefined;
          return written ?? '';
        },
      });
      if (unsayable) return undefined;
      if (text === undefined) continue;
      const bytes = Buffer.from(encodeText(text, frame.encoding));
      const head = bytes.subarray(0, start.length).equals(start) ? start.length : 0;
      const foot = bytes.subarray(bytes.length - end.length).equals(end) ? end.length : 0;
      // A dot of the pattern may stand for a byte of the start.
      for (const front of new Set([head, start.length, 0])) {
        for (const cut of new Set([tail, foot, 0])) {
          const body = this.#withFixed(frame.match.bytes, bytes.subarray(front, Math.max(front, bytes.length - cut)));
          const logical = body && this.#logical(body);
          const fit = logical && matchFrame(frame.match, logical, frame.encoding, this.#params);
          if (fit && [...groups].every(([name]) => fit.groups[name] !== undefined)) return wireOf(this.#binding, body);
        }
      }
    }
    return undefined;
  }

  /** A text that fits the pattern, with the bytes that the frame has besides, such as its device's address. */
  #withFixed(all: readonly FrameBytes[], body: Uint8Array): Uint8Array | undefined {
    if (all.length === 0) return body;
    const logical = this.#logical(body);
    if (!logical) return undefined;
    const whole = Buffer.from(logical);
    putFixed(whole, this.#fixedOf(all));
    return bodyOf(this.#shape, whole);
  }

  /** The frame as its reader sees it: the wire without stuffing, scrambling and preamble. */
  #logical(body: Uint8Array): Uint8Array | undefined {
    const { framing, checksum, params } = this.#binding;
    const { stuffing: _stuffing, scramble: _scramble, preamble: _preamble, ...plain } = framing;
    return wireOf({ framing: plain as SerialBinding['framing'], ...(checksum ? { checksum } : {}), params }, body);
  }
}

interface FixedBytes {
  readonly one: FrameBytes;
  readonly bytes: Uint8Array;
}

const putFixed = (whole: Buffer, fixed: readonly FixedBytes[]): void => {
  for (const { one, bytes } of fixed) {
    const mask = one.mask === undefined ? undefined : Buffer.from(one.mask.replace(/\s+/g, ''), 'hex');
    for (const [i, byte] of bytes.entries()) {
      const at = from(one.at, whole.length) + i;
      const bits = mask?.[i] ?? 0xff;
      whole[at] = ((whole[at] ?? 0) & ~bits) | (byte & bits);
    }
  }
};

const from = (at: number, size: number): number => (at < 0 ? size + at : at);
