import { type Clock, HubError, type Timer } from '@hallhub/shared';
import type { FrameFault, LineSettings, SerialBinding } from '@hallhub/shared/profile';
import type { ByteLink } from '../links/index.js';
import { type FrameRules, SerialChannel } from './serial-channel.js';

export interface SessionHandlers {
  /** A whole, checked frame that no exchange waited for. */
  frame(frame: Uint8Array, channel: SerialChannel): void;
  /** Bytes that made no frame. */
  fault(fault: FrameFault, channel: SerialChannel): void;
}

export interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A late answer to a request that was given up must not be taken for the answer to the next. */
const maxDrainMs = 100;
/** So long without a byte, and what has come of a frame is not going on: a new request starts with a clean line. */
const staleAfterMs = 100;

/**
 * One link, and on it as many kinds of frames as its devices have: a channel each. One exchange at a time; the frames that
 * come are either its answer or unsolicited.
 */
export class SerialSession {
  /** Resolves with the reason once the link is gone. */
  readonly closed: Promise<HubError>;
  readonly #channels = new Map<string, SerialChannel>();
  #waiter: { channel: SerialChannel; take(frame: Uint8Array): boolean; fail(error: unknown): void } | undefined;
  #lost: HubError | undefined;
  #lastByteMs = 0;
  #lastUseMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = 0;
  /** When the last byte given to the line has left it. */
  #sentByMs = 0;

  constructor(
    readonly link: ByteLink,
    private readonly clock: Clock,
    private readonly handlers: SessionHandlers,
    /** The settings in use. */
    readonly line: LineSettings,
  ) {
    this.closed = new Promise((resolve) => {
      link.listen({
        data: (bytes) => this.#receive(bytes),
        closed: (reason) => {
          for (const channel of this.#channels.values()) channel.close();
          this.#lost = reason ?? new HubError('link_lost', `${link.name} was closed`, { context: { link: link.name } });
          this.#waiter?.fail(this.#lost);
          resolve(this.#lost);
        },
      });
    });
  }

  /** The frames of this kind on this line; the same kind is the same channel. */
  channel(rules: FrameRules): SerialChannel {
    const key = JSON.stringify([rules.framing, rules.checksum]);
    const known = this.#channels.get(key);
    if (known) return known;
    const channel: SerialChannel = new SerialChannel(rules, this.clock, {
      frame: (frame) => {
        if (this.#waiter?.channel !== channel || !this.#waiter.take(frame)) this.handlers.frame(frame, channel);
      },
      // What is a frame to one kind is noise to another: only the kind that was asked for is judged.
      fault: (fault) => {
        if (this.#channels.size === 1 || this.#waiter?.channel === channel) this.handlers.fault(fault, channel);
      },
    });
    this.#channels.set(key, channel);
    return channel;
  }

  send(frame: Uint8Array): void {
    if (this.#lost) throw this.#lost;
    this.link.write(frame);
    const nowMs = this.clock.monotonicMs();
    // Ten bits a byte: start, eight of data, stop.
    this.#sentByMs = Math.max(nowMs, this.#sentByMs) + (frame.length * 10_000) / this.line.baudRate;
    this.#lastUseMs = this.#sentByMs;
  }

  /** Waits for the silence that the line needs before a request, and for what may still come of the last one. */
  async quiet(binding: Pick<SerialBinding, 'pauseMs'>, signal: AbortSignal): Promise<void> {
    const pauseUntilMs = binding.pauseMs > 0 ? Math.max(this.#lastUseMs, this.#lastByteMs) + binding.pauseMs : 0;
    const waitMs = Math.max(pauseUntilMs, this.#notBeforeMs) - this.clock.monotonicMs();
    if (waitMs > 0) await this.clock.sleep(waitMs, signal);
    if (this.clock.monotonicMs() - this.#lastByteMs >= staleAfterMs) {
      for (const channel of this.#channels.values()) channel.flush();
    }
  }

  /**
   * Sends `frame` (nothing, where it is empty) and resolves with what `answer` makes of the first frame for which it gives
   * something. The time counts from when the frame has left the line: a picture takes seconds. Errors: `timeout`, `link_lost`, the signal's reason, and what `answer` throws.
   */
  exchange<T>(
    channel: SerialChannel,
    frame: Uint8Array,
    answer: (frame: Uint8Array) => T | undefined,
    options: ExchangeOptions,
  ): Promise<T> {
    const { timeoutMs, signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (this.#waiter) throw new HubError('bug', 'two exchanges at once on one serial line');
      signal.throwIfAborted();
      let timer: Timer | undefined;
      const end = () => {
        this.#waiter = undefined;
        timer?.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown) => {
        end();
        reject(error);
      };
      const giveUp = (error: unknown) => {
        if (frame.length > 0) this.#notBeforeMs = this.clock.monotonicMs() + Math.min(timeoutMs, maxDrainMs);
        fail(error);
      };
      const onAbort = () => giveUp(signal.reason);
      const late = new HubError('timeout', `${this.link.name} did not answer within ${timeoutMs} ms`, {
        context: { link: this.link.name },
      });
      this.#waiter = {
        channel,
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
        const sendingMs = Math.max(0, this.#sentByMs - this.clock.monotonicMs());
        timer = this.clock.setTimeout(() => giveUp(late), timeoutMs + sendingMs);
      } catch (error) {
        fail(error);
      }
    });
  }

  async close(): Promise<void> {
    for (const channel of this.#channels.values()) channel.close();
    await this.link.close();
  }

  #receive(bytes: Buffer): void {
    this.#lastByteMs = this.clock.monotonicMs();
    // A copy that is no Buffer: the codecs look at whole array buffers, and a Buffer lies in a shared one.
    const own = new Uint8Array(bytes);
    for (const channel of this.#channels.values()) channel.receive(own);
  }
}
