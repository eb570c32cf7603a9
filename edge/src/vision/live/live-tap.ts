import { randomUUID } from 'node:crypto';
import { liveJson } from '@hallhub/shared/vision';
import type { Fragment, FragmentListener, InitSegment } from '../pipeline/fragment.js';
import type { FragmentStream } from '../pipeline/fragment-stream.js';
import type { LivePipe } from './live-pipe.js';

const names = new WeakMap<InitSegment, string>();

const nameOf = (init: InitSegment): string => {
  const known = names.get(init) ?? randomUUID();
  names.set(init, known);
  return known;
};

/** In the child: one camera's fragments as they are, as records. */
export class LiveTap implements FragmentListener, Disposable {
  readonly #pipe: LivePipe;
  readonly #leave: () => void;
  #last: Pick<Fragment, 'atMs' | 'mediaMs'> | undefined;

  constructor(stream: Pick<FragmentStream, 'subscribe'>, pipe: LivePipe) {
    this.#pipe = pipe;
    this.#leave = stream.subscribe(this);
  }

  onInit(init: InitSegment): void {
    const { codec, width, height, bytes } = init;
    this.#last = undefined;
    this.#pipe.say(liveJson('describe', { v: 1, stream: nameOf(init), codec, width, height }));
    this.#pipe.say({ kind: 'init', payload: bytes });
  }

  /** Where in the stream that it gives on a moment is, by the unit's clock; undefined before its first picture. */
  mediaMsAt(atMs: number): number | undefined {
    const last = this.#last;
    return last && Math.max(0, Math.round(last.mediaMs + atMs - last.atMs));
  }

  onFragment({ bytes, isKeyframe, atMs, mediaMs }: Fragment): void {
    this.#last = { atMs, mediaMs };
    this.#pipe.show({ kind: isKeyframe ? 'key' : 'more', payload: bytes });
  }

  onEnd(): void {
    this.#pipe.say(liveJson('state', { v: 1, state: 'refused', reason: 'camera_gone' }));
  }

  [Symbol.dispose](): void {
    this.#leave?.();
  }
}
