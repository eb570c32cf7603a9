import { BrokenStream, type Framing, type FramingCounters, type Reply } from './framing.js';
import type { PduRequest } from './pdu.js';

const headerBytes = 6;
/** Unit id and a PDU of at most 253 bytes (Modbus Messaging on TCP/IP 1.0b, 4.1). */
const maxLength = 254;

export class MbapFraming implements Framing {
  #rest: Buffer | undefined;

  constructor(readonly counters: FramingCounters) {}

  wrap(transactionId: number, unitId: number, { pdu }: PduRequest<unknown>): Buffer {
    const out = Buffer.allocUnsafe(headerBytes + 1 + pdu.length);
    out.writeUInt16BE(transactionId, 0);
    out.writeUInt16BE(0, 2);
    out.writeUInt16BE(1 + pdu.length, 4);
    out[6] = unitId;
    pdu.copy(out, 7);
    return out;
  }

  push(chunk: Buffer): Reply[] {
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    const replies: Reply[] = [];
    while (bytes.length >= headerBytes) {
      const length = bytes.readUInt16BE(4);
      if (bytes.readUInt16BE(2) !== 0 || length < 2 || length > maxLength) {
        // What came whole before the rubbish is still good; the rubbish is told with the next bytes.
        if (replies.length > 0) break;
        this.counters.corruptFrames++;
        this.counters.skippedBytes += bytes.length;
        throw new BrokenStream(`not a Modbus TCP header: ${bytes.toString('hex', 0, headerBytes)}`);
      }
      const end = headerBytes + length;
      if (bytes.length < end) break;
      replies.push({
        transactionId: bytes.readUInt16BE(0),
        unitId: bytes[6] as number,
        pdu: bytes.subarray(headerBytes + 1, end),
      });
      bytes = bytes.subarray(end);
    }
    if (bytes.length > 0) this.#rest = bytes;
    return replies;
  }

  /** Transaction ids tell late replies apart, so nothing need be forgotten between requests. */
  reset(): void {}
}
