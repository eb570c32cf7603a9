import { type Clock, HubError, type Timer } from '@hallhub/shared';
import { type FrameFault, FrameSplitter, type SerialBinding, type SplitResult } from '@hallhub/shared/profile';
import type { ByteLink } from '../links/index.js';

export interface SessionHandlers {
  /** A whole, checked frame that no exchange waited for. */
  frame(frame: Uint8Array): void;
  /** Bytes that made no frame. */
  fault(fault: FrameFault): void;
}

export interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A frame that stops in the middle for this long is given up. */
const incompleteAfterMs = 1_000;

/** One exchange at a time over one link: a frame goes out, the frames that come are either its answer or unsolicited. */
export class SerialSession {
  /** Resolves with the reason once the link is gone. */
  readonly closed: Promise<HubError>;
  readonly #splitter: FrameSplitter;
  readonly #idleMs: number;
  #idleTimer: Timer | undefined;
  #waiter: { take(frame: Uint8Array): boolean; fail(error: unknown): void } | undefined;
  #lost: HubError | undefined;

  constructor(
    readonly link: ByteLink,
    rules: Pick<SerialBinding, 'framing' | 'checksum'>,
    private readonly clock: Clock,
    private readonly handlers: SessionHandlers,
  ) {
    this.#splitter = new FrameSplitter(rules.framing, rules.checksum);
    this.#idleMs = rules.framing.type === 'idle' ? rules.framing.idleMs : incompleteAfterMs;
    this.closed = new Promise((resolve) => {
      link.listen({
        data: (bytes) => this.#receive(bytes),
        closed: (reason) => {
          this.#idleTimer?.cancel();
          this.#lost = reason ?? new HubError('link_lost', `${link.name} was closed`, { context: { link: link.name } });
          this.#waiter?.fail(this.#lost);
          resolve(this.#lost);
        },
      });
    });
  }

  send(frame: Uint8Array): void {
    if (this.#lost) throw this.#lost;
    this.link.write(frame);
  }

  /**
   * Sends `frame` (nothing, where it is empty) and resolves with what `answer` makes of the first frame for which it gives
   * something. Errors: `timeout`, `link_lost`, the signal's reason, and what `answer` throws.
   */
  exchange<T>(frame: Uint8Array, answer: (frame: Uint8Array) => T | undefined, options: ExchangeOptions): Promise<T> {
    const { timeoutMs, signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (this.#waiter) throw new HubError('bug', 'two exchanges at once on one serial line');
      signal.throwIfAborted();
      const end = () => {
        this.#waiter = undefined;
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown) => {
        end();
        reject(error);
      };
      const onAbort = () => fail(signal.reason);
      const timer = this.clock.setTimeout(
        () =>
          fail(
            new HubError('timeout', `${this.link.name} did not answer within ${timeoutMs} ms`, {
              context: { link: this.link.name },
            }),
          ),
        timeoutMs,
      );
      this.#waiter = {
        fail,
        take: (received) => {
          try {
            const result = answer(received);
            if (result === undefined) return false;
            end();
            resolve(result);
          } catch (error) {
            fail(error);
          }
          return true;
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        if (frame.length > 0) this.send(frame);
        else if (this.#lost) throw this.#lost;
      } catch (error) {
        fail(error);
      }
    });
  }

  async close(): Promise<void> {
    this.#idleTimer?.cancel();
    await this.link.close();
  }

  #receive(bytes: Buffer): void {
    // A copy that is no Buffer: the codecs look at whole array buffers, and a Buffer lies in a shared one.
    this.#deliver(this.#splitter.push(new Uint8Array(bytes)));
    this.#idleTimer?.cancel();
    if (this.#splitter.pending > 0) {
      this.#idleTimer = this.clock.setTimeout(() => this.#deliver(this.#splitter.idle()), this.#idleMs);
    }
  }

  #deliver({ frames, faults }: SplitResult): void {
    for (const fault of faults) this.handlers.fault(fault);
    for (const frame of frames) if (!this.#waiter?.take(frame)) this.handlers.frame(frame);
  }
}
