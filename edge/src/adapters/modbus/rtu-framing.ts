import { crc16 } from './crc16.js';
import type { Framing, FramingCounters, Reply } from './framing.js';

const maxFrameBytes = 256;

/**
 * Finds the reply to the request last wrapped: RTU has no header, so the unit id, the function code, the length that the
 * code implies and the CRC together make the boundary. Echoes of the request (two-wire adapters) are skipped.
 */
export class RtuFraming implements Framing {
  #buffer: Buffer = Buffer.alloc(0);
  #transactionId = 0;
  #unitId = 0;
  #functionCode = 0;
  #request: Buffer = Buffer.alloc(0);

  constructor(readonly counters: FramingCounters) {}

  wrap(transactionId: number, frame: Buffer): Buffer {
    this.#transactionId = transactionId;
    this.#unitId = frame[0] as number;
    this.#functionCode = frame[1] as number;
    this.#request = frame;
    return frame;
  }

  push(chunk: Buffer): Reply[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    let at = 0;
    while (this.#buffer.length - at >= 5) {
      const length = this.#candidateLength(at);
      if (length === 'more') break;
      if (length === undefined || length > maxFrameBytes) {
        at++;
        continue;
      }
      if (at + length > this.#buffer.length) break;
      const frame = this.#buffer.subarray(at, at + length);
      if (crc16(frame, length - 2) !== frame.readUInt16LE(length - 2)) {
        this.counters.corruptFrames++;
        at++;
        continue;
      }
      if (this.#isEcho(frame)) {
        at += length;
        continue;
      }
      this.counters.skippedBytes += at;
      const reply = { transactionId: this.#transactionId, frame: Buffer.from(frame) };
      this.#buffer = this.#buffer.subarray(at + length);
      return [reply];
    }
    this.counters.skippedBytes += at;
    this.#buffer = this.#buffer.subarray(at);
    return [];
  }

  reset(): void {
    this.counters.skippedBytes += this.#buffer.length;
    this.#buffer = Buffer.alloc(0);
  }

  /** The reply to a write of one coil or register equals its request: there an echo cannot be told, nor need be. */
  #isEcho(frame: Buffer): boolean {
    return ![5, 6, 22].includes(this.#functionCode) && frame.equals(this.#request);
  }

  /** Bytes of a reply that could begin here; undefined: none can; more: too few bytes to say. */
  #candidateLength(at: number): number | 'more' | undefined {
    const bytes = this.#buffer;
    if (bytes[at] !== this.#unitId) return undefined;
    const code = bytes[at + 1] as number;
    if (code === (this.#functionCode | 0x80)) return 5;
    if (code !== this.#functionCode) return undefined;
    switch (code) {
      case 1:
      case 2:
      case 3:
      case 4:
      case 17:
      case 23:
        return this.#startsEcho(at) ? this.#request.length : 5 + (bytes[at + 2] as number);
      case 5:
      case 6:
      case 15:
      case 16:
        return 8;
      case 22:
        return 10;
      case 43:
        return this.#startsEcho(at) ? this.#request.length : this.#deviceIdLength(at);
      default:
        return undefined;
    }
  }

  #startsEcho(at: number): boolean {
    const end = at + this.#request.length;
    return end <= this.#buffer.length && this.#buffer.subarray(at, end).equals(this.#request);
  }

  /** Read device identification: objects of id, length and bytes follow a header of 8 (Application Protocol 1.1b3, 6.21). */
  #deviceIdLength(at: number): number | 'more' {
    const bytes = this.#buffer;
    if (bytes.length - at < 8) return 'more';
    let end = at + 8;
    for (let objects = bytes[at + 7] as number; objects > 0; objects--) {
      if (bytes.length < end + 2) return 'more';
      end += 2 + (bytes[end + 1] as number);
      if (end - at > maxFrameBytes) return maxFrameBytes + 1;
    }
    return end - at + 2;
  }
}
