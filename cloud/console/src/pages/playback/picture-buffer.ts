type Bytes = Uint8Array<ArrayBuffer>;
type Step =
  | { kind: 'type'; type: string }
  | { kind: 'offset'; seconds: number }
  | { kind: 'remove'; from: number; to: number }
  | { kind: 'append'; bytes: Bytes };

export interface BufferedRange {
  /** Seconds of the video element's time. */
  from: number;
  to: number;
}

interface PictureBufferOptions {
  /** Of the whole time that can be shown. */
  seconds: number;
  /** What was put in can be shown, or was taken out. */
  onChange: () => void;
  /** It takes no more; what lies behind should go. */
  onFull: () => void;
  /** The decoder gave the stream up: everything has to begin anew. */
  onBroken: () => void;
}

/** Of what is put in at once. */
const mostAtOnceBytes = 512 * 1_024;

/** One video element's Media Source, fed in order: each step waits for the one before. */
export class PictureBuffer implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #options: PictureBufferOptions;
  readonly #source = new MediaSource();
  #buffer: SourceBuffer | undefined;
  #steps: Step[] = [];
  #type = '';
  #isFull = false;

  constructor(video: HTMLVideoElement, options: PictureBufferOptions) {
    this.#video = video;
    this.#options = options;
    const url = URL.createObjectURL(this.#source);
    this.#source.addEventListener(
      'sourceopen',
      () => {
        URL.revokeObjectURL(url);
        this.#flow();
      },
      { once: true },
    );
    video.src = url;
  }

  static takes(codec: string): boolean {
    return 'MediaSource' in window && MediaSource.isTypeSupported(typeOf(codec));
  }

  /** Waiting to be put in. */
  get waitingBytes(): number {
    return this.#steps.reduce((sum, step) => sum + (step.kind === 'append' ? step.bytes.length : 0), 0);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get ranges(): BufferedRange[] {
    if (!this.#buffer || this.#source.readyState !== 'open') return [];
    const { buffered } = this.#buffer;
    return Array.from({ length: buffered.length }, (_, i) => ({ from: buffered.start(i), to: buffered.end(i) }));
  }

  /** Of what is appended from now on. */
  use(codec: string): void {
    this.#push({ kind: 'type', type: typeOf(codec) });
  }

  /** Where media time 0 of what follows lies. */
  shift(seconds: number): void {
    this.#push({ kind: 'offset', seconds });
  }

  append(bytes: Uint8Array): void {
    this.#push({ kind: 'append', bytes: new Uint8Array(bytes) });
  }

  remove(from: number, to: number): void {
    if (to > from) this.#push({ kind: 'remove', from: Math.max(0, from), to });
  }

  /** Everything goes, also what waits. */
  clear(): void {
    this.#steps = [];
    this.#isFull = false;
    if (!this.#buffer || this.#source.readyState !== 'open') return;
    // Ends what is being put in, and forgets half a fragment.
    if (!this.#isRemoving) this.#buffer.abort();
    this.remove(0, this.#options.seconds + 1);
  }

  [Symbol.dispose](): void {
    this.#steps = [];
    this.#buffer = undefined;
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  #isRemoving = false;

  #push(step: Step): void {
    this.#steps.push(step);
    this.#flow();
  }

  #flow(): void {
    while (this.#source.readyState === 'open' && !this.#buffer?.updating) {
      const step = this.#steps[0];
      if (!step) return;
      try {
        this.#do(step);
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') {
          this.#steps = [];
          this.#options.onBroken();
          return;
        }
        if (!this.#isFull) {
          this.#isFull = true;
          this.#options.onFull();
        }
        // Room is made first, where there is any to make.
        const room = this.#steps.findIndex(({ kind }) => kind === 'remove');
        if (room < 0) return;
        const [making] = this.#steps.splice(room, 1);
        if (making) this.#steps.unshift(making);
      }
    }
  }

  #do(step: Step): void {
    const buffer = this.#buffer;
    switch (step.kind) {
      case 'type':
        if (!buffer) this.#open(step.type);
        else if (step.type !== this.#type) buffer.changeType(step.type);
        this.#type = step.type;
        this.#steps.shift();
        return;
      case 'offset':
        if (buffer) buffer.timestampOffset = step.seconds;
        this.#steps.shift();
        return;
      case 'remove':
        if (buffer && buffer.buffered.length > 0) {
          buffer.remove(step.from, step.to);
          this.#isRemoving = true;
        }
        this.#isFull = false;
        this.#steps.shift();
        return;
      case 'append': {
        if (!buffer) {
          this.#steps.shift();
          return;
        }
        let count = 1;
        let length = step.bytes.length;
        for (const next of this.#steps.slice(1)) {
          if (next.kind !== 'append' || length + next.bytes.length > mostAtOnceBytes) break;
          length += next.bytes.length;
          count += 1;
        }
        const whole = new Uint8Array(length);
        let at = 0;
        for (const one of this.#steps.slice(0, count)) {
          if (one.kind !== 'append') continue;
          whole.set(one.bytes, at);
          at += one.bytes.length;
        }
        buffer.appendBuffer(whole);
        this.#steps.splice(0, count);
      }
    }
  }

  #open(type: string): void {
    const buffer = this.#source.addSourceBuffer(type);
    this.#buffer = buffer;
    this.#source.duration = this.#options.seconds;
    buffer.addEventListener('updateend', () => {
      this.#isRemoving = false;
      this.#flow();
      this.#options.onChange();
    });
    buffer.addEventListener('error', () => this.#options.onBroken());
  }
}

const typeOf = (codec: string): string => `video/mp4; codecs="${codec}"`;
