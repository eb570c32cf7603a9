import { type AdapterFactory, defineAdapter } from '../../ports/index.js';
import { onvifConfigSchema } from './config.js';
import { OnvifAdapter } from './onvif-adapter.js';

export { type OnvifConfig, onvifConfigSchema } from './config.js';
export { OnvifAdapter } from './onvif-adapter.js';
export { type DiscoveredCamera, discoverCameras } from './ws-discovery.js';

export const onvifAdapterFactory: AdapterFactory = defineAdapter({
  protocol: 'onvif',
  section: 'onvif',
  configSchema: onvifConfigSchema,
  idOf: () => 'onvif',
  create: (config, host) => new OnvifAdapter(config, host),
});
