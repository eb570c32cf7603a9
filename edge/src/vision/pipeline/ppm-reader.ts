import { HubError } from '@hallhub/shared';
import { ByteQueue } from './byte-queue.js';

export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** `P6\n640 360\n255\n`, as ffmpeg's encoder writes it. */
const header = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/;
const maxHeaderBytes = 3 + 12 + 4;

/** Cuts pictures out of a stream of PPM files (they say their own size). Throws `protocol_violation`. */
export class PpmReader {
  readonly #queue = new ByteQueue();
  readonly #maxPictureBytes: number;
  #size: { width: number; height: number } | undefined;

  constructor({ maxPictureBytes = 3 * 4096 * 2304 } = {}) {
    this.#maxPictureBytes = maxPictureBytes;
  }

  push(chunk: Uint8Array): RgbPicture[] {
    this.#queue.push(chunk);
    const pictures: RgbPicture[] = [];
    while (this.#readHeader()) {
      const { width, height } = this.#size as { width: number; height: number };
      const bytes = width * height * 3;
      if (this.#queue.length < bytes) break;
      pictures.push({ width, height, rgb: this.#queue.take(bytes) });
      this.#size = undefined;
    }
    return pictures;
  }

  #readHeader(): boolean {
    if (this.#size) return true;
    const text = Buffer.from(
      this.#queue.peek(0, Math.min(this.#queue.length, maxHeaderBytes)) ?? new Uint8Array(),
    ).toString('latin1');
    const match = header.exec(text);
    if (!match) {
      if (text.length < maxHeaderBytes && isBegun(text)) return false;
      throw new HubError('protocol_violation', 'the pictures are no PPM any more');
    }
    const [whole, width, height] = [match[0], Number(match[1]), Number(match[2])];
    if (width === 0 || height === 0 || width * height * 3 > this.#maxPictureBytes)
      throw new HubError('protocol_violation', `a picture of ${width} x ${height} is out of bounds`);
    this.#queue.skip(whole.length);
    this.#size = { width, height };
    return true;
  }
}

const isBegun = (text: string): boolean => /^(P6?)?$|^P6\n\d{0,5}( \d{0,5}(\n2?5{0,2})?)?$/.test(text);
