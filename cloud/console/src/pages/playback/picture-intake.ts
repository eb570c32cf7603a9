import type { LiveDescription } from '@hallhub/shared/vision';
import { shownAtMs, timescaleOf } from './fragment-times.js';
import type { FrameTimes } from './frame-times.js';
import { PictureBuffer } from './picture-buffer.js';

interface PictureIntakeOptions {
  buffer: PictureBuffer;
  frames: FrameTimes;
  /** Where the element's own time begins, epoch ms. */
  from: number;
  onPicture: (description: LiveDescription) => void;
  onCannotPlay: () => void;
}

/** What a run brings, put where it belongs in the day: into the element's buffer, and into the list of pictures. */
export class PictureIntake {
  readonly #options: PictureIntakeOptions;
  #stream: string | undefined;
  #timescale = 0;
  #zeroAt = 0;
  #waitsForKey = true;

  constructor(options: PictureIntakeOptions) {
    this.#options = options;
  }

  /** What comes next has nothing to do with what came before. */
  begin(): void {
    this.#options.buffer.clear();
    this.#options.frames.clear();
    this.#stream = undefined;
    this.#waitsForKey = true;
  }

  describe(description: LiveDescription): void {
    const { stream, codec } = description;
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#timescale = 0;
    this.#options.onPicture(description);
    if (PictureBuffer.takes(codec)) this.#options.buffer.use(codec);
    else this.#options.onCannotPlay();
  }

  init(bytes: Uint8Array): void {
    if (this.#timescale > 0) return;
    this.#timescale = timescaleOf(bytes) ?? 0;
    this.#options.buffer.append(bytes);
  }

  time(zeroAt: number): void {
    this.#zeroAt = zeroAt - this.#options.from;
    this.#options.buffer.shift(this.#zeroAt / 1_000);
  }

  picture(bytes: Uint8Array, isKey: boolean): void {
    const mediaMs = this.#timescale > 0 ? shownAtMs(bytes, this.#timescale) : undefined;
    if (mediaMs === undefined) return;
    const at = mediaMs + this.#zeroAt;
    // Before midnight is before the element's own time: what hangs on such a key picture cannot be shown.
    if (at < 0) this.#waitsForKey = true;
    else if (isKey) this.#waitsForKey = false;
    if (this.#waitsForKey) return;
    this.#options.frames.add(at);
    this.#options.buffer.append(bytes);
  }
}
