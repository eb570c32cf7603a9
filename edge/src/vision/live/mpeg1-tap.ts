import { randomUUID } from 'node:crypto';
import { Backoff, type Clock, type Timer } from '@hallhub/shared';
import { liveJson, mpeg1Codec } from '@hallhub/shared/vision';
import type Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js';
import type { Fragment, FragmentListener, InitSegment } from '../pipeline/fragment.js';
import type { FragmentStream } from '../pipeline/fragment-stream.js';
import type { LivePipe } from './live-pipe.js';
import { TransportCutter, type TransportUnit } from './transport-packets.js';

export interface Mpeg1TapOptions {
  readonly stream: Pick<FragmentStream, 'subscribe'>;
  readonly pipe: LivePipe;
  readonly ffmpeg: string;
  readonly clock: Clock;
}

const widthPx = 640;
/** What the encoder has not taken: it is slower than the camera, and begins anew with a key picture. */
const maxUnreadBytes = 4 * 1024 * 1024;
const mostFailures = 3;
/** More than a group of pictures. */
const maxHeld = 400;

/** MPEG-1 has a few picture rates, of which 25 is the camera's or repeats pictures, which costs next to nothing. */
const options = {
  ...{ '-loglevel': 'error', '-nostats': '', '-map': '0:v:0', '-an': '', '-threads': 1 },
  ...{ '-vf': `scale=w='min(${widthPx},iw)':h=-2:flags=bilinear`, '-r': 25, '-g': 50, '-bf': 0 },
  ...{ '-b:v': '900k', '-maxrate': '1400k', '-bufsize': '700k' },
  ...{ '-muxdelay': 0, '-muxpreload': 0, '-pes_payload_size': 0, '-flush_packets': 1 },
};

/**
 * In the child: one camera's pictures encoded anew by node-rtsp-stream, for browsers that cannot play what the camera sends.
 * Its ffmpeg gets the pictures that the unit has already by standard input: there is no second connection to the camera and no
 * address, so no password, among its arguments. The package's own socket server, which listens on all addresses, is not used.
 */
export class Mpeg1Tap implements FragmentListener, Disposable {
  readonly #options: Mpeg1TapOptions;
  readonly #backoff = new Backoff({ firstMs: 1_000, maxMs: 8_000 });
  readonly #leave: () => void;
  #init: InitSegment | undefined;
  #muxer: Mpeg1Muxer | undefined;
  #retry: Timer | undefined;
  /** Pictures that came while the encoder was being started. */
  readonly #held: Uint8Array[] = [];
  #isStarting = false;
  #waitsForKey = true;
  #failures = 0;
  #isClosed = false;

  constructor(options: Mpeg1TapOptions) {
    this.#options = options;
    this.#leave = options.stream.subscribe(this);
  }

  onInit(init: InitSegment): void {
    this.#init = init;
    this.#failures = 0;
    // The group of pictures that is kept follows at once: it has to find the encoder's input.
    void this.#start(init);
  }

  onFragment({ bytes, isKeyframe }: Fragment): void {
    if (isKeyframe) this.#waitsForKey = false;
    if (this.#waitsForKey) return;
    const input = this.#muxer?.stream.stdin;
    if (!input) this.#hold(bytes);
    else if (input.writableLength > maxUnreadBytes) this.#waitsForKey = true;
    else input.write(bytes);
  }

  onEnd(): void {
    this.#init = undefined;
    this.#end();
    this.#options.pipe.say(liveJson('state', { v: 1, state: 'refused', reason: 'camera_gone' }));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#leave?.();
    this.#end();
  }

  #hold(bytes: Uint8Array): void {
    if (this.#isStarting && this.#held.length < maxHeld) this.#held.push(bytes);
    else this.#waitsForKey = true;
  }

  async #start(init: InitSegment): Promise<void> {
    this.#end();
    this.#isStarting = true;
    const { pipe } = this.#options;
    const muxer = await this.#open(init);
    if (muxer === 'left') return;
    this.#isStarting = false;
    if (muxer === undefined) return this.#failed(true);
    this.#muxer = muxer;
    const cutter = new TransportCutter();
    const height = Math.round((Math.min(widthPx, init.width) * init.height) / init.width / 2) * 2;
    const described = { v: 1, stream: randomUUID(), codec: mpeg1Codec, width: Math.min(widthPx, init.width), height };
    let isFirst = true;
    muxer.on('mpeg1data', (data: Buffer) => {
      if (this.#muxer !== muxer) return;
      let units: TransportUnit[];
      try {
        units = cutter.push(data);
      } catch {
        // Its end is looked after below.
        muxer.stream.kill('SIGKILL');
        return;
      }
      for (const { isKey, bytes } of units) {
        if (isFirst) pipe.say(liveJson('describe', described as Parameters<typeof liveJson>[1]));
        isFirst = false;
        pipe.show({ kind: isKey ? 'key' : 'more', payload: bytes });
      }
    });
    muxer.stream.stdin.on('error', () => undefined);
    muxer.stream.on('error', () => undefined);
    muxer.stream.on('close', () => {
      if (this.#muxer !== muxer || this.#isClosed) return;
      this.#muxer = undefined;
      this.#waitsForKey = true;
      this.#failed(isFirst);
    });
    muxer.stream.stdin.write(init.bytes);
    for (const bytes of this.#held.splice(0)) muxer.stream.stdin.write(bytes);
  }

  /** Undefined: it cannot be started here, which costs no more than this one's pictures. `left`: it is not wanted any more. */
  async #open(init: InitSegment): Promise<Mpeg1Muxer | 'left' | undefined> {
    try {
      const { default: Muxer } = await import('node-rtsp-stream/mpeg1muxer.js');
      if (this.#isClosed || this.#init !== init) return 'left';
      return new Muxer({ url: 'pipe:0', ffmpegPath: this.#options.ffmpeg, ffmpegOptions: options });
    } catch {
      return this.#isClosed || this.#init !== init ? 'left' : undefined;
    }
  }

  /** `isEarly`: it gave no picture. */
  #failed(isEarly: boolean): void {
    const { pipe, clock } = this.#options;
    this.#failures = isEarly ? this.#failures + 1 : 0;
    if (this.#failures >= mostFailures) {
      pipe.say(liveJson('state', { v: 1, state: 'refused', reason: 'cannot_convert' }));
      return;
    }
    this.#retry = clock.setTimeout(() => void (this.#init && this.#start(this.#init)), this.#backoff.nextMs());
  }

  #end(): void {
    this.#retry?.cancel();
    const muxer = this.#muxer;
    this.#muxer = undefined;
    this.#waitsForKey = true;
    this.#isStarting = false;
    this.#held.splice(0);
    if (!muxer) return;
    muxer.stream.stdin.end();
    muxer.stream.kill('SIGTERM');
  }
}
