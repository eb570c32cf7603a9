import { type AdapterFactory, defineAdapter } from '../../ports/index.js';
import { onvifConfigSchema } from './config.js';
import { OnvifAdapter } from './onvif-adapter.js';

export { type OnvifConfig, onvifConfigSchema } from './config.js';
export type { DiscoveredCamera } from './discovery/discovery-message.js';
export { discoverCameras } from './discovery/ws-discovery.js';
export { OnvifAdapter } from './onvif-adapter.js';
export type { Snapshot } from './services/snapshot.js';

export const onvifAdapterFactory: AdapterFactory = defineAdapter({
  protocol: 'onvif',
  section: 'onvif',
  configSchema: onvifConfigSchema,
  idOf: () => 'onvif',
  create: (config, host) => new OnvifAdapter(config, host),
});
