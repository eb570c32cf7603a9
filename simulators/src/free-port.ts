import { createServer } from 'node:net';

const lowest = 20_000;
/** Processes that run side by side look in different slots; each slot is gone through in turn. */
const slots = 24;
const slotSize = 500;
const slot = lowest + (process.pid % slots) * slotSize;
let next = Math.floor(Math.random() * slotSize);

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * A port on loopback for a process that listens a moment later; never the same one twice in a row of 500. From below
 * 32768, where the kernel takes the ports of outgoing connections: one of those could have it by then.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = slot + (next++ % slotSize);
    if (await isFree(port)) return port;
  }
};
