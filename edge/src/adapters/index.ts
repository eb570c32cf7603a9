import type { AdapterFactory } from '../ports/index.js';
import { modbusAdapterFactory } from './modbus/index.js';
import { mappedMqttAdapterFactory } from './mqtt/index.js';
import { onvifAdapterFactory } from './onvif/index.js';
import { serialAdapterFactory } from './serial/index.js';

/** Every protocol that the unit can speak: a new one is a folder and a line here. */
export const adapterFactories: readonly AdapterFactory[] = [
  modbusAdapterFactory,
  serialAdapterFactory,
  onvifAdapterFactory,
  mappedMqttAdapterFactory,
];

export { discoverCameras } from './onvif/index.js';
export { listSerialPorts, type SerialPortInfo } from './serial/index.js';
