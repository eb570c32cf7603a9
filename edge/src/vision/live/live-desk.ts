import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type Clock, type Timer, toHubError } from '@hallhub/shared';
import { type DownLive, encodeLiveRecord, liveJson } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import type { GatewayAnswer, GatewayRequest } from '../../identity/index.js';
import type { Logger } from '../../ports/index.js';

export interface LiveDeskOptions {
  /** Short enough for a socket's address. */
  readonly socketPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** One request to the gateway, as this unit. */
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  /** The child is to send that camera's records to the socket; false: it does not have that camera. */
  readonly start: (deviceId: string, to: { readonly socketPath: string; readonly token: string }) => boolean;
  readonly stop: (deviceId: string) => void;
}

interface Line {
  readonly deviceId: string;
  readonly token: string;
  readonly stopping: AbortController;
  untilMonoMs: number;
  body: PassThrough | undefined;
  socket: Socket | undefined;
}

const maxLines = 16;
/** The gateway ends a request after ten minutes; before that a new one goes on with the same stream. */
const requestLifeMs = 480_000;
const retryMs = 1_000;
const tokenBytes = 24;
const maxUnsentBytes = 1024 * 1024;

/**
 * On the agent's side: while somebody in the cloud looks at a camera (`down/live`, a lease), its records go up in a request of
 * their own, apart from the outbox's lanes. Ends by itself with the lease.
 */
export class LiveDesk {
  readonly #options: LiveDeskOptions;
  readonly #lines = new Map<string, Line>();
  #server: Server | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: LiveDeskOptions) {
    this.#options = options;
  }

  /** Cameras that somebody looks at now. */
  get watched(): readonly string[] {
    return [...this.#lines.keys()];
  }

  take({ deviceId, leaseMs }: DownLive): void {
    if (this.#isClosed) return;
    const { clock, logger } = this.#options;
    const untilMonoMs = clock.monotonicMs() + leaseMs;
    const known = this.#lines.get(deviceId);
    if (known) known.untilMonoMs = untilMonoMs;
    else if (this.#lines.size < maxLines) {
      const token = randomBytes(tokenBytes).toString('hex');
      const line: Line = {
        ...{ deviceId, token, untilMonoMs, stopping: new AbortController() },
        ...{ body: undefined, socket: undefined },
      };
      this.#lines.set(deviceId, line);
      void this.#run(line).finally(() => this.#lines.delete(deviceId));
    } else logger.warn({ deviceId, watched: this.#lines.size }, 'too many cameras are looked at');
    this.#sweep();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const line of this.#lines.values()) this.#end(line);
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(this.#options.socketPath, { force: true });
  }

  /** One request after another, for as long as the lease lasts. */
  async #run(line: Line): Promise<void> {
    const { clock, logger, request, start, stop } = this.#options;
    const { signal } = line.stopping;
    try {
      await this.#listen();
      while (!signal.aborted && clock.monotonicMs() < line.untilMonoMs) {
        const body = new PassThrough({ highWaterMark: maxUnsentBytes });
        body.on('error', () => undefined);
        line.body = body;
        const { socketPath } = this.#options;
        if (!start(line.deviceId, { socketPath, token: line.token })) {
          body.end(encodeLiveRecord(liveJson('state', { v: 1, state: 'refused', reason: 'not_watched' })));
        }
        const life = clock.setTimeout(() => body.end(), requestLifeMs);
        try {
          const { status } = await request({
            ...{ method: 'POST', path: `${gatewayPaths.live}/${line.deviceId}`, body, signal },
            headers: { 'content-type': 'application/octet-stream' },
          });
          // Nobody looks any more, or this is not ours: the next lease says otherwise.
          if (status === 409 || status === 404) break;
        } catch (error) {
          if (!signal.aborted)
            logger.debug({ deviceId: line.deviceId, error: toHubError(error).message }, 'a live request ended');
        } finally {
          life.cancel();
          body.destroy();
          line.socket?.destroy();
        }
        await clock.sleep(retryMs, signal);
      }
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ deviceId: line.deviceId, error: toHubError(error).message }, 'live pictures cannot be sent');
    } finally {
      stop(line.deviceId);
      this.#end(line);
    }
  }

  #end(line: Line): void {
    line.stopping.abort();
    line.body?.end();
    line.socket?.destroy();
  }

  #sweep(): void {
    this.#timer?.cancel();
    if (this.#isClosed || this.#lines.size === 0) return;
    const { clock } = this.#options;
    const first = Math.min(...[...this.#lines.values()].map(({ untilMonoMs }) => untilMonoMs));
    this.#timer = clock.setTimeout(
      () => {
        for (const line of this.#lines.values()) if (clock.monotonicMs() >= line.untilMonoMs) this.#end(line);
        this.#sweep();
      },
      Math.max(first - clock.monotonicMs(), 250),
    );
  }

  /** Where the child brings records; each connection says first which camera's. */
  async #listen(): Promise<void> {
    if (this.#server) return;
    const { socketPath, logger } = this.#options;
    rmSync(socketPath, { force: true });
    const server = createServer((socket) => this.#greet(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    server.on('error', (error) => logger.warn({ error: error.message }, 'the socket for live pictures failed'));
    chmodSync(socketPath, 0o600);
  }

  #greet(socket: Socket): void {
    let head = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(0x0a);
      if (end < 0 && head.length <= 2 * tokenBytes) return;
      socket.off('data', onData);
      const token = head.subarray(0, Math.max(end, 0)).toString('utf8');
      const line = [...this.#lines.values()].find((one) => one.token === token);
      if (!line?.body) return void socket.destroy();
      line.socket?.destroy();
      line.socket = socket;
      line.body.write(head.subarray(end + 1));
      socket.pipe(line.body, { end: false });
      socket.on('close', () => socket.unpipe());
    };
    socket.on('data', onData);
  }
}
