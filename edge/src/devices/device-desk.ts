import { HubError } from '@hallhub/shared';
import type { DeviceProtocol } from '@hallhub/shared/wire';
import type { DeviceView, FoundDevice, Logger, ProfileSource } from '../ports/index.js';
import type { DeviceRecord } from '../store/schema.js';
import type { DevicePatch, DeviceRegistry } from './device-registry.js';
import { type JoinDesk, nativeAdapterId, notInState } from './join-desk.js';
import type { JoinPolicyBook } from './join-policy.js';
import { matchIdentity } from './match-identity.js';
import { hasRoom } from './registry-room.js';

export interface Approval {
  readonly name?: string;
  readonly counterId?: string | null;
  readonly profileId?: string;
}

/** What people decide about devices, and what adapters find: the ways a device changes its state. */
export class DeviceDesk {
  readonly #registry: DeviceRegistry;
  readonly #profiles: ProfileSource;
  readonly #join: JoinDesk;
  readonly #policy: JoinPolicyBook;
  readonly #logger: Logger;

  constructor(parts: {
    registry: DeviceRegistry;
    profiles: ProfileSource;
    join: JoinDesk;
    policy: JoinPolicyBook;
    logger: Logger;
  }) {
    this.#registry = parts.registry;
    this.#profiles = parts.profiles;
    this.#join = parts.join;
    this.#policy = parts.policy;
    this.#logger = parts.logger;
  }

  /**
   * Lets a device in. On one that is active already it allows its credential to be delivered anew (a device that lost it),
   * also to whoever came with another claim: a person looked. Throws `not_found`, `invalid_input`.
   */
  async approve(deviceId: string, approval: Approval): Promise<DeviceView> {
    const device = this.#need(deviceId);
    const profile = approval.profileId === undefined ? undefined : this.#profiles.get(approval.profileId);
    if (approval.profileId !== undefined && !profile) {
      throw new HubError('invalid_input', `there is no profile ${approval.profileId}`, {
        context: { profileId: approval.profileId },
      });
    }
    if (device.protocol !== 'mqtt' && !profile && !device.profile) {
      throw new HubError('precondition_failed', 'a device on a bus needs a profile to be talked to', {
        hint: 'Name one: hub devices approve … --profile vendor/model',
      });
    }
    const record = this.#registry.record(deviceId);
    if (record?.protocol === 'mqtt') {
      const forgetClaim = record.conflict !== null ? { claimHash: null } : {};
      await this.#registry.changeSecret(deviceId, { deliveredAt: null, conflict: null, ...forgetClaim });
    }
    const view = await this.#registry.change(deviceId, {
      state: 'active',
      reason: null,
      ...update(approval),
      ...(profile ? { profile } : {}),
    });
    await this.#join.approved(deviceId);
    return view;
  }

  async refuse(deviceId: string, reason?: string): Promise<DeviceView> {
    this.#need(deviceId);
    const view = await this.#registry.change(deviceId, { state: 'refused', reason: reason ?? 'refused by a person' });
    await this.#registry.changeSecret(deviceId, { secretHash: null, deliveredAt: null, usedAt: null });
    this.#join.refused(deviceId);
    return view;
  }

  async retire(deviceId: string): Promise<DeviceView> {
    const device = this.#need(deviceId);
    if (device.state === 'retired') throw notInState(device, 'in use');
    const view = await this.#registry.change(deviceId, { state: 'retired', reason: 'retired by a person' });
    await this.#registry.changeSecret(deviceId, { secretHash: null, deliveredAt: null, usedAt: null });
    return view;
  }

  async update(deviceId: string, change: Omit<Approval, 'profileId'>): Promise<DeviceView> {
    this.#need(deviceId);
    return this.#registry.change(deviceId, update(change));
  }

  /** An adapter found something that answers on its bus. Undefined: unknown, and the hall takes in nobody or is full. */
  async found(adapterId: string, protocol: DeviceProtocol, found: FoundDevice): Promise<DeviceView | undefined> {
    const named = found.profileId === undefined ? undefined : this.#profiles.get(found.profileId);
    const profile = named ?? matchIdentity(this.#profiles, protocol, found.identity);
    const certain = profile !== undefined && (found.certainty === 'certain' || named === undefined);
    const known = this.#registry.findByIdentity(protocol, found.identity);
    const policy = this.#policy.effective;
    const letIn = found.configured === true || (policy === 'window' && certain);
    if (known?.adapterId === nativeAdapterId && known.state !== 'retired') {
      // It has a credential of its own: what others say on their topics is not about it.
      this.#logger.warn(
        { deviceId: known.deviceId, adapterId, address: found.address },
        'another says it is this device',
      );
      return undefined;
    }
    if (known) {
      const moved = { adapterId, address: found.address };
      const { hardware } = found.identity;
      const firmware = this.#readsFirmware(known) ? undefined : found.identity.firmware;
      const promote =
        known.state === 'quarantined' && letIn && profile ? { state: 'active' as const, reason: null } : {};
      const better = profile && (known.profileId === null || found.configured) ? { profile } : {};
      // A profile that came later is what it waited for.
      const told = known.state === 'quarantined' && profile && known.profileId === null ? { reason: waits } : {};
      return this.#registry.change(known.deviceId, { ...moved, firmware, hardware, ...better, ...told, ...promote });
    }
    if (!found.configured && (policy === 'closed' || !hasRoom(this.#registry))) return undefined;
    const active = letIn && profile !== undefined;
    const reason = profile ? waits : (found.detail ?? 'no profile fits');
    const device = await this.#registry.add({
      state: active ? 'active' : 'quarantined',
      ...(active ? {} : { reason }),
      protocol,
      identity: found.identity,
      adapterId,
      address: found.address,
      profile,
    });
    this.#logger.info(
      { deviceId: device.deviceId, adapterId, ...found.identity, state: device.state },
      'a device was found',
    );
    return device;
  }

  /** On a bus the property that holds the version is the better witness: the two may write it differently. */
  #readsFirmware({ deviceId, protocol, firmware }: Readonly<DeviceRecord>): boolean {
    const bus = protocol === 'modbus' || protocol === 'serial';
    const read = this.#registry.get(deviceId)?.profile?.document.firmware?.versionProperty;
    return bus && read !== undefined && firmware !== null;
  }

  #need(deviceId: string): DeviceView {
    const device = this.#registry.get(deviceId);
    if (!device) throw new HubError('not_found', `there is no device ${deviceId}`);
    return device;
  }
}

const waits = 'waits for approval';

const update = ({ name, counterId }: Omit<Approval, 'profileId'>): DevicePatch => ({
  ...(name === undefined ? {} : { name }),
  ...(counterId === undefined ? {} : { counterId }),
});
