import type { Clock } from '@hallhub/shared';
import { type LiveForm, type LiveRecord, liveJson } from '@hallhub/shared/vision';
import type { FragmentStream } from '../pipeline/fragment-stream.js';
import type { LiveOrder } from './live-order.js';
import { LivePipe } from './live-pipe.js';
import { LiveTap } from './live-tap.js';
import { Mpeg1Tap } from './mpeg1-tap.js';
import { SmallStream } from './small-stream.js';

export interface LiveOutletsOptions {
  /** What is looked at and recorded. */
  readonly fragments: FragmentStream;
  readonly ffmpeg: string;
  readonly clock: Clock;
}

interface Outlet {
  readonly pipe: LivePipe;
  readonly parts: readonly Disposable[];
}

/** In the child: what of one camera is sent to whoever looks, one outlet a form. */
export class LiveOutlets {
  readonly #options: LiveOutletsOptions;
  readonly #outlets = new Map<LiveForm, Outlet>();
  #held: LiveRecord | undefined;

  constructor(options: LiveOutletsOptions) {
    this.#options = options;
  }

  get figures(): { readonly form: LiveForm; readonly sent: number; readonly leftOut: number }[] {
    return [...this.#outlets].map(([form, { pipe }]) => ({ form, ...pipe.figures }));
  }

  start({ form, small, socketPath, token }: Omit<LiveOrder, 'cameraId'>): void {
    this.end(form);
    const { fragments, ffmpeg, clock } = this.#options;
    const pipe: LivePipe = new LivePipe({
      ...{ socketPath, token, clock },
      onEnd: () => {
        if (this.#outlets.get(form)?.pipe === pipe) this.end(form);
      },
    });
    const gone = () => pipe.say(liveJson('state', { v: 1, state: 'refused', reason: 'camera_gone' }));
    const parts: Disposable[] = [];
    const smaller = small && new SmallStream({ address: small, ffmpeg, clock, onTrouble: gone });
    if (smaller) parts.push(smaller);
    const stream = smaller?.fragments ?? fragments;
    parts.push(form === 'mpeg1' ? new Mpeg1Tap({ stream, pipe, ffmpeg, clock }) : new LiveTap(stream, pipe));
    this.#outlets.set(form, { pipe, parts });
    if (this.#held) pipe.say(this.#held);
  }

  /** To everybody who looks, and to who comes later. */
  hold(record: LiveRecord | undefined): void {
    this.#held = record;
    if (record) this.say(record);
  }

  /** Of a moment, by the unit's clock: each form has its own media time, or none. */
  sayAt(atMs: number, make: (mediaMs: number | undefined) => LiveRecord): void {
    for (const { pipe, parts } of this.#outlets.values()) {
      const tap = parts.find((part) => part instanceof LiveTap);
      // On a line that is late already the pictures come first.
      if (!pipe.isLate) pipe.say(make(tap?.mediaMsAt(atMs)));
    }
  }

  /** Beside the pictures, to everybody who looks: kept short. */
  say(record: LiveRecord): void {
    for (const { pipe } of this.#outlets.values()) pipe.say(record);
  }

  end(form: LiveForm): void {
    const outlet = this.#outlets.get(form);
    this.#outlets.delete(form);
    for (const part of outlet?.parts ?? []) part[Symbol.dispose]();
    outlet?.pipe.close();
  }

  close(): void {
    for (const form of [...this.#outlets.keys()]) this.end(form);
  }
}
