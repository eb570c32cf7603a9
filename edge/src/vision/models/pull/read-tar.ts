import { HubError } from '@hallhub/shared';

const blockBytes = 512;

interface Entry {
  readonly name: string;
  readonly isFile: boolean;
  readonly size: number;
}

export interface TarOptions {
  /** Paths of wanted files, as the archive names them. */
  readonly wanted: readonly string[];
  /** More than this in one file is refused. */
  readonly maxFileBytes: number;
}

/**
 * Reads the wanted files out of a tar stream (ustar) and stops as soon as it has them all. What is not wanted is passed
 * over without being kept. Throws `invalid_input` where the stream is no archive, ends too early or lacks a file.
 */
export const readTar = async (
  chunks: AsyncIterable<Uint8Array>,
  { wanted, maxFileBytes }: TarOptions,
): Promise<Map<string, Uint8Array>> => {
  const reader = new BlockReader(chunks);
  const found = new Map<string, Uint8Array>();
  try {
    while (found.size < wanted.length) {
      const header = await reader.take(blockBytes);
      if (!header) throw new HubError('invalid_input', 'the archive ends too early');
      if (header.every((byte) => byte === 0)) break;
      const { name, isFile, size } = entryOf(header);
      const padded = Math.ceil(size / blockBytes) * blockBytes;
      if (!isFile || !wanted.includes(name)) {
        await reader.skip(padded);
        continue;
      }
      if (size > maxFileBytes) throw new HubError('too_large', `${name} has ${size} bytes`);
      const body = await reader.take(padded);
      if (!body) throw new HubError('invalid_input', 'the archive ends too early');
      found.set(name, body.slice(0, size));
    }
  } finally {
    await reader.close();
  }
  const lacking = wanted.filter((name) => !found.has(name));
  if (lacking.length > 0) throw new HubError('invalid_input', `the archive does not hold ${lacking.join(', ')}`);
  return found;
};

const textAt = (block: Uint8Array, from: number, length: number): string => {
  const bytes = block.subarray(from, from + length);
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
};

/** POSIX ustar header: name 0, size 124, checksum 148, type 156, prefix 345. */
const entryOf = (block: Uint8Array): Entry => {
  const stated = Number.parseInt(textAt(block, 148, 8).trim(), 8);
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  const size = Number.parseInt(textAt(block, 124, 12).trim() || '0', 8);
  if (sum !== stated || !Number.isSafeInteger(size) || size < 0) {
    throw new HubError('invalid_input', 'not a tar archive, or a damaged one');
  }
  const prefix = textAt(block, 345, 155);
  const type = textAt(block, 156, 1);
  return { name: (prefix ? `${prefix}/` : '') + textAt(block, 0, 100), isFile: type === '0' || type === '', size };
};

/** Takes exact numbers of bytes off a stream of chunks. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Uint8Array | undefined> {
    if (!(await this.#fill(length))) return undefined;
    const whole = this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts);
    this.#keep(whole.subarray(length));
    return whole.subarray(0, length);
  }

  async skip(length: number): Promise<void> {
    let left = length;
    while (left > this.#length) {
      left -= this.#length;
      this.#keep(new Uint8Array(0));
      if (!(await this.#fill(1))) throw new HubError('invalid_input', 'the archive ends too early');
    }
    await this.take(left);
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(length: number): Promise<boolean> {
    while (this.#length < length) {
      const { value, done } = await this.#source.next();
      if (done) return false;
      this.#parts.push(value);
      this.#length += value.length;
    }
    return true;
  }

  #keep(rest: Uint8Array): void {
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
  }
}
