import { HubError } from '@hallhub/shared';
import type { CameraTurning } from '../../ports/index.js';

const answerWithinMs = 8_000;

/** What a camera is told from here: with what it has to answer in, and remembered as ours. */
export class CameraWords {
  readonly #turning: () => CameraTurning | undefined;
  readonly #stop: AbortSignal;
  /** That was told something last. */
  #port: CameraTurning | undefined;
  #ownMs: number | undefined;

  constructor(turning: () => CameraTurning | undefined, stop: AbortSignal) {
    this.#turning = turning;
    this.#stop = stop;
  }

  /** Throws `link_lost` where its adapter does not serve it, and what the camera answers. */
  async say(
    say: (port: CameraTurning, signal: AbortSignal) => Promise<void>,
    { isStop = false }: { readonly isStop?: boolean } = {},
  ): Promise<void> {
    // A camera that is let go while it turns is stopped all the same.
    const port = this.#turning() ?? (isStop ? this.#port : undefined);
    if (!port) throw new HubError('link_lost', 'the camera is not connected');
    this.#port = port;
    try {
      const limit = AbortSignal.timeout(answerWithinMs);
      // A stop goes out even while this ends.
      await say(port, isStop ? limit : AbortSignal.any([limit, this.#stop]));
    } finally {
      this.#ownMs = port.lastTold?.atMs;
    }
  }

  /** Whether somebody past the unit told it the last word; each such word is told once. */
  isForeign({ lastTold }: CameraTurning): boolean {
    const isForeign = lastTold !== undefined && lastTold.atMs !== this.#ownMs;
    if (isForeign) this.#ownMs = lastTold.atMs;
    return isForeign;
  }
}
