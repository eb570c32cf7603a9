import type { Fragment, FragmentListener, InitSegment } from './fragment.js';

export interface FragmentStreamOptions {
  /** Of the group of pictures that is kept for who comes later. */
  readonly maxGroupBytes?: number;
  readonly maxGroupFragments?: number;
}

/**
 * One camera's fragments for any number of listeners: the recording, viewers. A listener gets the init segment and the last
 * group of pictures at once. One that throws is taken off: it must not stop its neighbours.
 */
export class FragmentStream {
  readonly #listeners = new Map<FragmentListener, (error: unknown) => void>();
  readonly #maxGroupBytes: number;
  readonly #maxGroupFragments: number;
  #init: InitSegment | undefined;
  #group: Fragment[] = [];
  #groupBytes = 0;

  constructor({ maxGroupBytes = 8 * 1024 * 1024, maxGroupFragments = 1_200 }: FragmentStreamOptions = {}) {
    this.#maxGroupBytes = maxGroupBytes;
    this.#maxGroupFragments = maxGroupFragments;
  }

  /** Of the stream that is playing. */
  get init(): InitSegment | undefined {
    return this.#init;
  }

  /** From the last keyframe on; empty where none came yet or the group outgrew its bounds. */
  get group(): readonly Fragment[] {
    return this.#group;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Returns what takes the listener off again; `onFailure` is told what it threw. */
  subscribe(listener: FragmentListener, onFailure: (error: unknown) => void = () => undefined): () => void {
    this.#listeners.set(listener, onFailure);
    const init = this.#init;
    const group = [...this.#group];
    if (init) {
      this.#guard(listener, () => {
        listener.onInit(init);
        for (const fragment of group) listener.onFragment(fragment);
      });
    }
    return () => void this.#listeners.delete(listener);
  }

  begin(init: InitSegment): void {
    this.#init = init;
    this.#drop();
    this.#tell((listener) => listener.onInit(init));
  }

  push(fragment: Fragment): void {
    if (!this.#init) return;
    if (fragment.isKeyframe) this.#drop();
    if (fragment.isKeyframe || this.#group.length > 0) {
      this.#group.push(fragment);
      this.#groupBytes += fragment.bytes.length;
    }
    if (this.#groupBytes > this.#maxGroupBytes || this.#group.length > this.#maxGroupFragments) this.#drop();
    this.#tell((listener) => listener.onFragment(fragment));
  }

  end(): void {
    if (!this.#init) return;
    this.#init = undefined;
    this.#drop();
    this.#tell((listener) => listener.onEnd?.());
  }

  #drop(): void {
    this.#group = [];
    this.#groupBytes = 0;
  }

  #tell(say: (listener: FragmentListener) => void): void {
    for (const listener of [...this.#listeners.keys()]) this.#guard(listener, () => say(listener));
  }

  #guard(listener: FragmentListener, say: () => void): void {
    try {
      say();
    } catch (error) {
      const onFailure = this.#listeners.get(listener);
      this.#listeners.delete(listener);
      onFailure?.(error);
    }
  }
}
