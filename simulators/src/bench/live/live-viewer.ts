import { type LiveKind, readLiveMessage } from '@hallhub/shared/vision';
import { WebSocket } from 'ws';
import type { ApiClient } from '../../e2e/api-client.js';

/** One browser's socket for a camera, without the browser. */
export class LiveViewer implements Disposable {
  readonly #socket: WebSocket;
  #askedMs = performance.now();
  readonly #keys: number[] = [];
  #pictures = 0;
  #bytes = 0;
  #lastMs: number | undefined;
  #longestGapMs = 0;
  state = '';
  width = 0;
  /** The code with which the socket ended. */
  closedBy: number | undefined;

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code) => {
      this.closedBy = code;
    });
    this.#socket.on('message', (data: Buffer) => this.#take(data));
  }

  /** As a page does: a ticket, then the socket. Its clock begins before the ticket was asked for. */
  static async open(api: ApiClient, deviceId: string): Promise<LiveViewer> {
    const askedMs = performance.now();
    const { path, ticket } = await api.post<{ path: string; ticket: string }>('/video/watch', {
      deviceIds: [deviceId],
    });
    const url = `${api.origin.replace('http', 'ws')}${path}?ticket=${encodeURIComponent(ticket)}`;
    const viewer = new LiveViewer(url);
    viewer.#askedMs = askedMs;
    return viewer;
  }

  /** From asking for the ticket to the first key picture; undefined: none yet. */
  get firstPictureMs(): number | undefined {
    return this.#keys[0] === undefined ? undefined : this.#keys[0] - this.#askedMs;
  }

  /** To the first key picture that was made after somebody looked: what it would take without the group that is kept. */
  get nextKeyMs(): number | undefined {
    return this.#keys[1] === undefined ? undefined : this.#keys[1] - this.#askedMs;
  }

  get pictures(): number {
    return this.#pictures;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The longest time without a picture since it was asked last. */
  takeLongestGapMs(): number {
    const gap = this.#longestGapMs;
    this.#longestGapMs = 0;
    return gap;
  }

  /** Takes nothing any more: its kernel's buffer fills up, as a frozen tab's does. */
  freeze(): void {
    this.#socket.pause();
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #take(data: Buffer): void {
    const record = readLiveMessage(data.subarray(1));
    if (!record) return;
    const nowMs = performance.now();
    this.#bytes += data.length;
    const kind: LiveKind = record.kind;
    if (kind === 'state') this.state = stateText(record.payload);
    if (kind === 'describe') this.width = JSON.parse(Buffer.from(record.payload).toString()).width;
    if (kind === 'key') this.#keys.push(nowMs);
    if (kind !== 'key' && kind !== 'more') return;
    this.#pictures += 1;
    if (this.#lastMs !== undefined) this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }
}

const stateText = (payload: Uint8Array): string => {
  const { state, reason } = JSON.parse(Buffer.from(payload).toString()) as { state: string; reason?: string };
  return reason ? `${state} ${reason}` : state;
};
