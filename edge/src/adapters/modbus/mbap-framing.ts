import { crc16 } from './crc16.js';
import { BrokenStream, type Framing, type FramingCounters, type Reply } from './framing.js';

const headerBytes = 6;
/** Unit id and a PDU of at most 253 bytes (Modbus Messaging on TCP/IP 1.0b, 4.1). */
const maxLength = 254;

export class MbapFraming implements Framing {
  #rest: Buffer | undefined;

  constructor(readonly counters: FramingCounters) {}

  wrap(transactionId: number, frame: Buffer): Buffer {
    const length = frame.length - 2;
    const out = Buffer.allocUnsafe(headerBytes + length);
    out.writeUInt16BE(transactionId, 0);
    out.writeUInt16BE(0, 2);
    out.writeUInt16BE(length, 4);
    frame.copy(out, headerBytes, 0, length);
    return out;
  }

  push(chunk: Buffer): Reply[] {
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    const replies: Reply[] = [];
    while (bytes.length >= headerBytes) {
      const length = bytes.readUInt16BE(4);
      if (bytes.readUInt16BE(2) !== 0 || length < 2 || length > maxLength) {
        this.counters.corruptFrames++;
        this.counters.skippedBytes += bytes.length;
        throw new BrokenStream(`not a Modbus TCP header: ${bytes.toString('hex', 0, headerBytes)}`);
      }
      const end = headerBytes + length;
      if (bytes.length < end) break;
      const frame = Buffer.allocUnsafe(length + 2);
      bytes.copy(frame, 0, headerBytes, end);
      frame.writeUInt16LE(crc16(frame, length), length);
      replies.push({ transactionId: bytes.readUInt16BE(0), frame });
      bytes = bytes.subarray(end);
    }
    if (bytes.length > 0) this.#rest = bytes;
    return replies;
  }

  /** Transaction ids tell late replies apart, so nothing need be forgotten between requests. */
  reset(): void {}
}
