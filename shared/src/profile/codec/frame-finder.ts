import type { Framing, LengthField } from '../serial-schema.js';
import { concatBytes, hexToBytes, indexOfBytes, startsWithAt } from './bytes.js';
import { Unstuffer } from './stuffing.js';

/** What begins at a place of the stream; sizes are bytes on the wire. */
export type Found =
  /** `frame` where it differs from the bytes on the wire; `kept`: bytes at its end that may begin the next frame. */
  | { at: 'frame'; size: number; kept: number; frame?: Uint8Array }
  | { at: 'fault'; kind: 'length' | 'end' | 'stuffing' | 'overflow'; size: number }
  /** Flags between two frames. */
  | { at: 'fill'; size: number }
  | { at: 'more' };

type Kept = Exclude<Framing, { type: 'idle' }>;

const more: Found = { at: 'more' };

/** Finds the end of a frame whose start is known. It remembers how far it has looked, so that no byte is looked at twice. */
export class FrameFinder {
  private readonly start: Uint8Array;
  private readonly end: Uint8Array;
  private readonly tail: number;
  private readonly maxBytes: number;
  private readonly unstuffer: Unstuffer | undefined;
  /** One flag both ends a frame and begins the next. */
  private readonly isShared: boolean;
  /** No end begins before this index. */
  private searched = 0;
  /** The stuffed frame that is being read: where it begins, how far it was read, and its bytes. */
  private scan = { from: -1, to: 0, bytes: [] as number[] };

  constructor(
    private readonly framing: Framing,
    private readonly isChecked: boolean,
  ) {
    this.start = framing.type !== 'idle' && framing.start !== undefined ? hexToBytes(framing.start) : new Uint8Array(0);
    this.end = 'end' in framing && framing.end !== undefined ? hexToBytes(framing.end) : new Uint8Array(0);
    this.tail = framing.type === 'delimiter' ? framing.tail : 0;
    this.maxBytes = framing.type === 'fixed' ? framing.bytes : framing.maxBytes;
    this.unstuffer = framing.stuffing && new Unstuffer(framing.stuffing, this.start, this.end);
    this.isShared =
      framing.type === 'delimiter' &&
      this.tail === 0 &&
      this.start.length > 0 &&
      this.start.length === this.end.length &&
      startsWithAt(this.start, this.end, 0);
  }

  reset(): void {
    this.searched = 0;
    this.scan.from = -1;
  }

  /** The first `size` bytes of the buffer were cut off. */
  moved(size: number): void {
    this.searched = Math.max(0, this.searched - size);
    this.scan.from -= size;
    this.scan.to -= size;
  }

  /** The frame that begins at `head`, where its start stands. */
  find(buffer: Uint8Array, head: number): Found {
    const { framing } = this;
    if (framing.type === 'idle' || buffer.length - head < this.start.length) return more;
    if (this.unstuffer) return this.stuffed(framing, this.unstuffer, buffer, head);
    switch (framing.type) {
      case 'delimiter':
        return this.delimited(buffer, head);
      case 'fixed':
        return this.whole(buffer, head, framing.bytes);
      case 'length': {
        const size = lengthOf(framing.length, buffer.subarray(head));
        if (size === undefined) return more;
        return this.isPossible(size) ? this.whole(buffer, head, size) : { at: 'fault', kind: 'length', size: 1 };
      }
    }
  }

  private isPossible(size: number): boolean {
    const least = this.framing.type === 'length' ? this.framing.length.at + widthOf(this.framing.length) : 1;
    return size >= Math.max(least, this.start.length + this.end.length) && size <= this.maxBytes;
  }

  private whole(buffer: Uint8Array, head: number, size: number): Found {
    if (buffer.length - head < size) return more;
    if (this.end.length > 0 && !startsWithAt(buffer, this.end, head + size - this.end.length)) {
      return { at: 'fault', kind: 'end', size: 1 };
    }
    return { at: 'frame', size, kept: 0 };
  }

  private delimited(buffer: Uint8Array, head: number): Found {
    const { start, end, tail } = this;
    const from = Math.max(this.searched, head + start.length);
    const at = indexOfBytes(buffer, end, from);
    this.searched = at < 0 ? Math.max(from, buffer.length - end.length + 1) : at;
    const size = (at < 0 ? buffer.length : at + end.length + tail) - head;
    if (size > this.maxBytes) {
      return { at: 'fault', kind: 'overflow', size: start.length > 0 ? 1 : Math.min(size, buffer.length - head) };
    }
    if (at < 0) return more;
    if (this.isShared && at === head + start.length) return { at: 'fill', size: start.length };
    // A frame cut short is followed by a whole one: the last start before the end is the one that counts.
    if (start.length > 0 && !this.isChecked) {
      for (let later = at - start.length; later > head; later--) {
        if (startsWithAt(buffer, start, later)) return { at: 'fault', kind: 'end', size: later - head };
      }
    }
    if (buffer.length - head < size) return more;
    return { at: 'frame', size, kept: this.isShared ? end.length : 0 };
  }

  private stuffed(framing: Kept, unstuffer: Unstuffer, buffer: Uint8Array, head: number): Found {
    const { scan, end } = this;
    if (scan.from !== head) {
      scan.from = head;
      scan.to = head + this.start.length;
      scan.bytes = [...this.start];
    }
    const fault = (kind: 'length' | 'end' | 'stuffing' | 'overflow', size: number): Found => ({
      at: 'fault',
      kind,
      size,
    });
    for (;;) {
      const size = framing.type === 'delimiter' ? undefined : this.knownSize(framing, scan.bytes);
      if (size !== undefined) {
        if (!this.isPossible(size)) return fault('length', 1);
        if (scan.bytes.length >= size - end.length)
          return this.ended(buffer, head, scan.bytes.length === size - end.length);
      }
      if (scan.to >= buffer.length) return more;
      const found = unstuffer.look(buffer, scan.to, buffer.length);
      switch (found.at) {
        case 'byte':
          if (scan.bytes.length >= this.maxBytes) return fault('overflow', this.start.length > 0 ? 1 : scan.to - head);
          scan.bytes.push(found.byte);
          scan.to += found.size;
          break;
        case 'end':
          if (this.isShared && scan.bytes.length === this.start.length) return { at: 'fill', size: this.start.length };
          if (framing.type === 'delimiter') return this.ended(buffer, head, true);
          return fault('end', Math.max(1, scan.to - head));
        case 'start':
          return fault('end', Math.max(1, scan.to - head));
        case 'bad':
          return fault('stuffing', scan.to - head + 1);
        case 'more':
          return more;
      }
    }
  }

  private knownSize(framing: Exclude<Kept, { type: 'delimiter' }>, bytes: readonly number[]): number | undefined {
    if (framing.type === 'fixed') return framing.bytes;
    const { at } = framing.length;
    const width = widthOf(framing.length);
    if (bytes.length < at + width) return undefined;
    return lengthOf({ ...framing.length, at: 0 }, Uint8Array.from(bytes.slice(at, at + width)));
  }

  /** The end bytes and what follows them stand on the wire as they are. */
  private ended(buffer: Uint8Array, head: number, fits: boolean): Found {
    const { scan, end, tail } = this;
    const until = scan.to + end.length + tail;
    if (!fits) return { at: 'fault', kind: 'end', size: 1 };
    if (until > buffer.length) return more;
    if (!startsWithAt(buffer, end, scan.to)) return { at: 'fault', kind: 'end', size: 1 };
    const frame = concatBytes(Uint8Array.from(scan.bytes), buffer.slice(scan.to, until));
    if (frame.length > this.maxBytes) return { at: 'fault', kind: 'overflow', size: 1 };
    return { at: 'frame', size: until - head, kept: this.isShared ? end.length : 0, frame };
  }
}

/** Bytes that the length field takes on the wire. */
export function widthOf(field: LengthField): number {
  return field.digits ?? field.bytes;
}

/** Bytes of the whole frame by its length field: undefined until that has come, NaN where it is no number. */
export function lengthOf(field: LengthField, frame: Uint8Array): number | undefined {
  const width = widthOf(field);
  if (frame.length < field.at + width) return undefined;
  const bytes = [...frame.subarray(field.at, field.at + width)];
  let value: number;
  if (field.digits === undefined) {
    value = (field.order === 'little' ? bytes.reverse() : bytes).reduce((sum, byte) => sum * 256 + byte, 0);
  } else {
    const text = String.fromCharCode(...bytes);
    const isNumber = field.encoding === 'hex' ? /^[0-9A-Fa-f]+$/.test(text) : /^[0-9]+$/.test(text);
    value = isNumber ? Number.parseInt(text, field.encoding === 'hex' ? 16 : 10) : Number.NaN;
  }
  return value * field.scale + field.add;
}
