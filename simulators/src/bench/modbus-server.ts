import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { livelyMeters, meterSlaves } from './modbus-meter.js';

/**
 * The meters as a process of its own, so that their work is not counted as the client's. With a number and `floating` or
 * `calm` as its arguments: so many meters of that kind. `{type:'count'}` is answered by `{type:'requests', count}`.
 */
const meters = Number(process.argv[2] ?? 0);
const liveliness = process.argv[3] === 'calm' ? 'calm' : 'floating';
const server = await openModbusTcpServer(meters > 0 ? livelyMeters(meters, liveliness) : meterSlaves());
const end = () => {
  void server[Symbol.asyncDispose]().then(() => process.exit(0));
};
process.on('message', ({ type }: { type?: string }) => {
  if (type === 'count') process.send?.({ type: 'requests', count: server.requests });
  else end();
});
process.on('disconnect', end);
process.send?.({ type: 'ready', port: server.port });
