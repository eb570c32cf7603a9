import { type Clock, systemClock, type Timer } from '@hallhub/shared';
import { FrameSplitter, type SerialBinding } from '@hallhub/shared/profile';
import { bodyOf, type FrameShape, shapeOf } from './frame-shape.js';
import type { Captured } from './payload-template.js';
import type { SerialRequest } from './serial-requests.js';

/** A request that the bytes may be, and what they say for its inputs. */
export interface Heard {
  readonly request: SerialRequest;
  readonly captured: Captured;
}

export interface RequestListenerOptions {
  readonly clock?: Clock | undefined;
  /** Told of everything that looks like requests, with all that the same bytes may be. */
  readonly onHeard: (found: readonly Heard[]) => void;
}

/** Requests that no frame carries are whole when nothing follows for this long. */
const silenceMs = 40;

/** Knows the unit's requests in what comes over a line, however it is cut into pieces. */
export class RequestListener implements Disposable {
  readonly #binding: SerialBinding;
  readonly #requests: readonly SerialRequest[];
  readonly #options: RequestListenerOptions;
  readonly #shape: FrameShape;
  readonly #splitter: FrameSplitter;
  #held: Buffer = Buffer.alloc(0);
  #silence: Timer | undefined;

  constructor(binding: SerialBinding, requests: readonly SerialRequest[], options: RequestListenerOptions) {
    this.#binding = binding;
    this.#requests = requests;
    this.#options = options;
    this.#shape = shapeOf(binding);
    this.#splitter = new FrameSplitter(binding.framing, binding.checksum);
  }

  receive(bytes: Uint8Array): void {
    const { clock = systemClock } = this.#options;
    this.#silence?.cancel();
    const { framing } = this.#binding;
    if (framing.type !== 'idle' && framing.type !== 'fixed') {
      for (const frame of this.#splitter.push(bytes).frames) this.#framed(frame);
    }
    this.#held = Buffer.concat([this.#held, bytes]);
    this.#stream();
    this.#silence = clock.setTimeout(() => {
      this.#splitter.idle();
      this.#held = Buffer.alloc(0);
    }, silenceMs);
  }

  [Symbol.dispose](): void {
    this.#silence?.cancel();
  }

  #framed(frame: Uint8Array): void {
    const body = bodyOf(this.#shape, frame);
    this.#options.onHeard(
      this.#requests.flatMap((request) => {
        const captured = request.framed ? request.pattern.whole(body) : undefined;
        return captured ? [{ request, captured }] : [];
      }),
    );
  }

  /** Requests that no delimiter or length tells apart: raw ones, and those of fixed or pausing frames. */
  #stream(): void {
    const loose = this.#binding.framing.type === 'idle' || this.#binding.framing.type === 'fixed';
    for (;;) {
      const found = this.#requests.flatMap((request) => {
        if (request.framed && !loose) return [];
        if (!request.framed) {
          const match = request.pattern.front(this.#held);
          return match && match.used > 0 ? [{ request, captured: match.captured, used: match.used }] : [];
        }
        return this.#looseFrame(request);
      });
      const longest = Math.max(0, ...found.map(({ used }) => used));
      if (longest === 0) return;
      this.#held = this.#held.subarray(longest);
      this.#options.onHeard(found.filter(({ used }) => used === longest));
    }
  }

  /** A framed request in a stream whose framing tells only answers apart: its body is followed by its checksum. */
  #looseFrame(request: SerialRequest): (Heard & { used: number })[] {
    const { start, tail } = this.#shape;
    if (!this.#held.subarray(0, start.length).equals(start)) return [];
    const match = request.pattern.front(this.#held.subarray(start.length));
    const used = start.length + (match?.used ?? 0) + tail;
    return match && this.#held.length >= used ? [{ request, captured: match.captured, used }] : [];
  }
}
