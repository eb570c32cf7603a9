import { type AddressInfo, createServer, type Socket } from 'node:net';
import { systemClock } from '@hallhub/shared';
import { Faults, sendThrough } from '../../faults/faults.js';
import { answerSlave, broadcast, type ModbusSlave } from './modbus-slave.js';

export type { ModbusSlave } from './modbus-slave.js';

export interface ModbusTcpServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: number;
  /** Resets every open connection, as a gateway's restart does. */
  dropConnections(): void;
}

/** A Modbus TCP server (MBAP, Modbus Messaging on TCP/IP 1.0b) for one or many unit ids; an unknown unit id stays silent. */
export const openModbusTcpServer = async (
  slaves: ReadonlyMap<number, ModbusSlave>,
  options: { port?: number; host?: string } = {},
): Promise<ModbusTcpServer> => {
  const sockets = new Set<Socket>();
  let requests = 0;
  const noFaults = new Faults();

  const serve = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let held = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 8) {
        const length = held.readUInt16BE(4);
        if (held.readUInt16BE(2) !== 0 || length < 2 || length > 254) {
          socket.destroy();
          return;
        }
        if (held.length < 6 + length) return;
        const frame = held.subarray(0, 6 + length);
        held = held.subarray(6 + length);
        requests++;
        const unitId = frame.readUInt8(6);
        const slave = slaves.get(unitId);
        if (!slave) {
          if (unitId === 0) broadcast(slaves, frame.subarray(7));
          continue;
        }
        const pdu = answerSlave(slave, frame.subarray(7));
        const head = Buffer.from(frame.subarray(0, 7));
        head.writeUInt16BE(pdu.length + 1, 4);
        const write = (bytes: Uint8Array) => void (socket.destroyed || socket.write(bytes));
        sendThrough(slave.faults ?? noFaults, Buffer.concat([head, pdu]), { clock: systemClock, write });
      }
    });
  };

  const server = createServer(serve);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const dropConnections = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    dropConnections,
    async [Symbol.asyncDispose]() {
      dropConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
