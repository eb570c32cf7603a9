import { type LiveDescription, type LiveRecord, type LiveState, mpeg1Codec } from '@hallhub/shared/vision';
import type { Mpeg1Picture } from './mpeg1-picture.js';

export type FeedState = LiveState['state'] | 'lost' | 'codec';

interface PictureFeedOptions {
  onState: (state: FeedState, reason?: string) => void;
  onSize: (width: number, height: number) => void;
  /** This browser cannot play what the camera sends: it is to be asked for encoded anew. */
  onCannotPlay?: ((codec: string) => void) | undefined;
}

/** Behind the newest picture by more than this, playback jumps there. */
const mostBehindS = 3;
/** Beside the newest picture; what a network's hiccup may take. */
const keepAheadS = 0.25;
const keepBehindS = 20;
/** A tab in the background takes nothing: what waits is given up, and a key picture begins anew. */
const maxWaiting = 600;

export const jsonOf = ({ payload }: LiveRecord): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(payload));

/** Gives one camera's records to a video element (Media Source Extensions), close to now. */
export class PictureFeed implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #options: PictureFeedOptions;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitsForKey = true;
  #stream: string | undefined;
  #mpeg1: Mpeg1Picture | undefined;
  #isMpeg1 = false;
  /** Who comes while others look is told that pictures come before the first of them. */
  #isLive = false;

  constructor(video: HTMLVideoElement, options: PictureFeedOptions) {
    this.#video = video;
    this.#options = options;
  }

  take(record: LiveRecord): void {
    switch (record.kind) {
      case 'state': {
        const { state, reason } = jsonOf(record) as LiveState;
        this.#isLive = state === 'live';
        if (!this.#isLive || this.#source || this.#isMpeg1) this.#options.onState(state, reason);
        return;
      }
      case 'describe':
        this.#begin(jsonOf(record) as unknown as LiveDescription);
        return;
      case 'init':
        this.#append(record.payload);
        return;
      case 'key':
        this.#waitsForKey = false;
        this.#append(record.payload);
        return;
      case 'more':
        if (!this.#waitsForKey) this.#append(record.payload);
    }
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #begin({ stream, codec, width, height }: LiveDescription): void {
    // The unit asked anew and its pictures go on: what is shown stays.
    if (stream === this.#stream && (this.#source?.readyState === 'open' || this.#isMpeg1)) return;
    this.#end();
    this.#stream = stream;
    if (codec === mpeg1Codec) {
      this.#options.onSize(width, height);
      void this.#beginMpeg1(stream);
      if (this.#isLive) this.#options.onState('live');
      return;
    }
    const type = `video/mp4; codecs="${codec}"`;
    if (!('MediaSource' in window) || !MediaSource.isTypeSupported(type)) {
      this.#options.onState('codec', codec);
      this.#options.onCannotPlay?.(codec);
      return;
    }
    this.#options.onSize(width, height);
    const source = new MediaSource();
    this.#source = source;
    if (this.#isLive) this.#options.onState('live');
    const url = URL.createObjectURL(source);
    this.#video.src = url;
    source.addEventListener(
      'sourceopen',
      () => {
        URL.revokeObjectURL(url);
        if (this.#source !== source) return;
        this.#buffer = source.addSourceBuffer(type);
        this.#buffer.addEventListener('updateend', () => this.#flow());
        this.#flow();
      },
      { once: true },
    );
  }

  /** Its decoder comes over the network only for who needs it. */
  async #beginMpeg1(stream: string): Promise<void> {
    this.#isMpeg1 = true;
    const { Mpeg1Picture } = await import('./mpeg1-picture.js');
    if (this.#stream !== stream || this.#mpeg1) return;
    this.#mpeg1 = new Mpeg1Picture(this.#video);
    for (const one of this.#waiting.splice(0)) this.#mpeg1.take(one);
  }

  #end(): void {
    this.#mpeg1?.[Symbol.dispose]();
    this.#mpeg1 = undefined;
    this.#isMpeg1 = false;
    this.#source = undefined;
    this.#buffer = undefined;
    this.#waiting = [];
    this.#waitsForKey = true;
    if (this.#video.src) {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
  }

  #append(payload: Uint8Array): void {
    if (this.#mpeg1) return void this.#mpeg1.take(payload);
    if (!this.#source && !this.#isMpeg1) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#waiting = [];
      this.#waitsForKey = true;
      return;
    }
    this.#waiting.push(new Uint8Array(payload));
    this.#flow();
  }

  #flow(): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#source?.readyState !== 'open') return;
    this.#stayClose(buffer);
    if (buffer.updating) return;
    const next = this.#waiting.shift();
    if (!next) return;
    try {
      buffer.appendBuffer(next);
    } catch {
      // Full, or a stream that the decoder refuses: the next group of pictures begins anew.
      this.#waiting = [];
      this.#waitsForKey = true;
    }
  }

  /** The first picture at once, then never far behind; what was shown is let go. */
  #stayClose(buffer: SourceBuffer): void {
    const { buffered } = buffer;
    if (buffered.length === 0) return;
    const video = this.#video;
    const start = buffered.start(0);
    const end = buffered.end(buffered.length - 1);
    if (video.currentTime < start || end - video.currentTime > mostBehindS) {
      video.currentTime = Math.max(start, end - keepAheadS);
    }
    if (video.paused) void video.play().catch(() => undefined);
    if (video.currentTime - start > 2 * keepBehindS) buffer.remove(start, video.currentTime - keepBehindS);
  }
}
