import type { EventEmitter } from 'node:events';
import type net from 'node:net';
import { HubError, type Timer } from '@hallhub/shared';
import { maxDevicePayloadBytes } from '@hallhub/shared/wire';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { Principal, Refusal } from './access.js';
import type { BrokerClient, BrokerMessageIn, BrokerOptions } from './broker-contract.js';
import { addressOf, Listener } from './listener.js';
import { PacketGuard } from './packet-guard.js';
import { PublishDesk } from './publish-desk.js';
import { maxStrangers, openSession, type Session, sessionId } from './session.js';
import { SessionStore } from './session-store.js';
import { mayHave, SubscriptionDesk } from './subscription-desk.js';

const drainTimeoutMs = 3_000;
/** Topic and headers of a PUBLISH beside its payload. */
const packetOverheadBytes = 1_024;
const defaultBytesPerSecond = 2 * 1_048_576;
const sweepMs = 60_000;

const returnCodes: Record<Refusal, number> = { identifier: 2, busy: 3, credential: 4, not_authorized: 5 };

/** What a CONNECT said that aedes does not hand on. */
interface Opening {
  readonly keepaliveMs: number;
  /** MQTT-3.1.3-8: an empty client id, and a session to be kept. */
  readonly invalidId: boolean;
}

/**
 * The unit's MQTT 3.1.1 broker: aedes with the hall's rules. For the unit's own devices it keeps nothing; for accounts it keeps
 * retained messages and sessions, in memory and bounded.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #sessions = new Map<Client, Session>();
  readonly #openings = new WeakMap<Client, Opening>();
  /** Connections whose refusal was told, or that were let in: what fails on them later is no refusal. */
  readonly #judged = new WeakSet<Client>();
  readonly #store: SessionStore;
  readonly #desk: PublishDesk;
  readonly #subscriptions: SubscriptionDesk;
  readonly #listener: Listener;
  #aedes: Aedes | undefined;
  #sweep: Timer | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
    const { clock, handlers, logger } = options;
    this.#store = new SessionStore({
      clock,
      mayKeep: (id, filter) => {
        const session = this.#sessionOf(id);
        return session !== undefined && mayHave(session.principal, filter);
      },
      isConnected: (id) => this.#sessionOf(id) !== undefined,
      onFull: (what, who) => {
        logger.warn({ what, who }, 'the broker keeps no more of this');
        handlers.onFull?.(what, who);
      },
    });
    this.#desk = new PublishDesk({ clock, logger, handlers, store: this.#store });
    this.#subscriptions = new SubscriptionDesk((address, reason) => handlers.onRefused(address, reason));
    this.#listener = new Listener({
      host: options.host,
      port: options.port,
      tls: options.tls,
      maxConnections: options.maxConnections,
      onSocket: (socket) => this.#accept(socket),
      onDropped: (address, reason) => handlers.onRefused(address, reason),
      onError: (error) => logger.error({ error: error.message }, 'broker listener error'),
    });
  }

  get clients(): readonly BrokerClient[] {
    return [...this.#sessions.values()];
  }

  /** Set once it listens. */
  get port(): number | undefined {
    return this.#listener.port;
  }

  /** Set once it listens with TLS. */
  get tlsPort(): number | undefined {
    return this.#listener.tlsPort;
  }

  get kept(): SessionStore['counts'] {
    return this.#store.counts;
  }

  /** Throws `configuration` where a port cannot be had or the certificate cannot be used, with what to do about it. */
  async start(): Promise<void> {
    const { logger, clock } = this.#options;
    this.#aedes = await Aedes.createBroker({
      persistence: this.#store,
      concurrency: 100,
      connectTimeout: 10_000,
      drainTimeout: drainTimeoutMs,
      heartbeatInterval: 60_000,
      queueLimit: 64,
      maxInflightInbound: 100,
      maxTopicLevels: 32,
      maxClientsIdLength: 64,
      preConnect: (client, { clientId, clean, keepalive }, done) => {
        this.#openings.set(client, {
          keepaliveMs: (keepalive ?? 0) * 1_000,
          invalidId: clientId === '' && !clean,
        });
        done(null, true);
      },
      authenticate: (client, userName, password, done) => {
        this.#authenticate(client, { userName, password }, done).catch((error) => {
          logger.error({ error: String(error) }, 'a login could not be checked');
          done(Object.assign(new Error('busy'), { returnCode: returnCodes.busy }), false);
        });
      },
      authorizePublish: (client, packet, done) => {
        const session = client ? this.#sessions.get(client) : undefined;
        if (client && session) this.#desk.take(client, session, packet, done);
        else done(new Error('not a known client'));
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#subscriptions.grant(client, this.#sessions.get(client), subscription)),
      authorizeForward: (client, packet) => this.#subscriptions.forward(client, this.#sessions.get(client), packet),
    });
    this.#aedes.on('clientDisconnect', (client) => this.#gone(client));
    this.#aedes.on('keepaliveTimeout', (client) => this.#blame(client, 'keepalive'));
    this.#aedes.on('clientError', (client, error) => this.#failed(client, error));
    this.#aedes.on('connectionError', (client, error) => this.#failed(client, error));
    (this.#aedes as EventEmitter).on('error', (error: Error) => logger.error({ error: error.message }, 'broker error'));
    try {
      await this.#listener.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    const again = (): void => {
      this.#sweep = clock.setTimeout(() => {
        this.#store.sweep();
        again();
      }, sweepMs);
    };
    again();
  }

  async stop(): Promise<void> {
    const aedes = this.#aedes;
    this.#aedes = undefined;
    this.#sweep?.cancel();
    this.#desk.stop();
    for (const session of this.#sessions.values()) session.reason = 'stopped';
    await this.#listener.stop();
    if (aedes) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    this.#sessions.clear();
  }

  /** To every account client that subscribed to it. */
  publish(topic: string, payload: string | Uint8Array, options: { qos?: 0 | 1; retain?: boolean } = {}): Promise<void> {
    const aedes = this.#aedes;
    if (!aedes) return Promise.reject(new HubError('unavailable', 'the broker does not run'));
    const packet = {
      cmd: 'publish' as const,
      topic,
      payload: Buffer.from(payload as string),
      qos: options.qos ?? 0,
      retain: options.retain ?? false,
      dup: false,
    };
    return new Promise((resolve, reject) => aedes.publish(packet, (error) => (error ? reject(error) : resolve())));
  }

  /** What it keeps that fits the filter. */
  retained(filter: string): BrokerMessageIn[] {
    return [...this.#store.retained(filter)].map(({ topic, payload, qos }) => ({
      topic,
      payload: Buffer.from(payload as Buffer),
      qos,
      retain: true,
      isWill: false,
    }));
  }

  #accept(socket: net.Socket): void {
    const { logger, handlers, clock, maxMessagesPerSecond } = this.#options;
    const aedes = this.#aedes;
    if (!aedes) {
      socket.destroy();
      return;
    }
    const address = addressOf(socket);
    const client = aedes.handle(socket);
    const guard = new PacketGuard(
      {
        maxBytes: maxDevicePayloadBytes + packetOverheadBytes,
        packetsPerSecond: Math.max(200, maxMessagesPerSecond * 4),
      },
      clock.monotonicMs(),
    );
    // What ended between its login and its CONNACK aedes does not tell.
    socket.once('close', () => {
      if (this.#sessions.get(client)?.said === false) this.#sessions.delete(client);
    });
    // aedes reads by `readable`; a `data` listener beside it sees each chunk first and changes nothing.
    socket.on('data', (chunk: Buffer) => {
      const wrong = guard.accept(chunk, clock.monotonicMs());
      if (!wrong) return;
      const session = this.#sessions.get(client);
      this.#judged.add(client);
      if (session) {
        session.reason = wrong.startsWith('flood') ? 'flood' : `oversize: ${wrong}`;
        if (session.reason === 'flood') handlers.onFlood(session, true);
      }
      handlers.onRefused(address, wrong);
      logger.warn({ address, reason: wrong }, 'connection ended');
      // Not the socket alone: aedes would still handle all that this very chunk holds.
      client.close();
      socket.destroy();
    });
  }

  async #authenticate(
    client: Client,
    login: { userName: string | undefined; password: Buffer | undefined },
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const { handlers, clock, maxMessagesPerSecond, maxBytesPerSecond } = this.#options;
    const address = addressOf(client.conn as net.Socket);
    const opening = this.#openings.get(client);
    this.#judged.add(client);
    const refuse = (refusal: Refusal, reason: string): void => {
      handlers.onRefused(address, reason);
      done(Object.assign(new Error(reason), { returnCode: returnCodes[refusal] }), false);
    };
    const verdict = opening?.invalidId ? 'identifier' : await handlers.authenticate({ clientId: client.id, ...login });
    if (typeof verdict === 'string') {
      refuse(verdict, `refused: ${verdict}`);
      return;
    }
    if (verdict.kind === 'stranger' && this.#count('stranger') >= maxStrangers) {
      refuse('busy', 'too many strangers');
      return;
    }
    // Of the unit's own devices no session is kept: commands have deadlines, and what they say is stored elsewhere.
    Object.assign(client, { id: sessionId(verdict), clean: client.clean || verdict.kind !== 'account' });
    const session = openSession(client, {
      principal: verdict,
      address,
      keepaliveMs: opening?.keepaliveMs ?? 0,
      nowMs: clock.monotonicMs(),
      messagesPerSecond: maxMessagesPerSecond,
      bytesPerSecond: maxBytesPerSecond ?? defaultBytesPerSecond,
    });
    this.#sessions.set(client, session);
    client.once('connected', () => {
      session.said = true;
      handlers.onConnected(session);
    });
    done(null, true);
  }

  #failed(client: Client, error: Error): void {
    const session = this.#sessions.get(client);
    const { logger, handlers } = this.#options;
    if (session) {
      if (
        session.reason === 'lost' &&
        !/^(keep alive timeout|read ECONNRESET|connection closed|write EPIPE)/.test(error.message)
      )
        session.reason = error.message;
      logger.debug({ address: session.address, error: error.message }, 'client error');
      if (!session.said) this.#sessions.delete(client);
    } else if (!this.#judged.has(client)) {
      handlers.onRefused(addressOf(client.conn as net.Socket), refusalText(error));
    }
  }

  #blame(client: Client, reason: string): void {
    const session = this.#sessions.get(client);
    if (session) session.reason = reason;
  }

  #gone(client: Client): void {
    const session = this.#sessions.get(client);
    if (!session) return;
    this.#sessions.delete(client);
    if (!session.said) return;
    // A DISCONNECT packet is the only goodbye (3.1.1 section 3.14).
    const clean = (client as unknown as { _disconnected?: boolean })._disconnected === true;
    this.#options.handlers.onDisconnected(session, clean ? 'goodbye' : session.reason);
  }

  #sessionOf(id: string): Session | undefined {
    for (const [client, session] of this.#sessions) if (client.id === id) return session;
    return undefined;
  }

  #count(kind: Principal['kind']): number {
    let count = 0;
    for (const { principal } of this.#sessions.values()) if (principal.kind === kind) count += 1;
    return count;
  }
}

const refusalText = (error: Error): string =>
  error.message === 'unacceptable protocol version'
    ? 'it speaks another version of MQTT than 3.1.1; one that speaks only MQTT 5 needs an external broker'
    : error.message;
