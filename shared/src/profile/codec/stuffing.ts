import type { Stuffing } from '../serial-schema.js';
import { hexToBytes, startsWithAt } from './bytes.js';

/** What stands at one place of a stuffed stream. */
export type Unstuffed =
  | { at: 'byte'; byte: number; size: 1 | 2 }
  /** The end bytes, unescaped. */
  | { at: 'end' }
  /** The start bytes, unescaped: the frame before was cut short. */
  | { at: 'start' }
  | { at: 'bad' }
  | { at: 'more' };

/** Says byte by byte what a stream means between start and end. Without stuffing every byte is itself. */
export class Unstuffer {
  private readonly escape: number;
  private readonly decoded: ReadonlyMap<number, number> | undefined;
  private readonly xor: number;
  /** Empty where the start may stand in the data as well: then it says nothing there. */
  private readonly start: Uint8Array;

  constructor(
    private readonly stuffing: Stuffing,
    start: Uint8Array,
    private readonly end: Uint8Array,
  ) {
    this.start = start[0] !== undefined && stuff(stuffing, start.subarray(0, 1)).length > 1 ? start : new Uint8Array(0);
    this.escape = byteOf(stuffing.kind === 'double' ? stuffing.byte : stuffing.escape);
    this.xor = stuffing.kind === 'xor' ? byteOf(stuffing.xor) : 0;
    this.decoded =
      stuffing.kind === 'map'
        ? new Map(Object.entries(stuffing.map).map(([code, byte]) => [byteOf(code), byteOf(byte)]))
        : undefined;
  }

  /** Looks at `at`, and at nothing at or behind `until`. */
  look(bytes: Uint8Array, at: number, until: number): Unstuffed {
    const byte = bytes[at] ?? 0;
    const next = at + 1 < until ? bytes[at + 1] : undefined;
    if (byte === this.escape) {
      if (next === undefined) return { at: 'more' };
      if (this.stuffing.kind === 'double') {
        if (next === byte) return { at: 'byte', byte, size: 2 };
      } else {
        return this.escaped(next);
      }
    }
    const mark = this.markAt(bytes, at, until);
    if (mark) return mark;
    return byte === this.escape ? { at: 'bad' } : { at: 'byte', byte, size: 1 };
  }

  private escaped(next: number): Unstuffed {
    if (this.decoded) {
      const byte = this.decoded.get(next);
      return byte === undefined ? { at: 'bad' } : { at: 'byte', byte, size: 2 };
    }
    // An escape right before the end is how HDLC gives a frame up.
    if (next === this.end[0]) return { at: 'bad' };
    return { at: 'byte', byte: next ^ this.xor, size: 2 };
  }

  private markAt(bytes: Uint8Array, at: number, until: number): Unstuffed | undefined {
    for (const [mark, found] of [
      [this.end, { at: 'end' }],
      [this.start, { at: 'start' }],
    ] as const) {
      if (mark.length === 0 || bytes[at] !== mark[0]) continue;
      if (at + mark.length > until) {
        if (startsWithAt(mark, bytes.subarray(at, until), 0)) return { at: 'more' };
      } else if (startsWithAt(bytes, mark, at)) {
        return found;
      }
    }
    return undefined;
  }
}

/** What goes between start and end on the wire. */
export function stuff(stuffing: Stuffing, bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  switch (stuffing.kind) {
    case 'double': {
      const twice = byteOf(stuffing.byte);
      for (const byte of bytes) out.push(...(byte === twice ? [byte, byte] : [byte]));
      break;
    }
    case 'xor': {
      const escaped = new Set(hexToBytes(stuffing.bytes));
      for (const byte of bytes) {
        if (escaped.has(byte)) out.push(byteOf(stuffing.escape), byte ^ byteOf(stuffing.xor));
        else out.push(byte);
      }
      break;
    }
    case 'map': {
      const codes = new Map(Object.entries(stuffing.map).map(([code, byte]) => [byteOf(byte), byteOf(code)]));
      for (const byte of bytes) {
        const code = codes.get(byte);
        if (code === undefined) out.push(byte);
        else out.push(byteOf(stuffing.escape), code);
      }
    }
  }
  return Uint8Array.from(out);
}

function byteOf(hex: string): number {
  return Number.parseInt(hex, 16);
}

/** The bytes of a whole stuffed text, or undefined where an escape makes no sense. */
export function unstuffAll(stuffing: Stuffing, bytes: Uint8Array): Uint8Array | undefined {
  const nothing = new Uint8Array(0);
  const unstuffer = new Unstuffer(stuffing, nothing, nothing);
  const out: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = unstuffer.look(bytes, at, bytes.length);
    if (found.at !== 'byte') return undefined;
    out.push(found.byte);
    at += found.size;
  }
  return Uint8Array.from(out);
}
