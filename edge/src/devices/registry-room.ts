import type { DeviceRegistry } from './device-registry.js';

/** Devices that wait for a person: strangers must not fill the disk. */
const maxQuarantined = 500;
/** All that a unit knows, those that are gone as well; a window lets devices in without anybody looking. */
const maxDevices = 2_000;

/** Whether a device that nobody configured may still be registered. */
export const hasRoom = (registry: Pick<DeviceRegistry, 'count' | 'size'>): boolean =>
  registry.size < maxDevices && registry.count('quarantined') < maxQuarantined;
