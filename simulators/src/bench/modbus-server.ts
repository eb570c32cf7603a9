import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { meterSlaves } from './modbus-meter.js';

/** The meters as a process of its own, so that their work is not counted as the client's. */
const server = await openModbusTcpServer(meterSlaves());
const end = () => {
  void server[Symbol.asyncDispose]().then(() => process.exit(0));
};
process.on('message', end);
process.on('disconnect', end);
process.send?.({ type: 'ready', port: server.port });
