import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyMode = 'pass' | 'cut' | 'blackhole';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** `cut` resets what is open and refuses what comes; `blackhole` accepts and swallows, as a dead route does. */
  set(mode: ProxyMode, options?: { delayMs?: number }): void;
  /** Resets the open connections once and lets new ones through. */
  reset(): void;
  readonly connections: number;
}

/**
 * A wire that can be cut: stands between a client and a TCP server on this machine.
 * Real networks fail by silence as well as by reset, so both can be had.
 */
export const openTcpProxy = async (target: { host?: string; port: number }, listenPort = 0): Promise<TcpProxy> => {
  let mode: ProxyMode = 'pass';
  let delayMs = 0;
  const pairs = new Set<{ client: Socket; upstream: Socket }>();

  const forward = (from: Socket, to: Socket) => {
    from.on('data', (chunk) => {
      if (mode === 'blackhole') return;
      if (delayMs === 0) {
        if (!to.write(chunk)) from.pause();
      } else setTimeout(() => void (to.destroyed || to.write(chunk)), delayMs);
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  };

  const server: Server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => undefined);
    if (mode === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port, noDelay: true });
    const pair = { client, upstream };
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    upstream.on('error', () => client.destroy());
    forward(client, upstream);
    forward(upstream, client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenPort, '127.0.0.1', resolve);
  });

  const reset = () => {
    for (const { client, upstream } of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    pairs.clear();
  };

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    set(next, options = {}) {
      mode = next;
      delayMs = options.delayMs ?? 0;
      if (next === 'cut') reset();
    },
    reset,
    async [Symbol.asyncDispose]() {
      reset();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
