import { systemClock, uuidv7 } from '@hallhub/shared';
import { type AdapterHost, type DeviceView, type LoadedProfile, silentLogger } from '../../../edge/src/ports/index.js';

/** What the core is to an adapter, taking everything and doing nothing: only the adapter's own work is measured. */
export const idleHost = (profile: LoadedProfile): AdapterHost => ({
  clock: systemClock,
  logger: silentLogger,
  profiles: { list: () => [profile], get: (id: string) => (id === profile.id ? profile : undefined) },
  devices: {
    get: () => undefined,
    list: () => [],
    findByAddress: () => undefined,
    values: () => new Map(),
    onChange: () => () => undefined,
  },
  broker: undefined,
  found: async () => undefined,
  reading: async () => {},
  event: async () => {},
  presence: () => {},
  aside: () => {},
  fault: (code: string, message: string) => {
    throw new Error(`${code}: ${message}`);
  },
  statusChanged: () => {},
});

export const benchDevice = (adapterId: string, address: string, profile: LoadedProfile): DeviceView => {
  const { vendor, model } = profile.document;
  return {
    deviceId: uuidv7(),
    revision: 1,
    state: 'active',
    identity: { vendor, model, serial: address },
    deviceClass: profile.document.class,
    name: undefined,
    counterId: undefined,
    protocol: 'modbus',
    adapterId,
    address,
    profile,
    presence: 'offline',
    reason: undefined,
  };
};
