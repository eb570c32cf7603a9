import type { Clock } from '@hallhub/shared';
import { HubError } from '@hallhub/shared';
import { type JoinReply, type JoinRequest, joinRequestSchema } from '@hallhub/shared/wire';
import type { DeviceView, Logger, ProfileSource } from '../ports/index.js';
import type { DeviceRecord } from '../store/schema.js';
import { fitsHash, hashSecret, makeSecret } from './credential.js';
import type { DeviceRegistry } from './device-registry.js';
import type { FaultBook } from './fault-book.js';
import { decideJoin, type JoinFacts, type JoinRefusal } from './join-decision.js';
import type { JoinPolicyBook } from './join-policy.js';
import { matchIdentity } from './match-identity.js';
import { hasRoom } from './registry-room.js';

/** The adapter of those that join by themselves. */
export const nativeAdapterId = 'mqtt';

const retryAfterMs: Record<JoinRefusal | 'pending', number> = {
  pending: 60_000,
  closed: 300_000,
  // A person may still let these in, and waits for it beside the device.
  refused: 120_000,
  claim_mismatch: 120_000,
  delivered: 600_000,
  malformed: 600_000,
  too_many: 600_000,
};

export interface JoinDeskOptions {
  readonly registry: DeviceRegistry;
  readonly profiles: ProfileSource;
  readonly policy: JoinPolicyBook;
  readonly faults: FaultBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Its new credential may have been lost on the way: its claim gets it another one. */
  readonly mayRedeliver?: (deviceId: string) => boolean;
  /** A credential goes out: what was handed out before holds no more. */
  readonly onDeliver?: (deviceId: string) => Promise<void>;
}

/** A connected stranger; the answer goes to this very connection and to no other of the same client id. */
export interface Stranger {
  readonly clientId: string;
  readonly address: string;
  reply(reply: JoinReply): void;
}

/** Lets devices in by docs/protocol.md 3.1 and hands out each credential once. */
export class JoinDesk {
  readonly #options: JoinDeskOptions;
  /** Who waits for a person, by device. */
  readonly #waiting = new Map<string, { stranger: Stranger; claimHash: Buffer }>();
  /** By identity, one after the other: two strangers with one serial at once must not both be the first. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: JoinDeskOptions) {
    this.#options = options;
  }

  /** Answers a join request. Resolves once the answer is given; rejects only where the store does. */
  async handle(stranger: Stranger, payload: Uint8Array): Promise<void> {
    const request = parseRequest(payload);
    if (request) await this.#inTurn(request, () => this.#decide(stranger, request));
    else this.#refuse(stranger, 'malformed');
  }

  async #decide(stranger: Stranger, request: JoinRequest): Promise<void> {
    const { registry, policy, profiles, clock } = this.#options;
    const known = registry.findByIdentity('mqtt', request);
    const profile = matchIdentity(profiles, 'mqtt', request);
    const decision = decideJoin({
      policy: policy.effective,
      profileCertain: profile !== undefined,
      tooMany: !hasRoom(registry),
      now: clock.now(),
      ...(known ? { known: this.#facts(known, request) } : {}),
    });
    if (decision.act === 'refuse') {
      if (decision.conflict && known) await this.#conflict(known.deviceId, request, stranger);
      this.#refuse(stranger, decision.reason, known?.deviceId);
      return;
    }
    const claimHash = hashSecret(request.claim);
    const device = known ?? (await this.#register(request, stranger, decision.act, claimHash));
    const { firmware, hardware } = request;
    const view = await registry.change(device.deviceId, {
      firmware,
      hardware,
      claimHash,
      adapterId: nativeAdapterId,
      address: stranger.address,
      ...(registry.get(device.deviceId)?.profile ? {} : { profile }),
      ...(decision.act === 'accept' ? { state: 'active' as const, reason: null } : {}),
      ...(known?.state === 'retired'
        ? { state: 'quarantined' as const, reason: 'came back after it was retired' }
        : {}),
    });
    if (decision.act === 'accept') await this.#deliver(view.deviceId, stranger);
    else this.#wait(view, stranger, claimHash);
  }

  #facts(known: Readonly<DeviceRecord>, { claim }: JoinRequest): NonNullable<JoinFacts['known']> {
    const lost = this.#options.mayRedeliver?.(known.deviceId) === true;
    const { state, deliveredAt, usedAt } = known;
    // A device on other makers' topics has the same protocol and no claim: it is not whoever says its serial.
    const foreign = known.adapterId !== nativeAdapterId && state !== 'retired';
    const told = foreign ? 'other' : claimOf(known.claimHash, claim);
    return { state, deliveredAt: lost ? null : deliveredAt, usedAt, claim: told };
  }

  /** A person approved: whoever waits on the line gets the credential now. */
  approved(deviceId: string): Promise<void> {
    const record = this.#options.registry.record(deviceId);
    return record ? this.#inTurn(record, () => this.#deliverToWaiting(deviceId)) : Promise.resolve();
  }

  async #deliverToWaiting(deviceId: string): Promise<void> {
    const waiting = this.#waiting.get(deviceId);
    const claimHash = this.#options.registry.record(deviceId)?.claimHash;
    if (!waiting || !claimHash || !waiting.claimHash.equals(claimHash)) return;
    this.#waiting.delete(deviceId);
    await this.#deliver(deviceId, waiting.stranger);
  }

  refused(deviceId: string): void {
    const waiting = this.#waiting.get(deviceId);
    this.#waiting.delete(deviceId);
    if (waiting) this.#refuse(waiting.stranger, 'refused', deviceId);
  }

  left(stranger: Stranger): void {
    for (const [deviceId, waiting] of this.#waiting) if (waiting.stranger === stranger) this.#waiting.delete(deviceId);
  }

  #inTurn(who: Pick<JoinRequest, 'vendor' | 'model' | 'serial'>, work: () => Promise<void>): Promise<void> {
    const key = JSON.stringify([who.vendor, who.model, who.serial]);
    const mine = (this.#turns.get(key) ?? Promise.resolve()).then(work);
    const over = mine
      .catch(() => undefined)
      .finally(() => {
        if (this.#turns.get(key) === over) this.#turns.delete(key);
      });
    this.#turns.set(key, over);
    return mine;
  }

  async #register(
    request: JoinRequest,
    stranger: Stranger,
    act: 'accept' | 'wait',
    claimHash: Buffer,
  ): Promise<DeviceView> {
    const { registry, profiles, logger } = this.#options;
    const { vendor, model, serial, firmware, hardware } = request;
    const profile = matchIdentity(profiles, 'mqtt', request);
    const reason = profile ? 'waits for approval' : `no profile for ${vendor} ${model}`;
    const device = await registry.add({
      state: act === 'accept' ? 'active' : 'quarantined',
      ...(act === 'accept' ? {} : { reason }),
      protocol: 'mqtt',
      identity: { vendor, model, serial, firmware, hardware },
      adapterId: nativeAdapterId,
      address: stranger.address,
      profile,
      claimHash,
    });
    logger.info({ deviceId: device.deviceId, vendor, model, serial, state: device.state }, 'a device joined');
    return device;
  }

  /** On disk before it goes out: a credential that may have been seen is never given to somebody else. */
  async #deliver(deviceId: string, stranger: Stranger): Promise<void> {
    const { registry, clock, logger } = this.#options;
    const password = makeSecret();
    await this.#options.onDeliver?.(deviceId);
    const before = registry.record(deviceId);
    await registry.changeSecret(deviceId, {
      secretHash: hashSecret(password),
      deliveredAt: before?.deliveredAt ?? clock.now(),
      usedAt: null,
      conflict: null,
    });
    logger.info({ deviceId, clientId: stranger.clientId }, 'credential delivered');
    stranger.reply({ v: 1, status: 'accepted', deviceId, credential: { userName: deviceId, password } });
  }

  #wait(device: DeviceView, stranger: Stranger, claimHash: Buffer): void {
    this.#waiting.set(device.deviceId, { stranger, claimHash });
    stranger.reply({ v: 1, status: 'pending', deviceId: device.deviceId, retryAfterMs: retryAfterMs.pending });
  }

  async #conflict(deviceId: string, request: JoinRequest, stranger: Stranger): Promise<void> {
    const { registry, faults } = this.#options;
    const conflict = `${request.vendor} ${request.model} ${request.serial} came from ${stranger.address} with another claim`;
    if (registry.record(deviceId)?.conflict !== conflict) await registry.changeSecret(deviceId, { conflict });
    faults.report('device_conflict', conflict, { deviceId });
  }

  #refuse(stranger: Stranger, reason: JoinRefusal, deviceId?: string): void {
    this.#options.logger.info(
      { clientId: stranger.clientId, address: stranger.address, reason, deviceId },
      'join refused',
    );
    stranger.reply({ v: 1, status: 'refused', reason, retryAfterMs: retryAfterMs[reason] });
  }
}

const parseRequest = (payload: Uint8Array): JoinRequest | undefined => {
  try {
    return joinRequestSchema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data;
  } catch {
    return undefined;
  }
};

const claimOf = (hash: Buffer | null, claim: string): 'same' | 'other' | 'none' => {
  if (!hash) return 'none';
  return fitsHash(claim, hash) ? 'same' : 'other';
};

export const notInState = (device: DeviceView, wanted: string): HubError =>
  new HubError('conflict', `${device.name ?? device.deviceId} is ${device.state}, not ${wanted}`, {
    context: { deviceId: device.deviceId, state: device.state },
  });
