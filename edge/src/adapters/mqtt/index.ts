import { type AdapterFactory, defineAdapter } from '../../ports/index.js';
import { mappedMqttConfigSchema } from './config.js';
import { MappedMqttAdapter } from './mapped-adapter.js';

export { type MappedMqttConfig, mappedMqttConfigSchema } from './config.js';
export { MappedMqttAdapter } from './mapped-adapter.js';

export const mappedMqttAdapterFactory: AdapterFactory = defineAdapter({
  protocol: 'mqtt',
  section: 'mqtt',
  configSchema: mappedMqttConfigSchema,
  idOf: (config) => config.id,
  create: (config, host) => new MappedMqttAdapter(config, host),
});
