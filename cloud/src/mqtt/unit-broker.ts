import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { HubError, isHubError } from '@hallhub/shared';
import { defaultBatchLimits, maxHeaderBytes, parseUnitTopic } from '@hallhub/shared/wire';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import { commonNameOf, type OnRefused, type RefusalReason } from '../listeners/index.js';
import type { UnitMessageHandler } from './cloud-messaging.js';
import { type ConnectionVerdict, connack, type Login } from './judge-connection.js';
import { guardPackets, PacketGuard } from './packet-guard.js';
import { noRouter, noStore } from './passing-broker.js';
import { filterMatches, mayPublish, maySubscribe } from './topic-rights.js';
import { UnitConnection } from './unit-connection.js';
import { defaultUnitRates, type UnitRateLimits, UnitRates } from './unit-rates.js';

export interface UnitBrokerOptions {
  readonly log: Logger;
  /** Throws where it cannot be known now. */
  readonly judge: (connection: UnitConnection, login: Login) => Promise<ConnectionVerdict>;
  readonly onProved: (connection: UnitConnection) => void;
  readonly onRefused: OnRefused;
  /** A unit went over its limits, or came back under them. */
  readonly onFlood?: ((unitId: string, turn: 'began' | 'ended') => void) | undefined;
  readonly rates?: UnitRateLimits | undefined;
  /** A unit that does not read for this long is cut off. */
  readonly drainTimeoutMs?: number | undefined;
}

const connectTimeoutMs = 10_000;
const fallbackKeepaliveS = 50;
/** Whatever was asked for, a connection nothing came over ends after half as long again. */
const maxKeepaliveS = 300;
const maxFilters = 16;
const maxUnreadBytes = 2 * 1_048_576;
const packetLimits = {
  firstPacketBytes: 8_192,
  packetBytes: defaultBatchLimits.maxBatchBytes + maxHeaderBytes + 1_024,
  packetsPerSecond: 500,
};

/**
 * MQTT 3.1.1 with units (aedes): clean sessions, QoS 1, nothing retained. A unit has one connection, and a newer one ends the
 * older; what it says goes to the handler, what the cloud says goes to it alone.
 */
export class UnitBroker {
  readonly #options: UnitBrokerOptions;
  readonly #aedes: Aedes;
  readonly #connections = new WeakMap<Client, UnitConnection>();
  /** By unit, from proof to end. */
  readonly #units = new Map<string, UnitConnection>();
  #handler: UnitMessageHandler | undefined;
  #made = 0;

  private constructor(options: UnitBrokerOptions) {
    this.#options = options;
    this.#aedes = new Aedes({
      mq: noRouter,
      persistence: noStore,
      drainTimeout: options.drainTimeoutMs ?? 3_000,
      connectTimeout: connectTimeoutMs,
      maxTopicLevels: 8,
      preConnect: (_client, packet, done) => {
        const connect = packet as ConnectPacket & { clean: boolean; keepalive: number };
        // Sessions are clean whatever was asked for, and a silent half-open connection must end some day.
        connect.clean = true;
        connect.keepalive = Math.min(connect.keepalive || fallbackKeepaliveS, maxKeepaliveS);
        done(null, true);
      },
      authenticate: (client, userName, password, done) => void this.#authenticate(client, { userName, password }, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => {
        const connection = this.#connections.get(client);
        const filters = connection?.filters ?? [];
        const may =
          maySubscribe(connection?.unitId ?? '', subscription.topic) &&
          (filters.length < maxFilters || filters.includes(subscription.topic));
        done(null, may ? subscription : null);
      },
      published: (packet, client, done) => {
        const topic = client ? parseUnitTopic(packet.topic) : undefined;
        if (topic)
          this.#handler?.({ unitId: topic.unitId, channel: topic.rest, payload: packet.payload as Uint8Array });
        done(null);
      },
    });
    this.#aedes.on('clientDisconnect', (client) => this.#gone(client));
    this.#aedes.on('clientError', (client, error) => this.#failed(client, error));
    this.#aedes.on('connectionError', (client, error) => this.#failed(client, error));
    (this.#aedes as EventEmitter).on('error', (error: Error) => options.log.error({ err: error }, 'the broker failed'));
  }

  static async open(options: UnitBrokerOptions): Promise<UnitBroker> {
    const broker = new UnitBroker(options);
    await (broker.#aedes as unknown as { listen(): Promise<void> }).listen();
    return broker;
  }

  get size(): number {
    return this.#units.size;
  }

  get closed(): boolean {
    return this.#aedes.closed;
  }

  onMessage(handler: UnitMessageHandler | undefined): void {
    this.#handler = handler;
  }

  /** Units that are connected; with a unit id, that one if it is. */
  connections(unitId?: string): UnitConnection[] {
    if (unitId === undefined) return [...this.#units.values()];
    const found = this.#units.get(unitId);
    return found ? [found] : [];
  }

  /** Takes over a connection of which nothing was read yet, with TLS done where there is any. */
  accept(stream: Socket, from: Pick<UnitConnection, 'listener' | 'socket' | 'certificate'>): void {
    guardPackets(stream, new PacketGuard(packetLimits, performance.now()));
    const client = this.#aedes.handle(stream);
    this.#connections.set(client, new UnitConnection(client, from));
  }

  /** Resolves when it was written, or where nobody listens. */
  async publish(topic: string, payload: string): Promise<void> {
    if (this.closed) throw new HubError('unavailable', 'The broker is closed');
    const connection = this.#units.get(parseUnitTopic(topic)?.unitId ?? '');
    if (!connection?.filters.some((filter) => filterMatches(filter, topic))) return;
    if (connection.unreadBytes > maxUnreadBytes) {
      this.#refuse(connection, 'slow_reader');
      connection.end();
      return;
    }
    await new Promise<void>((resolve) => {
      const packet = {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload),
        qos: 1,
        retain: false,
        dup: false,
      } as const;
      // What cannot be written any more ends with its connection; the unit asks again over the next one.
      connection.client.publish(packet, () => resolve());
    });
  }

  async close(): Promise<void> {
    this.#handler = undefined;
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
  }

  async #authenticate(
    client: Client,
    login: Login,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const refuse = (code: number, message: string): void =>
      done(Object.assign(new Error(message), { returnCode: code }) as AuthenticateError, false);
    const connection = this.#connections.get(client);
    if (!connection) return refuse(connack.unavailable, 'the connection is gone');
    let verdict: ConnectionVerdict;
    try {
      verdict = await this.#options.judge(connection, login);
    } catch (error) {
      this.#options.log.warn({ err: error, address: connection.address }, 'a unit could not be checked');
      return refuse(connack.unavailable, 'the server cannot check now');
    }
    if (client.closed) return;
    if ('code' in verdict) {
      this.#refuse(connection, verdict.reason, { unitId: verdict.unitId });
      return refuse(verdict.code, verdict.message);
    }
    const { unitId } = verdict;
    connection.unitId = unitId;
    connection.rates = new UnitRates(this.#options.rates ?? defaultUnitRates, performance.now());
    // A name of our own: none that a client chooses can touch another's connection.
    (client as { id: string }).id = `${unitId} ${++this.#made}`;
    const older = this.#units.get(unitId);
    this.#units.set(unitId, connection);
    older?.end();
    this.#options.onProved(connection);
    // What ends between here and its CONNACK aedes does not tell.
    client.conn.once('close', () => this.#gone(client));
    done(null, true);
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const connection = client ? this.#connections.get(client) : undefined;
    if (!client || !connection?.unitId) {
      done(client ? new HubError('forbidden', 'Not a known unit') : null);
      return;
    }
    if (!mayPublish(connection.unitId, packet.topic)) {
      done(new HubError('forbidden', `A unit may not publish to ${packet.topic.slice(0, 200)}`));
      return;
    }
    if (packet.qos === 2) {
      done(new HubError('protocol_violation', 'QoS 2 is not served'));
      return;
    }
    packet.retain = false;
    // A will: its connection is over already.
    if (client.closed || !connection.rates) {
      done(null);
      return;
    }
    const { delayMs, turn } = connection.rates.take(performance.now(), packet.payload.length);
    if (turn) this.#options.onFlood?.(connection.unitId, turn);
    if (delayMs === 0) done(null);
    else setTimeout(done, delayMs, null).unref();
  }

  #gone(client: Client): void {
    const connection = this.#connections.get(client);
    if (!connection?.unitId || this.#units.get(connection.unitId) !== connection) return;
    this.#units.delete(connection.unitId);
    if (connection.rates?.flooding) this.#options.onFlood?.(connection.unitId, 'ended');
  }

  #failed(client: Client, error: Error): void {
    const connection = this.#connections.get(client);
    this.#options.log.debug(
      { unitId: connection?.unitId, address: connection?.address, err: error },
      'a connection ended',
    );
    const reason = reasonOf(error);
    if (connection && reason) this.#refuse(connection, reason, { detail: error.message });
  }

  #refuse(
    connection: UnitConnection,
    reason: RefusalReason,
    more: { readonly unitId?: string | null; readonly detail?: string } = {},
  ): void {
    const { listener, address, certificate } = connection;
    this.#options.onRefused({
      ...{ listener, reason, address, unitId: connection.unitId },
      ...(certificate
        ? {
            certificate: {
              sha256: certificate.sha256,
              serial: certificate.serial,
              commonName: commonNameOf(certificate.der),
            },
          }
        : undefined),
      ...more,
    });
  }
}

const reasonOf = (error: Error): RefusalReason | undefined => {
  if (isHubError(error, 'forbidden')) return 'topic';
  if (isHubError(error, 'too_large')) return 'oversize';
  if (isHubError(error, 'rate_limited')) return 'flood';
  if (isHubError(error, 'protocol_violation')) return 'malformed';
  if (error.message === 'drain timeout') return 'slow_reader';
  // Everything else that aedes and its parser say about packets; a lost connection and a keep-alive are no refusal.
  return /protocol|not allowed|malformed|invalid|cannot parse|header flag|too many levels|packet/i.test(error.message)
    ? 'malformed'
    : undefined;
};
