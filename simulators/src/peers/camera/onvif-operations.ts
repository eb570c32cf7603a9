import { deviceOperations } from './operations/device.js';
import { eventOperations } from './operations/events.js';
import { imagingOperations } from './operations/imaging.js';
import { media2Operations, mediaOperations } from './operations/media.js';
import {
  type Operation,
  type OperationContext,
  type Operations,
  offers,
  type ServiceName,
  services,
} from './operations/operation.js';
import { ptzOperations } from './operations/ptz.js';

export { openOperations } from './operations/device.js';
export type { CameraIdentity, OperationContext } from './operations/operation.js';

const byService: Readonly<Record<ServiceName, Operations>> = {
  device: deviceOperations,
  media: mediaOperations,
  media2: media2Operations,
  ptz: ptzOperations,
  imaging: imagingOperations,
  events: eventOperations,
  deviceIo: deviceOperations,
};

/** The operation of a service that this camera offers. Where the path names none, any service's: many cameras have one address for all. */
export const operationAt = (
  path: string,
  name: string,
  { features }: Pick<OperationContext, 'features'>,
): Operation | undefined => {
  const names = (Object.keys(services) as ServiceName[]).filter((service) => offers(features, service));
  const exact = names.find((service) => service !== 'device' && services[service][1] === path);
  for (const service of exact ? [exact] : names) {
    const operations = byService[service];
    if (Object.hasOwn(operations, name)) return operations[name];
  }
  return undefined;
};
