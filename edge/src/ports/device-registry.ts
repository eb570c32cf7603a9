import type { DeviceIdentity, DeviceProtocol, DeviceState, PresenceState, Value } from '@hallhub/shared/wire';
import type { LoadedProfile } from './profile-source.js';

/** A device as the core sees it now. A snapshot: ask again, or listen, for what came later. */
export interface DeviceView {
  readonly deviceId: string;
  readonly revision: number;
  readonly state: DeviceState;
  readonly identity: DeviceIdentity;
  readonly deviceClass: string;
  readonly name: string | undefined;
  readonly counterId: string | undefined;
  readonly protocol: DeviceProtocol;
  /** Id of the adapter that serves it: `mqtt`, or the id of its entry in edge.yaml. */
  readonly adapterId: string;
  /** Written by the adapter, read by it alone and by people: `tcp://127.0.0.1:5020#1`, `/dev/ttyUSB0`, `http://…/onvif`. */
  readonly address: string;
  /** Undefined while no profile fits (the device is then quarantined). */
  readonly profile: LoadedProfile | undefined;
  readonly presence: PresenceState;
  readonly reason: string | undefined;
}

export interface LastValue {
  readonly value: Value;
  /** Epoch ms by the unit's clock. */
  readonly at: number;
  readonly quality: 'good' | 'uncertain' | 'bad';
}

export type DeviceChange = { readonly kind: 'added' | 'changed'; readonly device: DeviceView };

/** Reading side of the registry, as adapters, the command runner and the local API see it. */
export interface DeviceRegistryView {
  get(deviceId: string): DeviceView | undefined;
  list(): readonly DeviceView[];
  /** The device this adapter serves at this address, whatever its state. */
  findByAddress(adapterId: string, address: string): DeviceView | undefined;
  /** Last known value of each property. */
  values(deviceId: string): ReadonlyMap<string, LastValue>;
  /** Called after the change is on disk. Returns how to stop listening. */
  onChange(listener: (change: DeviceChange) => void): () => void;
}
