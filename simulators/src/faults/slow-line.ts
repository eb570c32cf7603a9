import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface SlowLine extends AsyncDisposable {
  /** Local ports, in the order of the targets. */
  readonly ports: readonly number[];
  /** Bytes that went up so far. */
  readonly sentBytes: number;
  /** From now on; undefined: as fast as it goes. */
  setRate(bytesPerSecond: number | undefined): void;
  reset(): void;
}

interface Packet {
  readonly bytes: Buffer;
  readonly to: Socket;
}

const packetBytes = 1_460;
const tickMs = 5;

/**
 * One line that several connections share on their way up, as a hall's router has it: so many bytes a second, first come first
 * served, and a queue of a bounded size in front of it. The way down is free.
 */
export const openSlowLine = async (options: {
  readonly targets: readonly number[];
  readonly bytesPerSecond?: number | undefined;
  /** What the router holds; 64 kB are a quarter of a second at 2 Mbit/s. */
  readonly queueBytes?: number;
}): Promise<SlowLine> => {
  const { queueBytes = 64_000 } = options;
  let rate = options.bytesPerSecond;
  let queue: Packet[] = [];
  let queued = 0;
  let credit = 0;
  let sent = 0;
  let lastMs = performance.now();
  const clients = new Set<Socket>();

  const pass = ({ bytes, to }: Packet) => {
    sent += bytes.length;
    if (!to.destroyed) to.write(bytes);
  };
  const serve = () => {
    const nowMs = performance.now();
    if (rate !== undefined) credit = Math.min(credit + (rate * (nowMs - lastMs)) / 1_000, rate / 20 + packetBytes);
    lastMs = nowMs;
    let at = 0;
    for (; at < queue.length; at++) {
      const packet = queue[at] as Packet;
      if (rate !== undefined && credit < packet.bytes.length) break;
      credit -= packet.bytes.length;
      queued -= packet.bytes.length;
      pass(packet);
    }
    queue = queue.slice(at);
    if (queued < queueBytes) for (const client of clients) client.resume();
  };
  const timer = setInterval(serve, tickMs);

  const servers = await Promise.all(
    options.targets.map(async (port): Promise<Server> => {
      const server = createServer({ noDelay: true, highWaterMark: 16_384 }, (client) => {
        const upstream = connect({ host: '127.0.0.1', port, noDelay: true });
        clients.add(client);
        const end = () => {
          clients.delete(client);
          client.destroy();
          upstream.destroy();
          // A line does not carry on what nobody sends any more.
          queued -= queue.reduce((sum, { to, bytes }) => (to === upstream ? sum + bytes.length : sum), 0);
          queue = queue.filter(({ to }) => to !== upstream);
        };
        for (const socket of [client, upstream]) {
          socket.on('error', end);
          socket.on('close', end);
        }
        client.on('data', (chunk) => {
          for (let at = 0; at < chunk.length; at += packetBytes) {
            const bytes = chunk.subarray(at, at + packetBytes);
            queue.push({ bytes, to: upstream });
            queued += bytes.length;
          }
          if (queued >= queueBytes) for (const one of clients) one.pause();
        });
        upstream.pipe(client);
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const reset = () => {
    for (const client of clients) client.resetAndDestroy();
  };
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    get sentBytes() {
      return sent;
    },
    setRate(next) {
      rate = next;
      credit = 0;
    },
    reset,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      reset();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
};
