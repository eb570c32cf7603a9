import { Backoff, type Clock } from '@hallhub/shared';
import { planFfmpeg } from '../pipeline/ffmpeg-plan.js';
import { runFfmpeg } from '../pipeline/ffmpeg-run.js';
import { FragmentStream } from '../pipeline/fragment-stream.js';
import type { StreamAddress } from '../pipeline/stream-address.js';

export interface SmallStreamOptions {
  readonly address: StreamAddress;
  readonly ffmpeg: string;
  readonly clock: Clock;
  /** Why it gives none now; it goes on trying, but for a wrong password. */
  readonly onTrouble: () => void;
}

/** In the child: a camera's smaller stream, copied while somebody looks at it and the line carries no more. */
export class SmallStream implements Disposable {
  readonly fragments = new FragmentStream();
  readonly #stop = new AbortController();

  constructor(options: SmallStreamOptions) {
    void this.#run(options);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #run({ address, ffmpeg, clock, onTrouble }: SmallStreamOptions): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000, jitter: 0.2 });
    while (!signal.aborted) {
      const end = await runFfmpeg({
        ...{ program: ffmpeg, clock, signal, startWithinMs: 15_000, silentAfterMs: 10_000 },
        plan: planFfmpeg({
          ...{ address, copy: true, pictures: false, fps: 1, sidePx: 640, hardware: [], networkTimeoutMs: 10_000 },
        }),
        onInit: (init) => this.fragments.begin(init),
        onFragment: (fragment) => {
          backoff.reset();
          this.fragments.push(fragment);
        },
        onPicture: () => undefined,
      });
      this.fragments.end();
      if (signal.aborted) return;
      onTrouble();
      // A camera locks accounts: the agent's next order is the next try.
      if (end.reason === 'wrong_credentials' || end.reason === 'not_recordable') return;
      await clock.sleep(backoff.nextMs(), signal).catch(() => undefined);
    }
  }
}
