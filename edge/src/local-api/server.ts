import { chmodSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { HubError, toHubError } from '@hallhub/shared';
import type { Agent } from '../agent.js';
import type { Logger } from '../ports/index.js';
import { type LocalMethod, localMethods, maxRequestBytes, requestSchema } from './contract.js';
import { type LocalHandlers, localHandlers } from './handlers.js';
import { preferredSocketPath, socketPointerFile } from './socket-path.js';

const maxConnections = 32;
/** A reader that does not read must not make the agent keep everything for it. */
const maxUnreadBytes = 4 * 1024 * 1024;

/** The agent's side of the local line (contract.ts): for whoever may open the socket, which is the agent's own user. */
export class LocalApiServer {
  readonly #dataDir: string;
  readonly #handlers: LocalHandlers;
  readonly #logger: Logger;
  readonly #connections = new Set<net.Socket>();
  #server: net.Server | undefined;
  #socketPath: string | undefined;

  constructor(agent: Agent, logger: Logger) {
    this.#dataDir = agent.options.dataDir;
    this.#handlers = localHandlers(agent);
    this.#logger = logger;
  }

  get socketPath(): string | undefined {
    return this.#socketPath;
  }

  /** A line that cannot be opened leaves the agent running: it is said in the log. */
  async start(): Promise<void> {
    const socketPath = preferredSocketPath(this.#dataDir);
    try {
      makePrivateFolder(path.dirname(socketPath), this.#dataDir);
      // The store's lock proves that no other agent runs on this data: what lies here is a leftover.
      rmSync(socketPath, { force: true });
      const server = net.createServer((socket) => this.#serve(socket));
      server.maxConnections = maxConnections;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        // Made with its mode at once: between making and closing it somebody else could get in.
        const umask = process.umask(0o177);
        try {
          server.listen(socketPath, () => resolve());
        } finally {
          process.umask(umask);
        }
      });
      server.on('error', (error) => this.#logger.error({ error: error.message }, 'local line'));
      chmodSync(socketPath, 0o600);
      writeFileSync(path.join(this.#dataDir, socketPointerFile), `${socketPath}\n`, { mode: 0o600 });
      this.#server = server;
      this.#socketPath = socketPath;
    } catch (error) {
      this.#logger.error(
        { socketPath, error: (error as Error).message },
        'the local line cannot be opened: hub will not reach this agent',
      );
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#connections) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
    if (this.#socketPath) rmSync(this.#socketPath, { force: true });
  }

  #serve(socket: net.Socket): void {
    this.#connections.add(socket);
    const running = new Map<number, AbortController>();
    const closed = new HubError('cancelled', 'the connection was closed');
    socket.on('close', () => {
      this.#connections.delete(socket);
      for (const abort of running.values()) abort.abort(closed);
    });
    socket.on('error', () => socket.destroy());
    const send = (message: object): void => {
      if (socket.writableEnded || socket.destroyed) return;
      if (socket.writableLength > maxUnreadBytes) socket.destroy(new Error('the reader is too slow'));
      else socket.write(`${JSON.stringify(message)}\n`);
    };
    let held = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      const lines = (held + chunk).split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') this.#take(line, running, send);
      if (held.length > maxRequestBytes) {
        send({ id: null, error: { code: 'too_large', message: `a request is over ${maxRequestBytes} bytes` } });
        socket.end();
      }
    });
  }

  #take(line: string, running: Map<number, AbortController>, send: (message: object) => void): void {
    const request = requestSchema.safeParse(parse(line));
    if (!request.success) {
      send({ id: null, error: { code: 'invalid_input', message: 'not a request of the local API' } });
      return;
    }
    const { id } = request.data;
    if ('cancel' in request.data) {
      running.get(id)?.abort(new HubError('cancelled', 'cancelled by the caller'));
      return;
    }
    const { method, params } = request.data;
    const abort = new AbortController();
    running.set(id, abort);
    this.#call(method, params, { signal: abort.signal, item: (item) => send({ id, item }) })
      .then(
        (result) => send({ id, result: result ?? {} }),
        (error) => send({ id, error: wireError(error) }),
      )
      .finally(() => running.delete(id));
  }

  async #call(
    method: string,
    raw: unknown,
    stream: { signal: AbortSignal; item: (item: unknown) => void },
  ): Promise<unknown> {
    if (!Object.hasOwn(localMethods, method)) throw new HubError('not_found', `there is no method ${method}`);
    const name = method as LocalMethod;
    const params = localMethods[name].params.safeParse(raw);
    if (!params.success) {
      const reasons = params.error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`);
      throw new HubError('invalid_input', reasons.join('; '));
    }
    const handler = this.#handlers[name] as (params: unknown, stream: unknown) => unknown;
    return handler(params.data, stream);
  }
}

/** Beside the data folder nobody else may have a say in where the socket lies. */
const makePrivateFolder = (folder: string, dataDir: string): void => {
  if (path.resolve(folder) === path.resolve(dataDir)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Not followed: a link that somebody else put there leads where they want.
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new HubError('forbidden', `${folder} belongs to somebody else or is open to others`);
  }
};

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const wireError = (error: unknown) => {
  const { code, message, hint, context } = toHubError(error);
  return { code, message, hint, context: JSON.parse(JSON.stringify(context)) };
};
