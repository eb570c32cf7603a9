import { type Clock, HubError, isHubError } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { type CredentialRotationRecord, credentialRotation, type DeviceRecord } from '../store/schema.js';
import { fitsHash, hashSecret, makeSecret } from './credential.js';
import type { DeviceRegistry } from './device-registry.js';
import type { FaultBook } from './fault-book.js';

/** Both secrets hold this long, unless the new one is used before. */
export const overlapMs = 900_000;
/** Who lost the new secret on the way may fetch one with its claim this long after the overlap. */
const rescueMs = 86_400_000;
const answerMs = 15_000;

export interface NewCredential {
  readonly userName: string;
  readonly password: string;
}

/** How a device is told: over its own connection. Rejects with `device_refused`, `timeout`, `link_lost`. */
export interface CredentialCarrier {
  isConnected(deviceId: string): boolean;
  offerCredential(
    deviceId: string,
    offer: { credential: NewCredential; oldValidMs: number },
    signal: AbortSignal,
  ): Promise<void>;
}

export interface CredentialRotationOptions {
  readonly store: Store;
  readonly registry: DeviceRegistry;
  readonly carrier: CredentialCarrier;
  readonly faults: FaultBook;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RotationResult {
  /** `unconfirmed`: no answer came; the device may have stored the new one or not, and may sign in with either. */
  readonly state: 'confirmed' | 'unconfirmed';
  /** Epoch ms: until then the old one holds, unless the new one is used before. */
  readonly oldValidUntil: number;
}

/** docs/protocol.md 3.3: a new secret for a device, with an overlap in which both hold. Secrets are kept as hashes. */
export class CredentialRotation {
  readonly #options: CredentialRotationOptions;
  readonly #pending = new Map<string, CredentialRotationRecord>();
  /** One change after the other: each looks at what the one before it left. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: CredentialRotationOptions) {
    this.#options = options;
    for (const row of options.store.hub.orm.select().from(credentialRotation).all())
      this.#pending.set(row.deviceId, row);
  }

  /**
   * Throws `precondition_failed` (no credential of its own), `link_lost` (not connected), `device_refused`, `conflict` (the
   * last rotation is not over).
   */
  async rotate(deviceId: string): Promise<RotationResult> {
    const { registry, carrier, clock, logger } = this.#options;
    const record = registry.record(deviceId);
    if (!record) throw new HubError('not_found', `there is no device ${deviceId}`);
    if (record.state !== 'active' || !record.secretHash)
      throw new HubError(
        'precondition_failed',
        'only a device in use that joined by itself has a credential to rotate',
        {
          hint: 'Logins of other makers’ devices are in edge.yaml: broker.accounts.',
        },
      );
    if (!carrier.isConnected(deviceId))
      throw new HubError('link_lost', 'the device is not connected, and nobody else may see its new credential', {
        hint: 'Try again when it is online.',
      });
    const password = makeSecret();
    const row: CredentialRotationRecord = {
      deviceId,
      secretHash: hashSecret(password),
      startedAt: clock.now(),
      confirmedAt: null,
      oldUsedAt: null,
      settledAt: null,
    };
    // On disk before it goes out: the device may use it even where its answer is lost.
    await this.#inTurn(async () => {
      this.#mustBeOver(deviceId);
      await this.#put(row);
    });
    const oldValidUntil = row.startedAt + overlapMs;
    const confirmed = await this.#offer(deviceId, password);
    if (confirmed)
      await this.#inTurn(async () => {
        // It may have signed in with it already.
        if (this.#pending.get(deviceId)?.startedAt === row.startedAt)
          await this.#put({ ...row, confirmedAt: clock.now() });
      });
    logger.info({ deviceId, confirmed }, 'a new credential was handed out');
    return { state: confirmed ? 'confirmed' : 'unconfirmed', oldValidUntil };
  }

  /** Which of the device's secrets this is. In constant time, whether a rotation is under way or not. */
  fits(
    record: Pick<DeviceRecord, 'deviceId' | 'secretHash'> | undefined,
    password: Uint8Array,
  ): 'old' | 'new' | undefined {
    const row = record && this.#pending.get(record.deviceId);
    const open = row && record?.secretHash && row.settledAt === null;
    const old = fitsHash(password, record?.secretHash ?? decoy);
    const fresh = fitsHash(password, open ? row.secretHash : decoy);
    if (open && fresh) return 'new';
    return record?.secretHash && old ? 'old' : undefined;
  }

  /** The device signed in. With the new secret the old one ends. */
  async used(deviceId: string, which: 'old' | 'new'): Promise<void> {
    if (!this.#pending.has(deviceId)) return;
    await this.#inTurn(async () => {
      const row = this.#pending.get(deviceId);
      if (!row || row.settledAt !== null) return;
      const { clock } = this.#options;
      if (which === 'new') await this.#promote(row, { usedAt: clock.now() });
      else if (row.confirmedAt !== null && row.oldUsedAt === null) await this.#put({ ...row, oldUsedAt: clock.now() });
    });
  }

  /** A device whose new secret may have been lost on the way may have another one for its claim. */
  mayRedeliver(deviceId: string): boolean {
    const row = this.#pending.get(deviceId);
    return row !== undefined && this.#options.clock.now() - row.startedAt <= overlapMs + rescueMs;
  }

  /** It got another credential, or is out of use: what was handed out holds no more. */
  async forget(deviceId: string): Promise<void> {
    if (this.#pending.has(deviceId)) await this.#inTurn(() => this.#delete(deviceId));
  }

  async #delete(deviceId: string): Promise<void> {
    const { store } = this.#options;
    await store.hub.commit.write(() => {
      store.hub.orm.delete(credentialRotation).where(eq(credentialRotation.deviceId, deviceId)).run();
    });
    this.#pending.delete(deviceId);
  }

  /** Ends overlaps whose time is over; call it now and then. */
  async tick(): Promise<void> {
    if (this.#pending.size > 0) await this.#inTurn(() => this.#settle());
  }

  /** The device may have stored what was handed out last: another one would leave it with a secret that nobody knows. */
  #mustBeOver(deviceId: string): void {
    const row = this.#pending.get(deviceId);
    if (!row || row.settledAt !== null || this.#options.clock.now() - row.startedAt > overlapMs) return;
    throw new HubError(
      'conflict',
      'a rotation is under way: the device has not signed in with its new credential yet',
      {
        hint: `It is over when the device reconnects, or ${overlapMs / 60_000} minutes after it began.`,
      },
    );
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #settle(): Promise<void> {
    const { clock, registry, faults, logger } = this.#options;
    const now = clock.now();
    for (const row of [...this.#pending.values()]) {
      const { deviceId } = row;
      if (registry.record(deviceId)?.state !== 'active' || now - row.startedAt > overlapMs + rescueMs) {
        await this.#delete(deviceId);
      } else if (row.settledAt === null && now - row.startedAt > overlapMs) {
        if (row.confirmedAt !== null && row.oldUsedAt === null) {
          await this.#promote(row, { usedAt: null });
          logger.warn({ deviceId }, 'the old credential ended; the new one was not used yet');
        } else {
          await this.#put({ ...row, settledAt: now });
          faults.report('rotation_failed', 'a device did not take its new credential; its old one holds', { deviceId });
        }
      }
    }
  }

  /** True: the device has stored it; false: nobody knows. Throws where the device said no. */
  async #offer(deviceId: string, password: string): Promise<boolean> {
    const { carrier } = this.#options;
    const offer = { credential: { userName: deviceId, password }, oldValidMs: overlapMs };
    try {
      await carrier.offerCredential(deviceId, offer, AbortSignal.timeout(answerMs));
      return true;
    } catch (error) {
      if (!isHubError(error, 'device_refused') && !isHubError(error, 'unsupported')) return false;
      await this.forget(deviceId);
      throw error;
    }
  }

  async #promote(row: CredentialRotationRecord, { usedAt }: { usedAt: number | null }): Promise<void> {
    const { registry, clock } = this.#options;
    const { deviceId, secretHash } = row;
    await registry.changeSecret(deviceId, { secretHash, usedAt, deliveredAt: row.startedAt });
    if (usedAt === null) await this.#put({ ...row, settledAt: clock.now() });
    else await this.#delete(deviceId);
  }

  async #put(row: CredentialRotationRecord): Promise<void> {
    const { store } = this.#options;
    const { deviceId: _, ...rest } = row;
    await store.hub.commit.write(() => {
      store.hub.orm
        .insert(credentialRotation)
        .values(row)
        .onConflictDoUpdate({ target: credentialRotation.deviceId, set: rest })
        .run();
    });
    this.#pending.set(row.deviceId, row);
  }
}

/** Compared against where there is nothing to compare with. */
const decoy = hashSecret('nobody');
