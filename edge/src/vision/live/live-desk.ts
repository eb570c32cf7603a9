import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type Timer, toHubError } from '@hallhub/shared';
import { type DownLive, encodeLiveRecord, type LiveForm, liveJson } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import type { PictureShare } from '../../link-budget/picture-share.js';
import { LiveLine, type LiveLineOptions } from './live-line.js';
import type { Quality } from './live-quality.js';

export interface LiveDeskOptions extends Omit<LiveLineOptions, 'deviceId' | 'form' | 'token' | 'share'> {
  readonly share: LiveLineOptions['share'] & Pick<PictureShare, 'begin'>;
  /** The line is paid for by volume: pictures go only to who asks for them all the same. */
  readonly isMetered: boolean;
  /** Streams that are encoded anew at one time. */
  readonly mostConversions: number;
}

export interface LiveStanding {
  readonly deviceId: string;
  readonly form: LiveForm;
  readonly quality: Quality;
  readonly bytes: number;
}

const maxLines = 16;
const tokenBytes = 24;
const refusedMs = 15_000;

/**
 * On the agent's side: while somebody in the cloud looks at a camera (`down/live`, a lease), its records go up in a request of
 * their own, apart from the outbox's lanes and after them. Ends by itself with the lease.
 */
export class LiveDesk {
  readonly #options: LiveDeskOptions;
  readonly #lines = new Map<string, LiveLine>();
  readonly #standings = new Map<string, { deviceId: string; form: LiveForm }>();
  /** Until when a refusal is not said again, monotonic. */
  readonly #refused = new Map<string, number>();
  #listening: Promise<void> | undefined;
  #server: Server | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  #bytesBefore = 0;
  /** Who has not said yet which camera's records it brings. */
  readonly #greeting = new Set<Socket>();

  constructor(options: LiveDeskOptions) {
    this.#options = options;
  }

  /** Cameras that somebody looks at now. */
  get watched(): readonly string[] {
    return [...new Set([...this.#standings.values()].map(({ deviceId }) => deviceId))];
  }

  get standings(): readonly LiveStanding[] {
    return [...this.#lines].flatMap(([key, line]) => {
      const of = this.#standings.get(key);
      return of ? [{ ...of, ...line.state }] : [];
    });
  }

  /** Bytes of pictures since the start. */
  get sentBytes(): number {
    return [...this.#lines.values()].reduce((sum, { state }) => sum + state.bytes, this.#bytesBefore);
  }

  take({ deviceId, leaseMs, form = 'copy', despiteMetered = false }: DownLive): void {
    if (this.#isClosed) return;
    const { clock, share, isMetered, mostConversions } = this.#options;
    const key = `${deviceId} ${form}`;
    const known = this.#lines.get(key);
    const untilMonoMs = clock.monotonicMs() + leaseMs;
    const conversions = [...this.#standings.values()].filter((one) => one.form === 'mpeg1').length;
    const isFull = this.#lines.size >= maxLines || (form === 'mpeg1' && conversions >= mostConversions);
    if (isMetered && !despiteMetered) {
      // Who asked for pictures goes on asking: without them it ends, whoever else looks.
      if (!known) void this.#refuse(deviceId, form, 'metered');
    } else if (known) known.untilMonoMs = Math.max(known.untilMonoMs, untilMonoMs);
    else if (isFull) void this.#refuse(deviceId, form, 'busy');
    else {
      if (this.#lines.size === 0) share.begin();
      const token = randomBytes(tokenBytes).toString('hex');
      const line = new LiveLine({ ...this.#options, deviceId, form, token });
      line.untilMonoMs = untilMonoMs;
      this.#lines.set(key, line);
      this.#standings.set(key, { deviceId, form });
      void this.#serve(key, line);
    }
    this.#sweep();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const line of this.#lines.values()) line.end();
    for (const socket of this.#greeting) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(this.#options.socketPath, { force: true });
  }

  async #serve(key: string, line: LiveLine): Promise<void> {
    const { logger } = this.#options;
    try {
      this.#listening ??= this.#listen();
      await this.#listening;
      await line.run();
    } catch (error) {
      this.#listening = undefined;
      logger.warn({ error: toHubError(error).message }, 'live pictures cannot be sent');
    } finally {
      this.#bytesBefore += line.state.bytes;
      this.#lines.delete(key);
      this.#standings.delete(key);
    }
  }

  /** Says why there are no pictures, once in a while. */
  async #refuse(deviceId: string, form: LiveForm, reason: string): Promise<void> {
    const { clock, request, logger } = this.#options;
    const key = `${deviceId} ${form}`;
    const nowMs = clock.monotonicMs();
    for (const [one, untilMs] of this.#refused) if (untilMs <= nowMs) this.#refused.delete(one);
    if (this.#refused.has(key) || this.#refused.size >= 64) return;
    this.#refused.set(key, nowMs + refusedMs);
    try {
      await request({
        ...{ method: 'POST', headers: { 'content-type': 'application/octet-stream' } },
        path: `${gatewayPaths.live}/${deviceId}${form === 'copy' ? '' : `?form=${form}`}`,
        body: encodeLiveRecord(liveJson('state', { v: 1, state: 'refused', reason })),
      });
    } catch (error) {
      logger.debug({ deviceId, error: toHubError(error).message }, 'a refusal of live pictures was not said');
    }
  }

  #sweep(): void {
    this.#timer?.cancel();
    if (this.#isClosed || this.#lines.size === 0) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    // At each look, too: looks at others that come faster than the timer would put it off for ever.
    for (const line of this.#lines.values()) if (nowMs >= line.untilMonoMs) line.end();
    const first = Math.min(...[...this.#lines.values()].map(({ untilMonoMs }) => untilMonoMs));
    this.#timer = clock.setTimeout(() => this.#sweep(), Math.max(first - nowMs, 250));
  }

  /** Where the child brings records; each connection says first which camera's. */
  async #listen(): Promise<void> {
    const { socketPath, logger } = this.#options;
    rmSync(socketPath, { force: true });
    const server = createServer((socket) => this.#greet(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    server.on('error', (error) => logger.warn({ error: error.message }, 'the socket for live pictures failed'));
    chmodSync(socketPath, 0o600);
    this.#server = server;
  }

  #greet(socket: Socket): void {
    let head = Buffer.alloc(0);
    this.#greeting.add(socket);
    socket.on('close', () => this.#greeting.delete(socket));
    socket.on('error', () => socket.destroy());
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(0x0a);
      if (end < 0 && head.length <= 2 * tokenBytes) return;
      socket.off('data', onData);
      this.#greeting.delete(socket);
      const token = head.subarray(0, Math.max(end, 0)).toString('utf8');
      const line = [...this.#lines.values()].find((one) => one.token === token);
      if (!line) return void socket.destroy();
      line.attach(socket, head.subarray(end + 1));
    };
    socket.on('data', onData);
  }
}
