import type { Clock, Timer } from '@hallhub/shared';
import { type FrameFault, FrameSplitter, type SerialBinding, type SplitResult } from '@hallhub/shared/profile';

export type FrameRules = Pick<SerialBinding, 'framing' | 'checksum'>;

/** A frame that stops in the middle for this long is given up. */
const incompleteAfterMs = 1_000;

/** One kind of frames on a line: its splitter, and the timer that ends a frame that does not go on. */
export class SerialChannel {
  readonly #splitter: FrameSplitter;
  readonly #idleMs: number;
  #idleTimer: Timer | undefined;
  /** Its frames have a checksum. */
  readonly isChecked: boolean;

  constructor(
    rules: FrameRules,
    private readonly clock: Clock,
    private readonly handlers: { frame(frame: Uint8Array): void; fault(fault: FrameFault): void },
  ) {
    this.#splitter = new FrameSplitter(rules.framing, rules.checksum);
    this.isChecked = rules.checksum !== undefined;
    this.#idleMs = rules.framing.type === 'idle' ? rules.framing.idleMs : incompleteAfterMs;
  }

  receive(bytes: Uint8Array): void {
    this.#deliver(this.#splitter.push(bytes));
    this.#idleTimer?.cancel();
    this.#idleTimer =
      this.#splitter.pending > 0
        ? this.clock.setTimeout(() => this.#deliver(this.#splitter.idle()), this.#idleMs)
        : undefined;
  }

  /** What has come of a frame will not go on. */
  flush(): void {
    this.#idleTimer?.cancel();
    if (this.#splitter.pending > 0) this.#deliver(this.#splitter.idle());
  }

  close(): void {
    this.#idleTimer?.cancel();
  }

  #deliver({ frames, faults }: SplitResult): void {
    for (const fault of faults) this.handlers.fault(fault);
    for (const frame of frames) this.handlers.frame(frame);
  }
}
