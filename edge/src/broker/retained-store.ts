import type { KeptPacket } from './session-store.js';
import { fitsFilter } from './topic-filter.js';

export interface RetainedLimits {
  readonly retainedTopics: number;
  readonly retainedBytes: number;
}

/** The last message of each topic that was asked to be kept: in memory and bounded. */
export class RetainedStore {
  readonly #limits: RetainedLimits;
  readonly #onFull: (topic: string) => void;
  readonly #packets = new Map<string, KeptPacket>();
  #bytes = 0;

  constructor(limits: RetainedLimits, onFull: (topic: string) => void) {
    this.#limits = limits;
    this.#onFull = onFull;
  }

  get count(): number {
    return this.#packets.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An empty payload clears the topic. What does not fit is dropped, and what was kept before with it. */
  put(packet: KeptPacket): void {
    const { topic } = packet;
    const before = this.#packets.get(topic);
    if (before) this.#bytes -= sizeOf(before);
    this.#packets.delete(topic);
    if (packet.payload.length === 0) return;
    if (
      this.#packets.size >= this.#limits.retainedTopics ||
      this.#bytes + sizeOf(packet) > this.#limits.retainedBytes
    ) {
      this.#onFull(topic);
      return;
    }
    // A copy of its own: the packet's payload is a piece of a much larger receive buffer.
    const kept = { ...packet, payload: Buffer.from(packet.payload) };
    this.#packets.set(topic, kept);
    this.#bytes += sizeOf(kept);
  }

  /** Each once, however many of the filters fit. */
  find(filters: readonly string[]): KeptPacket[] {
    return [...this.#packets.values()].filter(({ topic }) => filters.some((filter) => fitsFilter(filter, topic)));
  }

  clear(): void {
    this.#packets.clear();
    this.#bytes = 0;
  }
}

/** What a packet takes, roughly. */
export const sizeOf = ({ topic, payload }: Pick<KeptPacket, 'topic' | 'payload'>): number =>
  (topic?.length ?? 0) + (payload?.length ?? 0) + 64;
