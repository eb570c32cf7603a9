import type { PresenceReason, Severity } from '@hallhub/shared/wire';
import type { FoundDevice, Reading } from './adapter.js';
import type { BrokerPort } from './broker-port.js';
import type { Clock } from './clock.js';
import type { DeviceRegistryView, DeviceView } from './device-registry.js';
import type { Logger } from './logger.js';
import type { ProfileSource } from './profile-source.js';

export interface PresenceEvidence {
  readonly deviceId: string;
  /** What was looked at: `poll`, `traffic`, `tcp`, `port`, `soap`, `stream`. One name always means the same check. */
  readonly check: string;
  readonly ok: boolean;
  readonly reason: PresenceReason;
  readonly detail?: string;
  /**
   * True: believe it at once (a port that vanished, a will). Otherwise the core's hysteresis decides: online at the
   * first success, offline at the third failure in a row with no success of any check between.
   */
  readonly decisive?: boolean;
}

export interface AdapterEvent {
  readonly deviceId: string;
  /** Event id of the profile's thing model. */
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** UUID when the device made one: the same id of a device counts once. */
  readonly id?: string;
  /** Epoch ms by the device's own clock, where it tells. */
  readonly deviceAt?: number;
  /** Left out: as the profile says. */
  readonly severity?: Severity;
}

/**
 * What the core offers an adapter. All reports are made for one's own devices only. Promises resolve after the group
 * commit (at most 50 ms later; 250 ms for devices that are polled) and reject with `store_*` errors; a report about a device that is not active is dropped and counted.
 */
export interface AdapterHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly profiles: ProfileSource;
  readonly devices: DeviceRegistryView;
  /** Undefined when the unit uses an external broker. */
  readonly broker: BrokerPort | undefined;
  /**
   * Registers, or recognises, a device; call it again when its identity or address changed. `attach` follows by itself when
   * it is active. Undefined: the join policy is closed and the device is unknown; nothing was registered.
   */
  found(device: FoundDevice): Promise<DeviceView | undefined>;
  /** Report every reading; dead bands and report intervals are the core's work. */
  reading(reading: Reading): Promise<void>;
  event(event: AdapterEvent): Promise<void>;
  presence(evidence: PresenceEvidence): void;
  /** Puts a frame that cannot be understood aside with its reason (bounded; payload is cut at 4 KiB). */
  aside(entry: { deviceId?: string; source: string; reason: string; payload: Uint8Array }): void;
  /** Something about this adapter that a person should see; the same code is reported at most once a minute. */
  fault(code: string, message: string, context?: Readonly<Record<string, unknown>>): void;
  /** The adapter's status changed. */
  statusChanged(): void;
}
