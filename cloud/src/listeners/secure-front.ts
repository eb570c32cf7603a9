import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

const keyOf = ({ remoteAddress, remotePort, localAddress, localPort }: Ends): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/** A TLS or HTTPS server that listens on no port: it is given the connections that were let in, and they are found again by their ends. */
export class SecureFront {
  readonly #server: Server;
  /** Until `take`, or the end of the connection. */
  readonly #handshaking = new Map<string, Socket>();

  constructor(server: Server) {
    this.#server = server;
  }

  accept(socket: Socket): void {
    const key = keyOf(socket);
    this.#handshaking.set(key, socket);
    socket.once('close', () => {
      if (this.#handshaking.get(key) === socket) this.#handshaking.delete(key);
    });
    this.#server.emit('connection', socket);
  }

  /** The TCP connection below a TLS one. */
  take(secure: TLSSocket): Socket | undefined {
    const key = keyOf(secure);
    const socket = this.#handshaking.get(key);
    this.#handshaking.delete(key);
    return socket;
  }
}
