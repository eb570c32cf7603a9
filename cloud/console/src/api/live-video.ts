import { type LiveForm, type LiveRecord, readLiveMessage, type SteerAction } from '@hallhub/shared/vision';
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
  /** Whether this window has a camera in hand. */
  onSteer?: ((index: number, state: 'held' | 'lost') => void) | undefined;
}

export interface SteerGrant {
  /** Null: somebody else has it. */
  ticket: string | null;
  session: string | null;
  endsAt: string | null;
  heldBy: { name: string; since: string; canTakeOver: boolean } | null;
}

export const takeInHand = (deviceId: string, over: { takeOver?: boolean; renew?: string } = {}) =>
  post<SteerGrant>('/video/steer', { deviceId, ...over });

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
  readonly #tracks = new Set<number>();

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
    this.#say({ camera: index, form });
  }

  /** Whether what is followed in the pictures comes with them; holds for sockets to come. */
  showTracks(index: number, shown: boolean): void {
    if (shown) this.#tracks.add(index);
    else this.#tracks.delete(index);
    this.#say({ camera: index, tracks: shown });
  }

  /** Shows the ticket of a camera that was taken in hand. */
  steerWith(ticket: string): void {
    this.#say({ steer: ticket });
  }

  /** Nothing of it waits: what cannot be said now is not said. */
  steer(index: number, action: SteerAction): void {
    this.#say({ camera: index, do: action });
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
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
      socket.onopen = () => {
        for (const index of this.#tracks) this.#say({ camera: index, tracks: true });
      };
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
    if (typeof data === 'string') this.#hear(data);
    if (!(data instanceof ArrayBuffer) || data.byteLength < 2) return;
    this.#failures = 0;
    const bytes = new Uint8Array(data);
    const record = readLiveMessage(bytes.subarray(1));
    if (record) this.#options.onRecord(bytes[0] as number, record);
  }

  #hear(text: string): void {
    const { steer } = JSON.parse(text) as { steer?: { camera: number; state: 'held' | 'lost' } };
    if (steer) this.#options.onSteer?.(steer.camera, steer.state);
  }

  #lost(error: unknown): void {
    this.#options.onLost(error);
    const waitMs = Math.min(firstRetryMs * 2 ** this.#failures, longestRetryMs) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#open(), waitMs);
  }
}
