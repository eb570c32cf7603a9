import type { Checksum, Framing } from '../serial-schema.js';
import { concatBytes, hexToBytes, indexOfBytes, startsWithAt } from './bytes.js';
import { isChecksumRight } from './checksum.js';
import { type Found, FrameFinder } from './frame-finder.js';
import { scramble } from './scramble.js';
import { unstuffAll } from './stuffing.js';

/** Bytes that made no frame: noise before a start, a wrong checksum, length, end or escape, or too much without an end. */
export interface FrameFault {
  kind: 'noise' | 'checksum' | 'length' | 'end' | 'stuffing' | 'overflow' | 'incomplete';
  bytes: Uint8Array;
}

export interface SplitResult {
  frames: Uint8Array[];
  faults: FrameFault[];
}

/** Starts that are tried behind a doubtful one: enough for any line, and a bound for rubbish. */
const maxFalseStarts = 16;

/**
 * Cuts a stream of bytes into whole, checked frames, unstuffed and unscrambled, without the preamble. It keeps at most one
 * frame of bytes; after a corrupt frame it looks for the next start one byte further on, so that a good frame behind a
 * broken one is not lost.
 */
export class FrameSplitter {
  private buffer: Uint8Array = new Uint8Array(0);
  /** Bytes of the buffer that are done with; it is cut there once a push. */
  private head = 0;
  private readonly start: Uint8Array;
  private readonly preamble: Uint8Array;
  private readonly finder: FrameFinder;
  private readonly lookAhead: FrameFinder;
  private preambles = 0;
  /** What came last was no frame. */
  private isLost = false;
  /** The flag that ended a frame stays: in HDLC it may begin the next one too. */
  private keptFlag = false;
  private fault: { kind: FrameFault['kind']; from: number; to: number } | undefined;

  constructor(
    private readonly framing: Framing,
    private readonly checksum?: Checksum,
  ) {
    this.start = framing.type !== 'idle' && framing.start !== undefined ? hexToBytes(framing.start) : new Uint8Array(0);
    this.preamble = framing.preamble ? hexToBytes(framing.preamble.hex) : new Uint8Array(0);
    this.finder = new FrameFinder(framing, checksum !== undefined);
    this.lookAhead = new FrameFinder(framing, checksum !== undefined);
  }

  /** Bytes kept while the rest of a frame is awaited. */
  get pending(): number {
    return this.buffer.length - this.head;
  }

  push(bytes: Uint8Array): SplitResult {
    const result: SplitResult = { frames: [], faults: [] };
    // A copy of its own, whose `slice` copies too: that of a Node Buffer would share the reader's memory.
    this.buffer = concatBytes(this.buffer, bytes);
    if (this.framing.type !== 'idle') this.cut(result);
    else if (this.buffer.length > this.framing.maxBytes) this.drop('overflow', this.buffer.length, result);
    this.settle(result);
    return result;
  }

  /**
   * The line was silent: ends an `idle` frame. For the other kinds what is left is an incomplete frame; a whole one that it
   * swallowed (a false start claimed its bytes) is found all the same.
   */
  idle(): SplitResult {
    const result: SplitResult = { frames: [], faults: [] };
    if (this.framing.type === 'idle') {
      if (this.pending > 0) this.takeSilent(result);
    } else if (this.keptFlag && this.pending === this.start.length) {
      this.head = this.buffer.length;
    } else {
      while (this.pending > 0) {
        this.drop('incomplete', this.start.length > 0 ? 1 : this.pending, result);
        this.cut(result);
      }
    }
    this.settle(result);
    return result;
  }

  /** Forgets what is kept, as after a reconnect. */
  reset(): void {
    this.buffer = new Uint8Array(0);
    this.head = 0;
    this.preambles = 0;
    this.keptFlag = false;
    this.isLost = false;
    this.finder.reset();
  }

  private cut(result: SplitResult): void {
    while (this.pending > 0) {
      if (this.start.length === 0) this.skipPreamble();
      else if (!this.skipNoise(result)) return;
      if (this.pending === 0) return;
      const found = this.finder.find(this.buffer, this.head);
      if (found.at === 'more') {
        if (!this.skipFalseStart(result)) return;
        continue;
      }
      if (found.at === 'fault') this.drop(found.kind, found.size, result);
      else if (found.at === 'fill') this.pass(found.size);
      else this.take(found, result);
    }
  }

  /** True where a start stands at the head now. */
  private skipNoise(result: SplitResult): boolean {
    if (startsWithAt(this.buffer, this.start, this.head)) return true;
    const found = indexOfBytes(this.buffer, this.start, this.head);
    const at = found < 0 ? this.beginOfPartialStart() : found;
    const { length } = this.preamble;
    const most = this.framing.preamble?.max ?? 0;
    let noise = at;
    for (let count = 0; length > 0 && count < most && noise - length >= this.head; count++) {
      if (!startsWithAt(this.buffer, this.preamble, noise - length)) break;
      noise -= length;
    }
    if (noise > this.head) this.drop('noise', noise - this.head, result);
    // Without its start a preamble waits: what comes next says whether it was noise.
    if (found >= 0) this.pass(at - this.head);
    return found >= 0;
  }

  /**
   * After a fault a start may be none, and the length behind it claim what belongs to good frames: a whole, checked frame
   * further on is believed at once, instead of waiting for bytes that never come.
   */
  private skipFalseStart(result: SplitResult): boolean {
    if (!this.isLost || !this.checksum || this.start.length === 0 || this.framing.type === 'delimiter') return false;
    for (let tries = 0, at = this.head; tries < maxFalseStarts; tries++) {
      at = indexOfBytes(this.buffer, this.start, at + 1);
      if (at < 0) return false;
      this.lookAhead.reset();
      const found = this.lookAhead.find(this.buffer, at);
      if (found.at !== 'frame') continue;
      if (!isChecksumRight(this.checksum, found.frame ?? this.buffer.slice(at, at + found.size))) continue;
      this.drop('incomplete', at - this.head, result);
      return true;
    }
    return false;
  }

  private skipPreamble(): void {
    const most = this.framing.preamble?.max ?? 0;
    while (this.preambles < most && startsWithAt(this.buffer, this.preamble, this.head)) {
      this.preambles++;
      this.pass(this.preamble.length);
    }
  }

  /** The stream may stop in the middle of the start bytes: those are kept. */
  private beginOfPartialStart(): number {
    const most = Math.min(this.start.length - 1, this.pending);
    for (let kept = most; kept > 0; kept--) {
      if (startsWithAt(this.buffer, this.start.subarray(0, kept), this.buffer.length - kept))
        return this.buffer.length - kept;
    }
    return this.buffer.length;
  }

  private take(found: Extract<Found, { at: 'frame' }>, result: SplitResult): void {
    const frame = found.frame ?? this.buffer.slice(this.head, this.head + found.size);
    if (this.checksum && !isChecksumRight(this.checksum, frame)) {
      // Without start bytes nothing tells where the next frame begins: a delimiter ends the broken one.
      const resumes = this.framing.type === 'delimiter' && this.start.length === 0;
      this.drop('checksum', resumes ? found.size : 1, result);
      return;
    }
    this.pass(found.size - found.kept);
    this.keptFlag = found.kept > 0;
    this.emit(frame, result);
  }

  private takeSilent(result: SplitResult): void {
    this.skipPreamble();
    const wire = this.buffer.slice(this.head);
    if (wire.length === 0) return;
    const frame = this.framing.stuffing ? unstuffAll(this.framing.stuffing, wire) : wire;
    if (!frame) this.drop('stuffing', wire.length, result);
    else if (this.checksum && !isChecksumRight(this.checksum, frame)) this.drop('checksum', wire.length, result);
    else {
      this.pass(wire.length);
      this.emit(frame, result);
    }
  }

  private emit(frame: Uint8Array, result: SplitResult): void {
    this.tell(result);
    this.preambles = 0;
    this.isLost = false;
    result.frames.push(this.framing.scramble ? scramble(this.framing.scramble, frame, -1) : frame);
  }

  /** Bytes that are neither a frame nor a fault. */
  private pass(size: number): void {
    this.head += size;
  }

  /** Bytes skipped one by one after a fault belong to that fault. */
  private drop(kind: FrameFault['kind'], size: number, result: SplitResult): void {
    const { fault } = this;
    const goesOn = fault?.to === this.head && (kind === 'noise' || kind === fault.kind);
    this.keptFlag = false;
    this.isLost = true;
    if (fault && goesOn) {
      fault.to += size;
    } else {
      this.tell(result);
      this.fault = { kind, from: this.head, to: this.head + size };
    }
    this.head += size;
  }

  private tell(result: SplitResult): void {
    if (this.fault)
      result.faults.push({ kind: this.fault.kind, bytes: this.buffer.slice(this.fault.from, this.fault.to) });
    this.fault = undefined;
  }

  private settle(result: SplitResult): void {
    this.tell(result);
    if (this.head === 0) return;
    this.buffer = this.buffer.slice(this.head);
    this.finder.moved(this.head);
    this.head = 0;
  }
}
