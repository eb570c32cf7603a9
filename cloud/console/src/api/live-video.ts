import { type LiveForm, type LiveRecord, readLiveMessage } from '@hallhub/shared/vision';
import { post } from './request.js';

interface Ticket {
  ticket: string;
  endsAt: string;
  path: string;
}

interface LiveVideoOptions {
  /** The camera's place in `deviceIds`, and one of its records. */
  onRecord: (index: number, record: LiveRecord) => void;
  /** The socket is gone and is tried again; `error`: what the last try said. */
  onLost: (error: unknown) => void;
  /** Also over a line that is paid for by volume. */
  despiteMetered?: boolean | undefined;
}

const renewBeforeMs = 40_000;
const firstRetryMs = 1_000;
const longestRetryMs = 15_000;

/** One socket for the pictures of up to nine cameras: reconnects with growing, jittered waits. */
export class LiveVideo implements Disposable {
  readonly #deviceIds: readonly string[];
  readonly #options: LiveVideoOptions;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #ended = false;

  constructor(deviceIds: readonly string[], options: LiveVideoOptions) {
    this.#deviceIds = deviceIds;
    this.#options = options;
    void this.#open();
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** In another form from now on; a new socket begins with the camera's own again. */
  ask(index: number, form: LiveForm): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ camera: index, form }));
  }

  async #open(): Promise<void> {
    try {
      const ticket = await this.#ask();
      if (this.#ended) return;
      const url = new URL(ticket.path, location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      url.searchParams.set('ticket', ticket.ticket);
      const socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }) => this.#take(data);
      socket.onclose = () => {
        clearTimeout(this.#timer);
        if (!this.#ended) this.#lost(undefined);
      };
      this.#socket = socket;
      this.#renewLater(ticket);
    } catch (error) {
      if (!this.#ended) this.#lost(error);
    }
  }

  #ask(renew?: string): Promise<Ticket> {
    return post<Ticket>('/video/watch', {
      deviceIds: this.#deviceIds,
      ...(renew ? { renew } : {}),
      ...(this.#options.despiteMetered ? { despiteMetered: true } : {}),
    });
  }

  #renewLater({ ticket, endsAt }: Ticket): void {
    // The browser's clock may be wrong: it is only ever asked too early.
    const inMs = Math.min(Math.max(Date.parse(endsAt) - Date.now() - renewBeforeMs, 10_000), 80_000);
    this.#timer = setTimeout(async () => {
      try {
        const next = await this.#ask(ticket);
        if (this.#ended) return;
        this.#socket?.send(next.ticket);
        this.#renewLater(next);
      } catch {
        // The socket ends with its ticket, and is opened again as any other that was lost.
      }
    }, inMs);
  }

  #take(data: unknown): void {
    if (!(data instanceof ArrayBuffer) || data.byteLength < 2) return;
    this.#failures = 0;
    const bytes = new Uint8Array(data);
    const record = readLiveMessage(bytes.subarray(1));
    if (record) this.#options.onRecord(bytes[0] as number, record);
  }

  #lost(error: unknown): void {
    this.#options.onLost(error);
    const waitMs = Math.min(firstRetryMs * 2 ** this.#failures, longestRetryMs) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#open(), waitMs);
  }
}
