import { TokenBucket } from './flood-gate.js';

const connect = 1;
const publish = 3;
const subscribe = 8;
const unsubscribe = 10;

export interface PacketLimits {
  readonly maxBytes: number;
  readonly maxConnectBytes?: number;
  /** Of all packets but PUBLISH, which the flood gate slows down by itself: subscriptions, pings, acknowledgements. */
  readonly packetsPerSecond?: number;
  /** SUBSCRIBE and UNSUBSCRIBE, which cost the most. */
  readonly subscribesPerSecond?: number;
}

/**
 * Reads only the fixed headers of an MQTT byte stream (3.1.1 section 2.2) and says when a packet is longer than allowed, before
 * anybody buffers it, or when there are too many.
 */
export class PacketGuard {
  readonly #maxBytes: number;
  readonly #maxConnectBytes: number;
  readonly #packets: TokenBucket;
  readonly #subscribes: TokenBucket;
  #state: 'type' | 'length' | 'body' = 'type';
  #first = true;
  #type = 0;
  #remaining = 0;
  #shift = 0;

  constructor(limits: PacketLimits, nowMs = 0) {
    const { maxBytes, maxConnectBytes = 16_384, packetsPerSecond = 1_000, subscribesPerSecond = 50 } = limits;
    this.#maxBytes = maxBytes;
    this.#maxConnectBytes = maxConnectBytes;
    this.#packets = new TokenBucket(packetsPerSecond, nowMs);
    this.#subscribes = new TokenBucket(subscribesPerSecond, nowMs);
  }

  /** Returns why the stream must end, or undefined. */
  accept(chunk: Uint8Array, nowMs = 0): string | undefined {
    let i = 0;
    while (i < chunk.length) {
      if (this.#state === 'body') {
        const take = Math.min(this.#remaining, chunk.length - i);
        i += take;
        this.#remaining -= take;
        if (this.#remaining === 0) this.#state = 'type';
        continue;
      }
      const byte = chunk[i++] ?? 0;
      if (this.#state === 'type') {
        this.#type = byte >> 4;
        if (this.#first && this.#type !== connect) return 'the first packet is no CONNECT';
        if (this.#tooMany(nowMs)) return 'flood: too many packets';
        this.#state = 'length';
        this.#remaining = 0;
        this.#shift = 0;
        continue;
      }
      this.#remaining += (byte & 0x7f) * 2 ** this.#shift;
      this.#shift += 7;
      if ((byte & 0x80) !== 0) {
        if (this.#shift > 21) return 'a packet’s length is malformed';
        continue;
      }
      const limit = this.#first ? this.#maxConnectBytes : this.#maxBytes;
      if (this.#remaining > limit) return `a packet of ${this.#remaining} bytes is over ${limit}`;
      this.#first = false;
      this.#state = this.#remaining === 0 ? 'type' : 'body';
    }
    return undefined;
  }

  #tooMany(nowMs: number): boolean {
    if (this.#type === publish) return false;
    if ((this.#type === subscribe || this.#type === unsubscribe) && this.#subscribes.take(nowMs) > 0) return true;
    return this.#packets.take(nowMs) > 0;
  }
}
