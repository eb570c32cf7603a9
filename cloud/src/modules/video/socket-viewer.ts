import { type LiveRecord, liveKinds } from '@hallhub/shared/vision';
import type { WebSocket } from 'ws';
import type { LiveViewer } from './live-channel.js';

/** What a browser has not taken yet: about two seconds of a good picture. Beyond, it waits for a key picture. */
const maxUnsentBytes = 2 * 1024 * 1024;

/** However many look at a camera, a record is made into a message once for each place on a wall. */
const messages = new WeakMap<LiveRecord, Map<number, Uint8Array>>();

const messageOf = (record: LiveRecord, index: number): Uint8Array => {
  const made = messages.get(record) ?? new Map<number, Uint8Array>();
  messages.set(record, made);
  const known = made.get(index);
  if (known) return known;
  const bytes = new Uint8Array(2 + record.payload.length);
  bytes[0] = index;
  bytes[1] = liveKinds.indexOf(record.kind);
  bytes.set(record.payload, 2);
  made.set(index, bytes);
  return bytes;
};

/** One camera's place on one browser's socket. */
export class SocketViewer implements LiveViewer {
  readonly #client: WebSocket;
  readonly #index: number;
  readonly #figures: { bytes: number; leftOut: number };
  wantsTracks = false;

  constructor(of: {
    readonly client: WebSocket;
    /** Of the camera in the ticket. */
    readonly index: number;
    readonly figures: { bytes: number; leftOut: number };
  }) {
    this.#client = of.client;
    this.#index = of.index;
    this.#figures = of.figures;
  }

  get isBehind(): boolean {
    const isBehind = this.#client.bufferedAmount > maxUnsentBytes;
    if (isBehind) this.#figures.leftOut += 1;
    return isBehind;
  }

  send(record: LiveRecord): void {
    if (this.#client.readyState !== this.#client.OPEN) return;
    const message = messageOf(record, this.#index);
    this.#figures.bytes += message.length;
    this.#client.send(message);
  }
}
