import { createServer, type Socket } from 'node:net';
import { HubError } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { AdmissionGate } from './admission-gate.js';
import type { UnitNetworks } from './unit-networks.js';

export interface UnitListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The flag that names the port, for messages: `--mqtts-port`. */
  readonly flag: string;
  readonly gate: AdmissionGate;
  /** Null: from everywhere. */
  readonly networks: UnitNetworks | null;
  readonly maxConnections: number;
  readonly log: Logger;
  readonly onForbidden: (socket: Socket) => void;
  /** A connection that was let in; nothing was read from it yet. */
  readonly onSocket: (socket: Socket) => void;
}

export interface UnitListener {
  readonly port: number;
  readonly connections: number;
  /** Stops listening; who is connected goes on. */
  stop(): void;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** One TCP port for units, behind the gate. Errors: `configuration` where the port cannot be had. */
export const openUnitListener = async (options: UnitListenerOptions): Promise<UnitListener> => {
  const { gate, networks, log } = options;
  const sockets = new Set<Socket>();
  const server = createServer(
    // Paused: what waits at the gate is not read. Keep-alive finds peers that went without a word.
    { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
    (socket) => {
      if (networks && !networks.allows(socket.remoteAddress)) {
        options.onForbidden(socket);
        socket.on('error', () => {});
        socket.resetAndDestroy();
        return;
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      gate.enter(socket, () => options.onSocket(socket));
    },
  );
  server.maxConnections = options.maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(options, cause)));
    server.listen({ host: options.host, port: options.port, backlog: 4_096 }, resolve);
  });
  server.removeAllListeners('error');
  // Out of file descriptors, mostly: those who are connected go on.
  server.on('error', (error) => log.error({ err: error, port: options.flag }, 'a port for units is in trouble'));
  const address = server.address();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= new Promise((resolve) => server.close(() => resolve()));
    return stopped;
  };
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    get connections() {
      return sockets.size;
    },
    stop: () => void stop(),
    close: async () => {
      const closed = stop();
      gate.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

const cannotListen = (
  { host, port, flag }: Pick<UnitListenerOptions, 'host' | 'port' | 'flag'>,
  cause: NodeJS.ErrnoException,
): HubError =>
  new HubError('configuration', `The port ${host}:${port} for units cannot be opened: ${cause.message}`, {
    cause,
    hint:
      cause.code === 'EADDRINUSE'
        ? `Something else listens there: stop it, or choose another port with ${flag}.`
        : `Choose another port with ${flag}, or another address to listen on.`,
  });
