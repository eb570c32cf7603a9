import net from 'node:net';
import { HubError } from '@hallhub/shared';
import type { ByteLink, LinkListener, LinkOpener } from './byte-link.js';
import { LinkEvents } from './link-events.js';

export interface TcpLinkOptions {
  readonly host: string;
  readonly port: number;
  /** Default 5 s. */
  readonly connectTimeoutMs?: number;
}

/** More than this not yet taken by the peer means that it has stopped reading. */
const maxUnsentBytes = 1_048_576;

/** A link on which nothing is said is asked whether it still stands; its end is known some 20 s after the peer vanished. */
const keepAliveAfterMs = 10_000;

/** Opens a TCP connection without Nagle's delay; a reset or FIN closes the link at once. */
export const tcpLinkOpener = (options: TcpLinkOptions): LinkOpener => {
  const name = `tcp://${net.isIPv6(options.host) ? `[${options.host}]` : options.host}:${options.port}`;
  return { name, open: (signal) => openTcpLink(name, options, signal) };
};

const openTcpLink = (name: string, options: TcpLinkOptions, signal: AbortSignal): Promise<ByteLink> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = net.connect({
      host: options.host,
      port: options.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveAfterMs,
    });
    socket.setTimeout(options.connectTimeoutMs ?? 5_000);
    const onAbort = () => fail(signal.reason);
    const onTimeout = () =>
      fail(new HubError('timeout', `no connection to ${name} in time`, { context: { link: name } }));
    const onError = (cause: Error) => fail(refused(name, cause));
    const done = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('timeout', onTimeout).off('error', onError).setTimeout(0);
    };
    const fail = (reason: unknown) => {
      done();
      socket.on('error', () => undefined).destroy();
      reject(reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('timeout', onTimeout).once('error', onError);
    socket.once('connect', () => {
      done();
      resolve(new TcpLink(name, socket));
    });
  });

const refused = (name: string, cause: Error): HubError => {
  const code = (cause as NodeJS.ErrnoException).code;
  return new HubError('link_refused', `cannot connect to ${name}: ${code ?? cause.message}`, {
    cause,
    context: { link: name, errno: code },
    hint:
      code === 'ECONNREFUSED'
        ? 'the host answers, but nothing listens there: check the port'
        : 'check address and network',
  });
};

class TcpLink implements ByteLink {
  readonly #events = new LinkEvents();
  #error: Error | undefined;

  constructor(
    readonly name: string,
    private readonly socket: net.Socket,
  ) {
    socket.on('data', (bytes) => this.#events.data(bytes));
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#events.closed(this.#lost()));
  }

  get isOpen(): boolean {
    return !this.#events.isClosed && this.socket.writable;
  }

  listen(listener: LinkListener): void {
    this.#events.listen(listener);
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) throw this.#lost();
    this.socket.write(bytes);
    if (this.socket.writableLength > maxUnsentBytes) {
      this.socket.destroy(new Error('the other side has stopped reading'));
    }
  }

  async close(): Promise<void> {
    this.#events.closed();
    this.socket.destroy();
  }

  #lost(): HubError {
    const why = this.#error
      ? ((this.#error as NodeJS.ErrnoException).code ?? this.#error.message)
      : 'closed by the other side';
    return new HubError('link_lost', `${this.name} was lost: ${why}`, {
      cause: this.#error,
      context: { link: this.name },
    });
  }
}
