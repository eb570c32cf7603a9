import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { HubError } from '@hallhub/shared';
import type { TlsListenerOptions } from './broker-contract.js';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsListenerOptions | undefined;
  readonly maxConnections: number;
  readonly onSocket: (socket: net.Socket) => void;
  readonly onDropped: (address: string, reason: string) => void;
  readonly onError: (error: Error) => void;
}

/** The ports that devices connect to: a plain one and, where there is a certificate, one with TLS. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<net.Socket>();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  get port(): number | undefined {
    return portOf(this.#servers[0]);
  }

  get tlsPort(): number | undefined {
    return portOf(this.#servers[1]);
  }

  /** Throws `configuration` where a port cannot be had or a certificate cannot be used, with what to do about it. */
  async start(): Promise<void> {
    const { host, port, tls: secure } = this.#options;
    await this.#listen(
      net.createServer(socketOptions, (socket) => this.#accept(socket)),
      host,
      port,
      'broker.port',
    );
    if (!secure) return;
    await this.#listen(this.#secureServer(secure), host, secure.port, 'broker.tls.port');
  }

  async stop(): Promise<void> {
    const closing = this.#servers
      .splice(0)
      .filter((server) => server.listening)
      .map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closing);
  }

  #secureServer({ cert, key }: TlsListenerOptions): net.Server {
    try {
      const server = tls.createServer(
        { ...socketOptions, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 },
        (socket) => this.#accept(socket),
      );
      server.on('tlsClientError', (error, socket) =>
        this.#options.onDropped(addressOf(socket), `TLS: ${error.message}`),
      );
      // A handshake under way is a connection, too, and ends with the listener.
      server.on('connection', (socket: net.Socket) => this.#hold(socket));
      return server;
    } catch (cause) {
      throw new HubError('configuration', `the broker's certificate cannot be used: ${(cause as Error).message}`, {
        cause,
        hint: 'broker.tls in edge.yaml names a PEM certificate and the key that belongs to it.',
      });
    }
  }

  async #listen(server: net.Server, host: string, port: number, setting: string): Promise<void> {
    server.maxConnections = this.#options.maxConnections;
    server.on('drop', (data) => this.#options.onDropped(`${data?.remoteAddress}`, 'too many connections'));
    this.#servers.push(server);
    try {
      await listen(server, host, port);
    } catch (error) {
      throw listenError(error, { host, port, setting });
    }
    server.on('error', (error) => this.#options.onError(error));
  }

  #accept(socket: net.Socket): void {
    this.#hold(socket);
    this.#options.onSocket(socket);
  }

  #hold(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** Reads certificate and key. Throws `configuration`. */
export const readTls = (files: { port: number; cert: string; key: string }, folder: string): TlsListenerOptions => {
  const read = (name: 'cert' | 'key'): Buffer => {
    try {
      return readFileSync(path.resolve(folder, files[name]));
    } catch (cause) {
      throw new HubError('configuration', `broker.tls.${name} cannot be read: ${(cause as Error).message}`, {
        cause,
        hint: 'Correct broker.tls in edge.yaml, or let this user read the file.',
      });
    }
  };
  return { port: files.port, cert: read('cert'), key: read('key') };
};

const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };

export const addressOf = (socket: Pick<net.Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`;

const portOf = (server: net.Server | undefined): number | undefined => {
  const address = server?.address();
  return address && typeof address === 'object' ? address.port : undefined;
};

const listen = (server: net.Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });

const listenError = (error: unknown, at: { host: string; port: number; setting: string }): HubError => {
  const { host, port, setting } = at;
  const code = (error as { code?: string }).code;
  const where = `${host}:${port}`;
  const hints: Record<string, [string, string]> = {
    EADDRINUSE: [
      `port ${where} is in use`,
      `Stop what listens there (ss -ltnp | grep ${port}), or set ${setting} in edge.yaml.`,
    ],
    EACCES: [`port ${where} may not be used by this user`, `Set ${setting} in edge.yaml to one above 1023.`],
    EADDRNOTAVAIL: [
      `${host} is no address of this machine`,
      'Set broker.host in edge.yaml to 0.0.0.0 or to an address that `ip addr` shows.',
    ],
  };
  const [message, hint] = hints[code ?? ''] ?? [
    `the broker cannot listen on ${where}: ${(error as Error).message}`,
    'Check broker in edge.yaml.',
  ];
  return new HubError('configuration', message, { cause: error, hint, context: { host, port, code } });
};
