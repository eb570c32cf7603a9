import type { Socket } from 'node:net';
import { HubError } from '@hallhub/shared';
import { TokenBucket } from '../listeners/token-bucket.js';

export interface PacketLimits {
  /** The CONNECT packet, before anybody has proved who they are. */
  readonly firstPacketBytes: number;
  readonly packetBytes: number;
  /** Of all packets but PUBLISH, which the unit's own limits slow down: acknowledgements, pings, subscriptions. */
  readonly packetsPerSecond: number;
}

const connect = 1;
const publish = 3;

/**
 * Follows MQTT's framing (3.1.1 §2.2: type, remaining length in 1 to 4 bytes) and throws at the header of a packet that is
 * too long, before its body is buffered: the parser behind it would collect up to 256 MB for a stranger.
 */
export class PacketGuard {
  readonly #limits: PacketLimits;
  readonly #others: TokenBucket;
  #first = true;
  #type = 0;
  #bodyLeft = 0;
  /** -1: at a packet's first byte; otherwise the number of length bytes read. */
  #lengthBytes = -1;
  #length = 0;

  constructor(limits: PacketLimits, nowMs = 0) {
    this.#limits = limits;
    this.#others = new TokenBucket({ perSecond: limits.packetsPerSecond, burst: limits.packetsPerSecond * 10 }, nowMs);
  }

  /** Throws `too_large`, `rate_limited` or `protocol_violation`. */
  check(chunk: Uint8Array, nowMs = 0): void {
    let i = 0;
    while (i < chunk.length) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, chunk.length - i);
        this.#bodyLeft -= step;
        i += step;
      } else if (this.#lengthBytes < 0) {
        this.#takeType(chunk[i++]!, nowMs);
      } else {
        this.#takeLengthByte(chunk[i++]!);
      }
    }
  }

  #takeType(byte: number, nowMs: number): void {
    this.#type = byte >> 4;
    if (this.#first && this.#type !== connect)
      throw new HubError('protocol_violation', 'The first packet is no CONNECT');
    if (this.#type !== publish && this.#others.take(nowMs) > 0) throw new HubError('rate_limited', 'Too many packets');
    this.#lengthBytes = 0;
    this.#length = 0;
  }

  #takeLengthByte(byte: number): void {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
    if (byte & 0x80) {
      if (this.#lengthBytes === 4)
        throw new HubError('protocol_violation', 'The remaining length has more than 4 bytes');
      return;
    }
    const limit = this.#first ? this.#limits.firstPacketBytes : this.#limits.packetBytes;
    if (this.#length > limit) {
      throw new HubError('too_large', `A packet of ${this.#length} bytes; at most ${limit} are taken`);
    }
    this.#first = false;
    this.#bodyLeft = this.#length;
    this.#lengthBytes = -1;
  }
}

/** Puts a guard between a socket and its one reader (aedes reads in paused mode, through `read`). */
export const guardPackets = (socket: Socket, guard: PacketGuard): void => {
  const read = socket.read;
  socket.read = function guarded(size?: number) {
    const chunk = read.call(this, size);
    if (chunk === null) return null;
    try {
      guard.check(chunk, performance.now());
      return chunk;
    } catch (error) {
      this.destroy(error as Error);
      return null;
    }
  };
};
