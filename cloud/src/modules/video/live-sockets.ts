import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '@hallhub/shared';
import { liveForms } from '@hallhub/shared/vision';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { LiveHub } from './live-hub.js';
import type { LiveTicket, LiveTickets } from './live-ticket.js';
import { SocketViewer } from './socket-viewer.js';
import { type SteeringOptions, SteerLine, steerMessageSchema } from './steering/steer-line.js';

export const livePath = '/api/v1/video/live';

export interface LiveSocketsOptions {
  readonly hub: LiveHub;
  readonly tickets: LiveTickets;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the holder may still do what the ticket says. */
  readonly mayStill: (ticket: LiveTicket) => Promise<boolean>;
  /** Left out: nothing is turned from here. */
  readonly steering?: SteeringOptions;
}

/** One that takes nothing at all for so long is gone. */
const stuckMs = 20_000;
const maxSockets = 2_000;
/** A window has one socket; nobody alone takes all there are. */
const maxSocketsOfUser = 100;
/** So often is asked whether people may still see what they see: less than a lease. */
const askEveryMs = 8_000;
/** Of form, on one socket. */
const maxChanges = 100;
const formSchema = z.strictObject({ camera: z.number().int().min(0).max(15), form: z.enum(liveForms) });
/** Whether what is followed in the pictures is shown. */
const tracksSchema = z.strictObject({ camera: z.number().int().min(0).max(15), tracks: z.boolean() });

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
  readonly #open = new Map<WebSocket, LiveTicket>();
  #asking: Timer | undefined;

  constructor(options: LiveSocketsOptions) {
    this.#options = options;
  }

  attach(server: Pick<Server, 'on'>): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  /** Bytes that viewers were sent since the start, and pictures that were left out because one did not keep up. */
  readonly figures = { bytes: 0, leftOut: 0 };

  close(): void {
    this.#asking?.cancel();
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
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client, ticket, socket as Socket));
  }

  /** Undefined for a foreign one and for one whose time is over. */
  #read(text: string): LiveTicket | undefined {
    const ticket = this.#options.tickets.read(text);
    return ticket && ticket.endsAt > this.#options.clock.now() ? ticket : undefined;
  }

  /** Whoever lost the right, or whose camera or unit is gone, sees nothing more. */
  #askLater(): Timer {
    return this.#options.clock.setTimeout(async () => {
      const asked = new Map<string, Promise<boolean>>();
      for (const [client, ticket] of this.#open) {
        const key = JSON.stringify([ticket.userId, ticket.apiKeyId, ticket.cameras]);
        const answer = asked.get(key) ?? this.#options.mayStill(ticket);
        asked.set(key, answer);
        try {
          if (!(await answer)) client.close(4_003, 'the right was withdrawn');
        } catch (error) {
          // Nobody can be asked: the ticket ends soon.
          this.#options.log.warn({ err: error }, 'who may see live pictures could not be looked up');
        }
      }
      this.#asking = this.#open.size > 0 ? this.#askLater() : undefined;
    }, askEveryMs);
  }

  #serve(client: WebSocket, first: LiveTicket, socket: Socket): void {
    const { hub, clock, log } = this.#options;
    this.#byUser.set(first.userId, (this.#byUser.get(first.userId) ?? 0) + 1);
    let end: Timer | undefined;
    let stuck: Timer | undefined;
    const { despiteMetered } = first;
    const viewers = first.cameras.map((_camera, index) => new SocketViewer({ client, index, figures: this.figures }));
    const leaves = viewers.map((viewer, i) => hub.watch({ ...cameraOf(first, i), despiteMetered }, viewer));
    this.#open.set(client, first);
    this.#asking ??= this.#askLater();
    let changes = 0;
    const who = { tenantId: first.tenantId, personId: first.apiKeyId ?? first.userId, apiKeyId: first.apiKeyId };
    const steering =
      this.#options.steering &&
      new SteerLine({
        ...{ ...this.#options.steering, ...who, cameras: first.cameras.map(({ deviceId }) => deviceId) },
        say: (text) => client.readyState === client.OPEN && client.send(text),
      });
    const showTracks = ({ camera, tracks }: z.infer<typeof tracksSchema>) => {
      const viewer = viewers[camera];
      if (!viewer) return;
      viewer.wantsTracks = tracks;
      hub.wantsChanged(cameraOf(first, camera).deviceId);
    };
    /** A browser that cannot play what the camera sends asks for another form. */
    const change = (text: string) => {
      const said = jsonOf(text);
      const steered = steerMessageSchema.safeParse(said);
      if (steered.success) return steering?.take(steered.data);
      const shown = tracksSchema.safeParse(said);
      if (shown.success && ++changes <= maxChanges) return showTracks(shown.data);
      const asked = formSchema.safeParse(said);
      const viewer = asked.success ? viewers[asked.data.camera] : undefined;
      if (!asked.success || !viewer || ++changes > maxChanges) return client.close(4_003, 'not understood');
      const { camera, form } = asked.data;
      if (client.readyState !== client.OPEN) return;
      leaves[camera]?.();
      leaves[camera] = hub.watch({ ...cameraOf(first, camera), despiteMetered, form }, viewer);
    };
    const stop = () => {
      end?.cancel();
      stuck?.cancel();
      this.#open.delete(client);
      steering?.end();
      for (const leave of leaves) leave();
      const others = (this.#byUser.get(first.userId) ?? 1) - 1;
      if (others > 0) this.#byUser.set(first.userId, others);
      else this.#byUser.delete(first.userId);
    };
    const lasts = (ticket: LiveTicket) => {
      end?.cancel();
      end = clock.setTimeout(() => client.close(4_001, 'the ticket ended'), ticket.endsAt - clock.now());
    };
    // What the kernel took, not what waits: a slow one takes little, a gone one nothing.
    const takenBytes = () => socket.bytesWritten - socket.writableLength;
    let takenBefore = -1;
    const watch = () => {
      const taken = takenBytes();
      if (client.bufferedAmount > 0 && taken === takenBefore) return client.terminate();
      takenBefore = taken;
      stuck = clock.setTimeout(watch, stuckMs);
    };
    client.on('message', (data, isBinary) => {
      if (!isBinary && String(data).startsWith('{')) return void change(String(data));
      const ticket = isBinary ? undefined : this.#read(String(data));
      const isSame =
        ticket?.userId === first.userId &&
        ticket.apiKeyId === first.apiKeyId &&
        // What a line costs is paid for as long as somebody may.
        ticket.despiteMetered === despiteMetered &&
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

const cameraOf = ({ cameras }: LiveTicket, at: number): LiveTicket['cameras'][number] => {
  const camera = cameras[at];
  if (!camera) throw new RangeError(`a ticket without camera ${at}`);
  return camera;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
