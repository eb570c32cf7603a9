import * as z from 'zod/mini';
import { SseParser } from './sse-parser.js';

export type LiveState = 'connecting' | 'live' | 'lost';

const messageSchema = z.object({ topic: z.string(), type: z.string(), data: z.record(z.string(), z.unknown()) });
export type LiveMessage = z.infer<typeof messageSchema>;

interface LiveStreamOptions {
  onMessage: (message: LiveMessage) => void;
  /** After a reconnect nothing is replayed: whoever listens must fetch again. */
  onResume: () => void;
  onState: (state: LiveState, sinceMs: number) => void;
  /** The session is over: the stream ends and is not tried again. */
  onSignedOut: () => void;
}

/** The server comments every 15 s; nothing for this long means a dead connection. */
const silenceMs = 40_000;
const firstRetryMs = 1_000;
const longestRetryMs = 20_000;

/** The one event stream of a browser: reconnects with growing, jittered waits and never pretends to be live. */
export class LiveStream implements Disposable {
  readonly #url: string;
  readonly #options: LiveStreamOptions;
  readonly #ended = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #seen = false;
  #state: LiveState = 'connecting';

  constructor(url: string, options: LiveStreamOptions) {
    this.#url = url;
    this.#options = options;
    void this.#run();
  }

  async #run(): Promise<void> {
    const connection = new AbortController();
    const stop = () => connection.abort();
    this.#ended.signal.addEventListener('abort', stop, { once: true });
    let watchdog = setTimeout(stop, silenceMs);
    try {
      const response = await fetch(this.#url, {
        headers: { accept: 'text/event-stream', 'x-requested-with': 'hallhub-console' },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: connection.signal,
      });
      if (response.status === 401) return this.#options.onSignedOut();
      if (!response.ok || !response.body) throw new Error(`live stream answered ${response.status}`);
      const parser = new SseParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      this.#alive();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(watchdog);
        watchdog = setTimeout(stop, silenceMs);
        this.#failures = 0;
        for (const event of parser.push(value)) this.#take(event.data);
      }
    } catch {
      // Every way to lose the stream is met the same way below: shown, and tried again.
    } finally {
      clearTimeout(watchdog);
      this.#ended.signal.removeEventListener('abort', stop);
    }
    this.#lost();
  }

  #alive(): void {
    this.#setState('live');
    if (this.#seen) this.#options.onResume();
    this.#seen = true;
  }

  #take(data: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(data);
    } catch {
      return;
    }
    const message = messageSchema.safeParse(parsed);
    if (!message.success) return;
    // Changes of another cloud process may have been missed.
    if (message.data.type === 'refetch') this.#options.onResume();
    else this.#options.onMessage(message.data);
  }

  #lost(): void {
    if (this.#ended.signal.aborted) return;
    this.#setState('lost');
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures) * (0.7 + Math.random() * 0.6);
    this.#failures += 1;
    this.#retry = setTimeout(() => void this.#run(), waitMs);
  }

  #setState(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state, Date.now());
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#retry);
    this.#ended.abort();
  }
}
