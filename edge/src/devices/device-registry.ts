import { type Clock, HubError, uuidv7 } from '@hallhub/shared';
import type { DeviceIdentity, DeviceProtocol, DeviceRow, DeviceState, JoinRequest } from '@hallhub/shared/wire';
import { eq } from 'drizzle-orm';
import type { Outbox } from '../outbox/index.js';
import type {
  DeviceChange,
  DeviceRegistryView,
  DeviceView,
  LastValue,
  LoadedProfile,
  Logger,
  ProfileSource,
} from '../ports/index.js';
import type { Store, Transaction } from '../store/index.js';
import { type DeviceRecord, device as deviceTable } from '../store/schema.js';
import { RegistryCopy } from './registry-copy.js';
import type { ValueStore } from './value-store.js';

export interface NewDevice {
  readonly state: DeviceState;
  readonly reason?: string;
  readonly protocol: DeviceProtocol;
  readonly identity: DeviceIdentity;
  readonly adapterId: string;
  readonly address: string;
  readonly profile: LoadedProfile | undefined;
  readonly claimHash?: Buffer;
}

/** What may change of a device; a key that is absent stays. Null clears. */
export interface DevicePatch {
  readonly state?: DeviceState;
  readonly reason?: string | null;
  readonly firmware?: string;
  readonly hardware?: string;
  readonly name?: string;
  readonly counterId?: string | null;
  readonly adapterId?: string;
  readonly address?: string;
  readonly profile?: LoadedProfile;
  readonly claimHash?: Buffer;
  readonly conflict?: string | null;
}

/** Columns that the cloud never sees: changing them makes no revision. */
export type SecretPatch = Partial<
  Pick<DeviceRecord, 'secretHash' | 'deliveredAt' | 'usedAt' | 'conflict' | 'claimHash'>
>;

export interface DeviceRegistryOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly profiles: ProfileSource;
  readonly values: ValueStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Every device the unit knows. Held in memory, changed in the store's transactions, each change told to the cloud with a revision. */
export class DeviceRegistry implements DeviceRegistryView {
  readonly #options: DeviceRegistryOptions;
  readonly #records = new Map<string, DeviceRecord>();
  readonly #listeners = new Set<(change: DeviceChange) => void>();
  readonly #copy: RegistryCopy;

  constructor(options: DeviceRegistryOptions) {
    this.#options = options;
    const { store, clock, logger } = options;
    this.#copy = new RegistryCopy(store.dataDir, clock, logger);
    if (store.wasDamaged('hub.db')) this.#restore();
    for (const record of options.store.hub.orm.select().from(deviceTable).all())
      this.#records.set(record.deviceId, record);
  }

  get(deviceId: string): DeviceView | undefined {
    const record = this.#records.get(deviceId);
    return record && this.#view(record);
  }

  list(): readonly DeviceView[] {
    return [...this.#records.values()].map((record) => this.#view(record));
  }

  record(deviceId: string): Readonly<DeviceRecord> | undefined {
    return this.#records.get(deviceId);
  }

  /** Of all states. */
  get size(): number {
    return this.#records.size;
  }

  count(state: DeviceState): number {
    let count = 0;
    for (const record of this.#records.values()) if (record.state === state) count += 1;
    return count;
  }

  findByAddress(adapterId: string, address: string): DeviceView | undefined {
    for (const record of this.#records.values()) {
      if (record.adapterId === adapterId && record.address === address && record.state !== 'retired')
        return this.#view(record);
    }
    return undefined;
  }

  findByIdentity(
    protocol: DeviceProtocol,
    identity: Pick<JoinRequest, 'vendor' | 'model' | 'serial'>,
  ): Readonly<DeviceRecord> | undefined {
    const { vendor, model, serial } = identity;
    for (const one of this.#records.values()) {
      if (one.serial === serial && one.vendor === vendor && one.model === model && one.protocol === protocol)
        return one;
    }
    return undefined;
  }

  values(deviceId: string): ReadonlyMap<string, LastValue> {
    return this.#options.values.of(deviceId);
  }

  onChange(listener: (change: DeviceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Registers a device, or returns the one that has this identity already. */
  async add(device: NewDevice): Promise<DeviceView> {
    const { clock, store } = this.#options;
    const deviceId = await store.hub.commit.write((tx) => {
      const known = this.findByIdentity(device.protocol, device.identity);
      if (known) return known.deviceId;
      const now = clock.now();
      const record: DeviceRecord = {
        deviceId: uuidv7(now),
        revision: 1,
        state: device.state,
        reason: device.reason ?? null,
        protocol: device.protocol,
        vendor: device.identity.vendor,
        model: device.identity.model,
        serial: device.identity.serial,
        firmware: device.identity.firmware ?? null,
        hardware: device.identity.hardware ?? null,
        name: null,
        counterId: null,
        adapterId: device.adapterId,
        address: device.address,
        ...profileColumns(this.#fit(device.profile, device.identity.firmware)),
        presence: 'offline',
        presenceReason: 'silent',
        presenceSince: now,
        claimHash: device.claimHash ?? null,
        conflict: null,
        secretHash: null,
        deliveredAt: null,
        usedAt: null,
        createdAt: now,
        updatedAt: now,
      };
      store.hub.orm.insert(deviceTable).values(record).run();
      this.#put(tx, undefined, record, 'added');
      return record.deviceId;
    });
    return this.#need(deviceId);
  }

  /** Changes a device and tells the cloud. Nothing happens where nothing differs. Throws `not_found`. */
  async change(deviceId: string, patch: DevicePatch, alongside?: (tx: Transaction) => void): Promise<DeviceView> {
    const { clock, store } = this.#options;
    await store.hub.commit.write((tx) => {
      const before = this.#records.get(deviceId);
      if (!before) throw notFound(deviceId);
      const { profile, ...columns } = patch;
      const wanted = { ...before, ...defined(columns) };
      // Another firmware may have another variant of the profile.
      const fitting = this.#fit(profile ?? this.#profileOf(wanted), wanted.firmware ?? undefined);
      if (fitting && (profile || wanted.firmware !== before.firmware)) Object.assign(wanted, profileColumns(fitting));
      if (!differs(before, wanted)) {
        alongside?.(tx);
        return;
      }
      const now = clock.now();
      const after: DeviceRecord = {
        ...wanted,
        // Nobody looks at it any more: it must not stay online in anybody's list.
        ...(wanted.state === 'active' ? {} : offlineSince(before, now)),
        revision: before.revision + 1,
        updatedAt: now,
      };
      store.hub.orm.update(deviceTable).set(after).where(eq(deviceTable.deviceId, deviceId)).run();
      this.#put(tx, before, after, 'changed');
      if (before.state !== 'active' && after.state === 'active') this.#tellOffline(tx, after, now);
      alongside?.(tx);
    });
    return this.#need(deviceId);
  }

  /** Credential and claim: kept on the unit only. */
  async changeSecret(deviceId: string, patch: SecretPatch): Promise<void> {
    const { store } = this.#options;
    await store.hub.commit.write((tx) => {
      const before = this.#records.get(deviceId);
      if (!before) throw notFound(deviceId);
      store.hub.orm.update(deviceTable).set(patch).where(eq(deviceTable.deviceId, deviceId)).run();
      this.#records.set(deviceId, { ...before, ...patch });
      tx.onRollback(() => this.#records.set(deviceId, before));
      tx.onCommit(() => this.#copy.saveSoon(() => this.#records.values()));
    });
  }

  /** Presence is told by rows of its own; here it is kept for the next start and for whoever asks. */
  setPresence(
    tx: Transaction,
    deviceId: string,
    presence: Pick<DeviceRecord, 'presence' | 'presenceReason' | 'presenceSince'>,
  ): void {
    const before = this.#records.get(deviceId);
    if (!before) return;
    this.#options.store.hub.orm.update(deviceTable).set(presence).where(eq(deviceTable.deviceId, deviceId)).run();
    this.#records.set(deviceId, { ...before, ...presence });
    tx.onRollback(() => this.#records.set(deviceId, before));
  }

  /** Devices whose profile is another now are told anew, to the cloud and to their adapter; the others are not touched. */
  async refreshProfiles(): Promise<string[]> {
    const touched: string[] = [];
    for (const record of [...this.#records.values()]) {
      const profile = this.#profileOf(record);
      if (!profile || profile.hash === record.profileHash) continue;
      await this.change(record.deviceId, { profile });
      touched.push(record.deviceId);
    }
    return touched;
  }

  /** `registry.resync`: every profile in use and every device is said again, with the revisions they have. */
  async resync(): Promise<number> {
    const { store } = this.#options;
    return store.hub.commit.write((tx) => {
      tx.db.exec('DELETE FROM profile_told');
      for (const record of this.#records.values()) this.#tell(tx, record);
      return this.#records.size;
    });
  }

  /** Writes the copy of the registry now, where one waits to be written. */
  close(): void {
    if (this.#records.size > 0) this.#copy.save(() => this.#records.values());
  }

  /** hub.db was lost: what its copy knows is put into the new one. */
  #restore(): void {
    const { store, logger } = this.#options;
    let restored = 0;
    for (const record of this.#copy.read()) {
      try {
        store.hub.orm.insert(deviceTable).values(record).run();
        restored += 1;
      } catch (error) {
        logger.warn({ deviceId: record.deviceId, error: String(error) }, 'a device could not be restored');
      }
    }
    logger.warn({ restored }, 'the registry was restored from its copy');
  }

  #put(tx: Transaction, before: DeviceRecord | undefined, after: DeviceRecord, kind: DeviceChange['kind']): void {
    this.#records.set(after.deviceId, after);
    tx.onRollback(() => (before ? this.#records.set(after.deviceId, before) : this.#records.delete(after.deviceId)));
    this.#tell(tx, after);
    tx.onCommit(() => {
      this.#copy.saveSoon(() => this.#records.values());
      const change: DeviceChange = { kind, device: this.#need(after.deviceId) };
      for (const listener of this.#listeners) listener(change);
    });
  }

  #tell(tx: Transaction, record: DeviceRecord): void {
    const { outbox, clock } = this.#options;
    const profile = this.#profileOf(record);
    const at = clock.now();
    if (profile && profile.hash === record.profileHash) {
      const told = tx.db.prepare('INSERT OR IGNORE INTO profile_told (hash, at) VALUES (?, ?)').run(profile.hash, at);
      if (told.changes > 0) {
        const document = JSON.parse(JSON.stringify(profile.document));
        outbox.append(tx, 'events', { kind: 'profile', at, hash: profile.hash, document });
      }
    }
    outbox.append(tx, 'events', deviceRow(record, at));
  }

  /** The cloud may have it online from the last time it was in use. */
  #tellOffline(tx: Transaction, { deviceId, presence, presenceReason }: DeviceRecord, at: number): void {
    this.#options.outbox.append(tx, 'events', {
      kind: 'presence',
      at,
      deviceId,
      state: presence,
      reason: presenceReason,
      evidence: [],
    });
  }

  #view(record: DeviceRecord): DeviceView {
    return {
      deviceId: record.deviceId,
      revision: record.revision,
      state: record.state,
      identity: identityOf(record),
      deviceClass: record.deviceClass,
      name: record.name ?? undefined,
      counterId: record.counterId ?? undefined,
      protocol: record.protocol,
      adapterId: record.adapterId,
      address: record.address,
      profile: this.#profileOf(record),
      presence: record.presence,
      reason: record.reason ?? undefined,
    };
  }

  #profileOf({ profileId, firmware }: Pick<DeviceRecord, 'profileId' | 'firmware'>): LoadedProfile | undefined {
    const { profiles } = this.#options;
    const profile = profileId === null ? undefined : profiles.get(profileId);
    return this.#fit(profile, firmware ?? undefined);
  }

  /** The profile as it holds for a firmware. */
  #fit(profile: LoadedProfile | undefined, firmware: string | undefined): LoadedProfile | undefined {
    return profile && (this.#options.profiles.forFirmware?.(profile.id, firmware) ?? profile);
  }

  #need(deviceId: string): DeviceView {
    const view = this.get(deviceId);
    if (!view) throw notFound(deviceId);
    return view;
  }
}

const notFound = (deviceId: string): HubError =>
  new HubError('not_found', `there is no device ${deviceId}`, {
    hint: 'hub devices list shows the devices of this unit.',
  });

const defined = <T extends object>(patch: T): T =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as T;

const differs = (a: DeviceRecord, b: DeviceRecord): boolean =>
  (Object.keys(a) as (keyof DeviceRecord)[]).some((key) => {
    const [one, other] = [a[key], b[key]];
    return Buffer.isBuffer(one) && Buffer.isBuffer(other) ? !one.equals(other) : one !== other;
  });

const offlineSince = (
  { presence, presenceReason, presenceSince }: DeviceRecord,
  now: number,
): Pick<DeviceRecord, 'presence' | 'presenceReason' | 'presenceSince'> =>
  presence === 'offline'
    ? { presence, presenceReason, presenceSince }
    : { presence: 'offline', presenceReason: 'silent', presenceSince: now };

const profileColumns = (profile: LoadedProfile | undefined) => ({
  deviceClass: profile?.document.class ?? 'other',
  profileId: profile?.id ?? null,
  profileVersion: profile?.version ?? null,
  profileHash: profile?.hash ?? null,
});

const identityOf = (record: DeviceRecord): DeviceIdentity => ({
  vendor: record.vendor,
  model: record.model,
  serial: record.serial,
  ...(record.firmware === null ? {} : { firmware: record.firmware }),
  ...(record.hardware === null ? {} : { hardware: record.hardware }),
});

const deviceRow = (record: DeviceRecord, at: number): DeviceRow => ({
  kind: 'device',
  at,
  deviceId: record.deviceId,
  revision: record.revision,
  state: record.state,
  identity: identityOf(record),
  deviceClass: record.deviceClass,
  protocol: record.protocol,
  address: record.address.slice(0, 300),
  counterId: record.counterId,
  ...(record.name === null ? {} : { name: record.name }),
  ...(record.reason === null ? {} : { reason: record.reason }),
  ...(record.profileId && record.profileVersion && record.profileHash
    ? { profile: { id: record.profileId, version: record.profileVersion, hash: record.profileHash } }
    : {}),
});
