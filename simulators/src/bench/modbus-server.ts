import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { meterBank } from './modbus-meter.js';

/** The meter as a process of its own, so that its work is not counted as the client's. */
const { bank, step } = meterBank();
const server = await openModbusTcpServer(new Map([[1, { bank }]]));
setInterval(step, 100).unref();
const end = () => {
  void server[Symbol.asyncDispose]().then(() => process.exit(0));
};
process.on('message', end);
process.on('disconnect', end);
process.send?.({ type: 'ready', port: server.port });
