import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { HubError } from '@hallhub/shared';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { HttpEnv } from './env.js';

export interface HttpServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** For sockets beside requests (`upgrade`). */
  readonly server: Pick<Server, 'on'>;
  /** Stops accepting, lets requests finish for `graceMs`, then cuts what is left (streams). */
  close(graceMs: number): Promise<void>;
}

/** Who sends a request by the drop, or opens sockets and says nothing, holds a socket so long and no longer. */
export interface ListenLimits {
  readonly headersMs: number;
  /** Headers and body together. */
  readonly requestMs: number;
  readonly maxConnections: number;
}

/** Requests of a route that bounds a body's pace itself: a file of gigabytes takes longer than `requestMs`. */
const unhurried = new WeakSet<object>();
export const unhurry = (socket: object | undefined): (() => void) => {
  if (socket) unhurried.add(socket);
  return () => void (socket && unhurried.delete(socket));
};

export const defaultListenLimits: ListenLimits = { headersMs: 15_000, requestMs: 120_000, maxConnections: 10_000 };

/** Longer than browsers and proxies keep a connection that rests: one that ended here just as they use it again would cost them that request. */
const idleMs = 75_000;
const closingLookMs = 50;

/** Errors: `configuration` where the address cannot be had. */
export const listen = async (
  app: Hono<HttpEnv>,
  at: { readonly host: string; readonly port: number; readonly limits?: Partial<ListenLimits> },
): Promise<HttpServer> => {
  const limits = { ...defaultListenLimits, ...at.limits };
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: idleMs,
    },
  }) as Server;
  server.maxConnections = limits.maxConnections;
  server.on('clientError', refuseRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(at, cause)));
    server.listen(at.port, at.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return {
    url: `http://${host}:${port}`,
    server,
    close: (graceMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        // Who is answered meanwhile keeps the connection, and nobody would come to it any more.
        const rest = setInterval(() => server.closeIdleConnections(), closingLookMs);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(rest);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};

const statusOfParserError: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** As Node answers by itself, but for those that may take their time. It tells of a late request once. */
const refuseRequest = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && unhurried.has(socket)) return;
  const { _httpMessage: answer } = socket as { _httpMessage?: { _headerSent?: boolean } };
  const status = statusOfParserError[error.code ?? ''] ?? '400 Bad Request';
  if (socket.writable && !answer?._headerSent) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  socket.destroy(error);
};

const cannotListen = ({ host, port }: { host: string; port: number }, cause: NodeJS.ErrnoException): HubError => {
  const why: Record<string, string> = {
    EADDRINUSE: 'it is in use',
    EACCES: 'this account may not use it',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  return new HubError('configuration', `Cannot listen on ${host}:${port}: ${why[cause.code ?? ''] ?? cause.message}`, {
    cause,
    hint: 'Choose another with --port or --host, or stop what uses it.',
  });
};
