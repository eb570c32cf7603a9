import { systemClock, uuidv7 } from '@hallhub/shared';
import {
  type AdapterHost,
  type DeviceView,
  type LoadedProfile,
  type Reading,
  silentLogger,
} from '../../../edge/src/ports/index.js';

export interface CountingHost extends AdapterHost {
  /** Values that the adapter reported. */
  readonly reported: number;
}

/** What the core is to an adapter, doing nothing but count: only the adapter's own work is measured. */
export const countingHost = (profile: LoadedProfile): CountingHost => {
  let reported = 0;
  return {
    get reported() {
      return reported;
    },
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
    async reading(reading: Reading) {
      reported += Object.keys(reading.values).length;
    },
    event: async () => {},
    presence: () => {},
    aside: () => {},
    fault: (code: string, message: string) => {
      throw new Error(`${code}: ${message}`);
    },
    statusChanged: () => {},
  };
};

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
