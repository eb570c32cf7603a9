import { type AdapterFactory, defineAdapter } from '../../ports/index.js';
import { serialConfigSchema } from './config.js';
import { SerialAdapter } from './serial-adapter.js';

export { type SerialConfig, serialConfigSchema } from './config.js';
export { listSerialPorts, type SerialPortInfo } from './list-serial-ports.js';
export { SerialAdapter, type SerialTransport } from './serial-adapter.js';

export const serialAdapterFactory: AdapterFactory = defineAdapter({
  protocol: 'serial',
  section: 'serial',
  configSchema: serialConfigSchema,
  idOf: (config) => config.id,
  create: (config, host) => new SerialAdapter(config, host),
});
