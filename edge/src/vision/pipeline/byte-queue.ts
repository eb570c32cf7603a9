/** Bytes that came in pieces and are taken in other pieces, each byte copied once. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #offset = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Copies what is there at `at`, without taking it; undefined where fewer bytes are there. */
  peek(at: number, length: number): Uint8Array | undefined {
    if (this.#length < at + length) return undefined;
    const out = new Uint8Array(length);
    let skip = this.#offset + at;
    let filled = 0;
    for (const chunk of this.#chunks) {
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const part = chunk.subarray(skip, skip + length - filled);
      out.set(part, filled);
      filled += part.length;
      skip = 0;
      if (filled === length) break;
    }
    return out;
  }

  /** Takes `length` bytes, of which there have to be so many, into a buffer of their own. */
  take(length: number): Uint8Array {
    const out = this.peek(0, length);
    if (!out) throw new RangeError(`${length} bytes wanted, ${this.#length} there`);
    this.skip(length);
    return out;
  }

  skip(length: number): void {
    this.#length -= length;
    this.#offset += length;
    let done = 0;
    for (const chunk of this.#chunks) {
      if (this.#offset < chunk.length) break;
      this.#offset -= chunk.length;
      done++;
    }
    this.#chunks.splice(0, done);
  }
}
