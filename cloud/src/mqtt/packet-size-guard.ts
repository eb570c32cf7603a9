import type { Socket } from 'node:net';
import { HubError } from '@hallhub/shared';

export interface PacketSizeLimits {
  /** The CONNECT packet, before anybody has proved who they are. */
  readonly firstPacketBytes: number;
  readonly packetBytes: number;
}

/**
 * Follows MQTT's framing (3.1.1 §2.2: type, remaining length in 1 to 4 bytes) and throws at the header of a packet that is
 * too long, before its body is buffered: the parser behind it would collect up to 256 MB for a stranger.
 */
export class PacketSizeGuard {
  readonly #limits: PacketSizeLimits;
  #first = true;
  #bodyLeft = 0;
  /** -1: at a packet's first byte; otherwise the number of length bytes read. */
  #lengthBytes = -1;
  #length = 0;

  constructor(limits: PacketSizeLimits) {
    this.#limits = limits;
  }

  /** Throws `too_large` or `protocol_violation`. */
  check(chunk: Uint8Array): void {
    let i = 0;
    while (i < chunk.length) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, chunk.length - i);
        this.#bodyLeft -= step;
        i += step;
      } else if (this.#lengthBytes < 0) {
        this.#lengthBytes = 0;
        this.#length = 0;
        i++;
      } else {
        this.#takeLengthByte(chunk[i++]!);
      }
    }
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

/** Puts the guard between a socket and its one reader (aedes reads in paused mode, through `read`). */
export const guardPacketSize = (socket: Socket, limits: PacketSizeLimits): void => {
  const guard = new PacketSizeGuard(limits);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk = read(size);
    if (chunk === null) return null;
    try {
      guard.check(chunk);
      return chunk;
    } catch (error) {
      socket.destroy(error as Error);
      return null;
    }
  };
};
