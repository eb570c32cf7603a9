import { type AdapterFactory, defineAdapter } from '../../ports/index.js';
import { modbusConfigSchema } from './config.js';
import { ModbusAdapter } from './modbus-adapter.js';

export { type Block, type PlanOptions, planBlocks, type Span } from './block-planner.js';
export { type ModbusConfig, modbusConfigSchema } from './config.js';
export { ModbusAdapter } from './modbus-adapter.js';
export { ModbusClient, type RequestOptions } from './modbus-client.js';
export { type ModbusTransport, transportOf } from './transport.js';

export const modbusAdapterFactory: AdapterFactory = defineAdapter({
  protocol: 'modbus',
  section: 'modbus',
  configSchema: modbusConfigSchema,
  idOf: (config) => config.id,
  create: (config, host) => new ModbusAdapter(config, host),
});
