import { timingSafeEqual } from 'node:crypto';
import { isHubError } from '@hallhub/shared';
import { type JoinReply, joinTopics } from '@hallhub/shared/wire';
import type { BrokerAccount } from '../config/index.js';
import type {
  AsideBook,
  CredentialRotation,
  DeviceRegistry,
  FaultBook,
  JoinDesk,
  MqttChannel,
  Stranger,
} from '../devices/index.js';
import { hashSecret } from '../devices/index.js';
import type { Logger } from '../ports/index.js';
import { isClientId, isStrangerLogin, type Principal, type Refusal } from './access.js';
import type { AccountBus } from './account-bus.js';
import type { BrokerClient, BrokerHandlers, BrokerMessageIn } from './broker-contract.js';
import { PasswordCheck } from './password.js';

export interface GatekeeperParts {
  readonly registry: DeviceRegistry;
  readonly join: JoinDesk;
  readonly channel: MqttChannel;
  readonly rotation: CredentialRotation;
  readonly bus: AccountBus;
  readonly aside: AsideBook;
  readonly faults: FaultBook;
  readonly accounts: readonly BrokerAccount[];
  readonly clock: { now(): number };
  readonly logger: Logger;
}

/** Connects the broker with the rest: who may come in, and to whom a message goes. */
export class Gatekeeper implements BrokerHandlers {
  readonly #parts: GatekeeperParts;
  readonly #strangers = new Map<BrokerClient, Stranger>();
  readonly #accounts: ReadonlyMap<string, BrokerAccount>;
  readonly #passwords = new PasswordCheck();
  #refused = 0;

  constructor(parts: GatekeeperParts) {
    this.#parts = parts;
    this.#accounts = new Map(parts.accounts.map((account) => [account.userName, account]));
  }

  /** Connections, publishes and subscriptions that were refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  authenticate({
    clientId,
    userName,
    password,
  }: {
    clientId: string;
    userName: string | undefined;
    password: Buffer | undefined;
  }): Principal | Refusal | Promise<Principal | Refusal> {
    if (isStrangerLogin(userName)) return isClientId(clientId) ? { kind: 'stranger', clientId } : 'identifier';
    const account = userName === undefined ? undefined : this.#accounts.get(userName);
    if (account) return this.#account(account, clientId, password);
    const record = userName === undefined ? undefined : this.#parts.registry.record(userName);
    const which = this.#parts.rotation.fits(record, password ?? Buffer.alloc(0));
    if (!record || !which) return 'credential';
    if (record.state !== 'active') return 'not_authorized';
    return { kind: 'device', deviceId: record.deviceId, clientId, credential: which };
  }

  async #account(account: BrokerAccount, clientId: string, password: Buffer | undefined): Promise<Principal | Refusal> {
    const { password: plain, passwordHash } = account;
    const given = password ?? Buffer.alloc(0);
    const right =
      passwordHash === undefined ? sameText(given, plain ?? '') : await this.#passwords.fits(passwordHash, given);
    return right ? { kind: 'account', account, clientId } : 'credential';
  }

  onConnected(client: BrokerClient): void {
    const { principal } = client;
    const { registry, channel, bus, clock, logger, rotation } = this.#parts;
    if (principal.kind === 'stranger') this.#strangers.set(client, this.#stranger(client, principal.clientId));
    else if (principal.kind === 'account') bus.client(client, true);
    else {
      // It may have been taken out of use between its sign-in and now.
      if (registry.record(principal.deviceId)?.state !== 'active') {
        client.close('not active');
        return;
      }
      channel.connected(principal.deviceId, client);
      rotation
        .used(principal.deviceId, principal.credential ?? 'old')
        .catch((error) =>
          logger.error(
            { deviceId: principal.deviceId, error: String(error) },
            'the use of a credential could not be stored',
          ),
        );
      if (registry.record(principal.deviceId)?.usedAt === null) {
        registry
          .changeSecret(principal.deviceId, { usedAt: clock.now() })
          .catch((error) =>
            logger.error(
              { deviceId: principal.deviceId, error: String(error) },
              'first use of a credential could not be stored',
            ),
          );
      }
    }
  }

  onDisconnected(client: BrokerClient, reason: string): void {
    const { principal } = client;
    const stranger = this.#strangers.get(client);
    this.#strangers.delete(client);
    if (stranger) this.#parts.join.left(stranger);
    if (principal.kind === 'account') this.#parts.bus.client(client, false, reason);
    if (principal.kind === 'device') this.#parts.channel.disconnected(principal.deviceId, client, reason);
  }

  async onMessage(client: BrokerClient, message: BrokerMessageIn): Promise<void> {
    const { principal } = client;
    if (principal.kind === 'device') return this.#parts.channel.message(principal.deviceId, message);
    if (principal.kind === 'stranger') {
      const stranger = this.#strangers.get(client);
      if (stranger && !message.isWill) await this.#parts.join.handle(stranger, message.payload);
      return;
    }
    try {
      await this.#parts.bus.deliver(client, message);
    } catch (error) {
      // What an adapter cannot understand is put aside; what the store refused must come again.
      if (isHubError(error) && error.code.startsWith('store_')) throw error;
      await this.#parts.aside.put({
        source: message.topic,
        reason: String((error as Error).message ?? error),
        payload: message.payload,
      });
    }
  }

  onRefused(address: string, reason: string): void {
    this.#refused += 1;
    this.#parts.logger.warn({ address, reason }, 'refused at the broker');
  }

  onFlood(client: BrokerClient, disconnected: boolean): void {
    const { principal, address } = client;
    const who = principal.kind === 'device' ? { deviceId: principal.deviceId } : { clientId: principal.clientId };
    const message = disconnected ? 'a flooding device was disconnected' : 'a device sends too much and is slowed down';
    this.#parts.faults.report('device_flood', message, { ...who, address });
  }

  onFull(what: 'retained' | 'queue' | 'sessions', who: string): void {
    const said = {
      retained: 'the broker keeps no more retained messages',
      queue: 'the queue of a client that is away is full',
      sessions: 'there are too many sessions: the oldest was forgotten',
    };
    this.#parts.faults.report('broker_full', said[what], { who });
  }

  #stranger(client: BrokerClient, clientId: string): Stranger {
    return {
      clientId,
      address: client.address.replace(/:\d+$/, ''),
      reply: (reply: JoinReply) => {
        client.send(joinTopics.reply(clientId), JSON.stringify(reply), 1).catch((error) => {
          this.#parts.logger.info({ clientId, error: String(error) }, 'the stranger left before its answer');
        });
      },
    };
  }
}

const sameText = (given: Buffer, wanted: string): boolean => timingSafeEqual(hashSecret(given), hashSecret(wanted));
