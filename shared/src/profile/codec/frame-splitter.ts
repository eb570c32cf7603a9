import type { Checksum, Framing } from '../serial-schema.js';
import { concatBytes, hexToBytes, indexOfBytes, startsWithAt } from './bytes.js';
import { isChecksumRight } from './checksum.js';

/** Bytes that made no frame: noise before a start, a wrong checksum, length or end, or too much without an end. */
export interface FrameFault {
  kind: 'noise' | 'checksum' | 'length' | 'end' | 'overflow' | 'incomplete';
  bytes: Uint8Array;
}

export interface SplitResult {
  frames: Uint8Array[];
  faults: FrameFault[];
}

type Found = { at: 'frame'; size: number } | { at: 'fault'; kind: FrameFault['kind']; size: number } | { at: 'more' };

/**
 * Cuts a stream of bytes into whole, checked frames. It keeps at most one frame of bytes; after a corrupt frame it
 * looks for the next start one byte further on, so that a good frame behind a broken one is not lost.
 */
export class FrameSplitter {
  private buffer: Uint8Array = new Uint8Array(0);
  private afterFrame = true;
  private readonly start: Uint8Array;
  private readonly end: Uint8Array;

  constructor(
    private readonly framing: Framing,
    private readonly checksum?: Checksum,
  ) {
    this.start = framing.type !== 'idle' && framing.start !== undefined ? hexToBytes(framing.start) : new Uint8Array(0);
    this.end = 'end' in framing && framing.end !== undefined ? hexToBytes(framing.end) : new Uint8Array(0);
  }

  /** Bytes kept while the rest of a frame is awaited. */
  get pending(): number {
    return this.buffer.length;
  }

  push(bytes: Uint8Array): SplitResult {
    const result: SplitResult = { frames: [], faults: [] };
    // A copy of its own, whose `slice` copies too: that of a Node Buffer would share the reader's memory.
    this.buffer = concatBytes(this.buffer, bytes);
    if (this.framing.type === 'idle') {
      if (this.buffer.length > this.framing.maxBytes) this.drop('overflow', this.buffer.length, result);
      return result;
    }
    while (this.buffer.length > 0) {
      this.skipNoise(result);
      if (this.buffer.length === 0) break;
      const found = this.next();
      if (found.at === 'more') break;
      if (found.at === 'fault') this.drop(found.kind, found.size, result);
      else this.take(found.size, result);
    }
    return result;
  }

  /** The line was silent: ends an `idle` frame; for the other kinds what is left is an incomplete frame. */
  idle(): SplitResult {
    const result: SplitResult = { frames: [], faults: [] };
    if (this.buffer.length === 0) return result;
    if (this.framing.type === 'idle') this.take(this.buffer.length, result);
    else this.drop('incomplete', this.buffer.length, result);
    return result;
  }

  /** Forgets what is kept, as after a reconnect. */
  reset(): void {
    this.buffer = new Uint8Array(0);
  }

  private skipNoise(result: SplitResult): void {
    if (this.start.length === 0 || startsWithAt(this.buffer, this.start, 0)) return;
    let at = indexOfBytes(this.buffer, this.start, 1);
    if (at < 0) at = this.beginOfPartialStart();
    if (at > 0) this.drop('noise', at, result);
  }

  /** The stream may stop in the middle of the start bytes: those are kept. */
  private beginOfPartialStart(): number {
    const most = Math.min(this.start.length - 1, this.buffer.length);
    for (let kept = most; kept > 0; kept--) {
      if (startsWithAt(this.buffer, this.start.subarray(0, kept), this.buffer.length - kept))
        return this.buffer.length - kept;
    }
    return this.buffer.length;
  }

  private next(): Found {
    if (this.buffer.length < this.start.length) return { at: 'more' };
    switch (this.framing.type) {
      case 'delimiter':
        return this.nextDelimited(this.framing.maxBytes);
      case 'fixed':
        return this.buffer.length < this.framing.bytes ? { at: 'more' } : { at: 'frame', size: this.framing.bytes };
      case 'length':
        return this.nextByLength(this.framing);
      case 'idle':
        return { at: 'more' };
    }
  }

  private nextDelimited(maxBytes: number): Found {
    const at = indexOfBytes(this.buffer, this.end, this.start.length);
    const size = at < 0 ? this.buffer.length : at + this.end.length;
    if (size > maxBytes) return { at: 'fault', kind: 'overflow', size: this.start.length > 0 ? 1 : size };
    if (at < 0) return { at: 'more' };
    // A frame cut short is followed by a whole one: the last start before the end is the one that counts.
    if (this.start.length > 0 && !this.checksum) {
      for (let later = at - this.start.length; later > 0; later--) {
        if (startsWithAt(this.buffer, this.start, later)) return { at: 'fault', kind: 'end', size: later };
      }
    }
    return { at: 'frame', size };
  }

  private nextByLength(framing: Extract<Framing, { type: 'length' }>): Found {
    const { at, bytes, order, add } = framing.length;
    if (this.buffer.length < at + bytes) return { at: 'more' };
    const first = this.buffer[at] ?? 0;
    const second = this.buffer[at + 1] ?? 0;
    const value = bytes === 1 ? first : order === 'big' ? (first << 8) | second : (second << 8) | first;
    const size = value + add;
    if (size < at + bytes || size > framing.maxBytes) return { at: 'fault', kind: 'length', size: 1 };
    if (this.buffer.length < size) return { at: 'more' };
    if (this.end.length > 0 && !startsWithAt(this.buffer.subarray(0, size), this.end, size - this.end.length)) {
      return { at: 'fault', kind: 'end', size: 1 };
    }
    return { at: 'frame', size };
  }

  private take(size: number, result: SplitResult): void {
    const frame = this.buffer.slice(0, size);
    if (this.checksum && !isChecksumRight(this.checksum, frame)) {
      // Without start bytes nothing tells where the next frame begins: a delimiter ends the broken one.
      const resumes = this.framing.type === 'idle' || (this.framing.type === 'delimiter' && this.start.length === 0);
      this.drop('checksum', resumes ? size : 1, result);
      return;
    }
    this.buffer = this.buffer.slice(size);
    this.afterFrame = true;
    result.frames.push(frame);
  }

  private drop(kind: FrameFault['kind'], size: number, result: SplitResult): void {
    const bytes = this.buffer.slice(0, size);
    this.buffer = this.buffer.slice(size);
    const last = result.faults.at(-1);
    // Bytes skipped one by one after a fault belong to that fault.
    if (last && kind === 'noise' && !this.afterFrame) last.bytes = concatBytes(last.bytes, bytes);
    else result.faults.push({ kind, bytes });
    this.afterFrame = false;
  }
}
