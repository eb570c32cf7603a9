import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '@hallhub/shared';
import { type LiveRecord, liveMessage } from '@hallhub/shared/vision';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LiveViewer } from './live-channel.js';
import type { LiveHub } from './live-hub.js';
import type { LiveTicket, LiveTickets } from './live-ticket.js';

export const livePath = '/api/v1/video/live';

export interface LiveSocketsOptions {
  readonly hub: LiveHub;
  readonly tickets: LiveTickets;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a browser has not taken yet: about two seconds of a good picture. Beyond, it waits for a key picture. */
const maxUnsentBytes = 2 * 1024 * 1024;
/** One that takes nothing at all for so long is gone. */
const stuckMs = 20_000;
const maxSockets = 2_000;
/** A window has one socket; nobody alone takes all there are. */
const maxSocketsOfUser = 100;

/** Browsers' sockets for live pictures. Hangs on the server's `upgrade`; other upgrades are refused. */
export class LiveSockets {
  readonly #options: LiveSocketsOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: 16_384,
    perMessageDeflate: false,
    clientTracking: true,
  });
  readonly #byUser = new Map<string, number>();

  constructor(options: LiveSocketsOptions) {
    this.#options = options;
  }

  attach(server: Pick<Server, 'on'>): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  close(): void {
    for (const socket of this.#server.clients) socket.close(1001, 'the server stops');
    setTimeout(() => {
      for (const socket of this.#server.clients) socket.terminate();
    }, 500).unref();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refuse = (status: string) =>
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    const text = request.url ?? '/';
    // Anything can stand in a request line, and `//` is no address.
    if (!URL.canParse(text, 'http://console')) return void refuse('400 Bad Request');
    const url = new URL(text, 'http://console');
    if (url.pathname !== livePath) return void refuse('404 Not Found');
    if (this.#server.clients.size >= maxSockets) return void refuse('503 Service Unavailable');
    const ticket = this.#read(url.searchParams.get('ticket') ?? '');
    if (!ticket) return void refuse('403 Forbidden');
    if ((this.#byUser.get(ticket.userId) ?? 0) >= maxSocketsOfUser) return void refuse('429 Too Many Requests');
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client, ticket));
  }

  /** Undefined for a foreign one and for one whose time is over. */
  #read(text: string): LiveTicket | undefined {
    const ticket = this.#options.tickets.read(text);
    return ticket && ticket.endsAt > this.#options.clock.now() ? ticket : undefined;
  }

  #serve(client: WebSocket, first: LiveTicket): void {
    const { hub, clock, log } = this.#options;
    this.#byUser.set(first.userId, (this.#byUser.get(first.userId) ?? 0) + 1);
    let end: Timer | undefined;
    let stuck: Timer | undefined;
    const leaves = first.cameras.map((camera, index) => hub.watch(camera, viewerOf(client, index)));
    const stop = () => {
      end?.cancel();
      stuck?.cancel();
      for (const leave of leaves) leave();
      const others = (this.#byUser.get(first.userId) ?? 1) - 1;
      if (others > 0) this.#byUser.set(first.userId, others);
      else this.#byUser.delete(first.userId);
    };
    const lasts = (ticket: LiveTicket) => {
      end?.cancel();
      end = clock.setTimeout(() => client.close(4_001, 'the ticket ended'), ticket.endsAt - clock.now());
    };
    let unsent = 0;
    const watch = () => {
      if (client.bufferedAmount > 0 && client.bufferedAmount >= unsent && unsent > 0) return client.terminate();
      unsent = client.bufferedAmount;
      stuck = clock.setTimeout(watch, stuckMs);
    };
    client.on('message', (data, isBinary) => {
      const ticket = isBinary ? undefined : this.#read(String(data));
      const isSame =
        ticket?.userId === first.userId &&
        ticket.cameras.length === first.cameras.length &&
        ticket.cameras.every(({ deviceId }) => first.cameras.some((camera) => camera.deviceId === deviceId));
      if (ticket && isSame) lasts(ticket);
      else client.close(4_003, 'not a ticket for these cameras');
    });
    client.on('close', stop);
    client.on('error', (error) => log.debug({ err: error }, 'a socket for live pictures failed'));
    lasts(first);
    watch();
  }
}

const viewerOf = (client: WebSocket, index: number): LiveViewer => ({
  get isBehind() {
    return client.bufferedAmount > maxUnsentBytes;
  },
  send: (record: LiveRecord) => {
    if (client.readyState !== client.OPEN) return;
    const message = liveMessage(record);
    const bytes = new Uint8Array(1 + message.length);
    bytes[0] = index;
    bytes.set(message, 1);
    client.send(bytes);
  },
});
