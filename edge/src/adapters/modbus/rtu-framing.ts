import { crc16 } from './crc16.js';
import type { Framing, FramingCounters, Reply } from './framing.js';
import type { PduRequest } from './pdu.js';

const maxFrameBytes = 256;
const shortestFrameBytes = 5;

/** A place in the buffer where a frame may begin. */
interface Candidate {
  readonly length: number;
  /** As long as the reply to this request has to be, or an exception. */
  readonly fits: boolean;
}

/**
 * Finds the reply to the request last wrapped: RTU has no header, so the unit id, the function code, the length that the
 * code implies and the CRC together make the boundary. Noise, other units' frames and echoes of the request (two-wire
 * adapters) are skipped; what merely looks like the start of a frame never hides the frame behind it.
 */
export class RtuFraming implements Framing {
  #buffer: Buffer = Buffer.alloc(0);
  #unitId = -1;
  #code = 0;
  #request: Buffer = Buffer.alloc(0);
  #replyBytes: number | undefined;
  /** The line repeats what is sent; learned from requests that no reply can look like. */
  #echoes = false;
  #echoPending = false;

  constructor(readonly counters: FramingCounters) {}

  wrap(_transactionId: number, unitId: number, { pdu, replyBytes }: PduRequest<unknown>): Buffer {
    const frame = Buffer.allocUnsafe(pdu.length + 3);
    frame[0] = unitId;
    pdu.copy(frame, 1);
    frame.writeUInt16LE(crc16(frame, frame.length - 2), frame.length - 2);
    this.#unitId = unitId;
    this.#code = pdu[0] as number;
    this.#request = frame;
    this.#replyBytes = replyBytes === undefined ? undefined : replyBytes + 3;
    // The reply to a write of one coil or register repeats its request, as an echo does.
    this.#echoPending = this.#echoes || ![5, 6, 22].includes(this.#code);
    return frame;
  }

  push(chunk: Buffer): Reply[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const bytes = this.#buffer;
    let keep = Math.max(0, bytes.length - (shortestFrameBytes - 1));
    let corrupt = 0;
    let held = false;
    for (let at = 0; at + shortestFrameBytes <= bytes.length; at++) {
      const echo = this.#echoPending ? this.#echoAt(at) : 'none';
      if (echo === 'whole') {
        this.#echoPending = false;
        this.#echoes = true;
        this.#buffer = Buffer.alloc(0);
        return this.push(bytes.subarray(at + this.#request.length));
      }
      if (echo === 'part') keep = Math.min(keep, at);
      const candidate = this.#candidate(at);
      if (!candidate) continue;
      const end = at + candidate.length;
      if (end > bytes.length) {
        keep = Math.min(keep, at);
        held ||= candidate.fits;
      } else if (crc16(bytes, end - 2, at) === bytes.readUInt16LE(end - 2)) {
        // A frame inside a longer one that is still coming is data of that one.
        if (held && !candidate.fits) continue;
        this.#buffer = bytes.subarray(end);
        this.counters.skippedBytes += at;
        this.counters.corruptFrames += corrupt;
        this.#echoes = this.#echoes && !this.#echoPending;
        return [{ transactionId: undefined, unitId: this.#unitId, pdu: Buffer.from(bytes.subarray(at + 1, end - 2)) }];
      } else if (candidate.fits && at < keep) {
        corrupt++;
      }
    }
    this.counters.corruptFrames += corrupt;
    this.counters.skippedBytes += keep;
    this.#buffer = bytes.subarray(keep);
    return [];
  }

  reset(): void {
    this.counters.skippedBytes += this.#buffer.length;
    this.#buffer = Buffer.alloc(0);
  }

  #echoAt(at: number): 'whole' | 'part' | 'none' {
    const length = Math.min(this.#request.length, this.#buffer.length - at);
    if (this.#buffer.compare(this.#request, 0, length, at, at + length) !== 0) return 'none';
    return length === this.#request.length ? 'whole' : 'part';
  }

  /** The frame that could begin here: its length follows from its first bytes. */
  #candidate(at: number): Candidate | undefined {
    const bytes = this.#buffer;
    if (bytes[at] !== this.#unitId) return undefined;
    const code = bytes[at + 1] as number;
    if (code === (this.#code | 0x80)) return { length: 5, fits: true };
    if (code !== this.#code) return undefined;
    const length = this.#impliedLength(at);
    if (length > maxFrameBytes) return undefined;
    return { length, fits: this.#replyBytes === undefined || length === this.#replyBytes };
  }

  #impliedLength(at: number): number {
    switch (this.#code) {
      case 1:
      case 2:
      case 3:
      case 4:
      case 23:
        return 5 + (this.#buffer[at + 2] as number);
      case 43:
        return this.#identificationLength(at);
      default:
        return this.#replyBytes ?? maxFrameBytes + 1;
    }
  }

  /** Objects of id, length and bytes follow a header of 8 (Application Protocol 1.1b3, 6.21). */
  #identificationLength(at: number): number {
    const bytes = this.#buffer;
    let end = at + 8;
    // As much as is needed to know more: the frame is not whole yet.
    if (bytes.length < end) return 8 + 2;
    for (let objects = bytes[at + 7] as number; objects > 0; objects--) {
      if (bytes.length < end + 2) return Math.min(end + 2 - at + 2, maxFrameBytes);
      end += 2 + (bytes[end + 1] as number);
      if (end - at > maxFrameBytes) return maxFrameBytes + 1;
    }
    return end - at + 2;
  }
}
