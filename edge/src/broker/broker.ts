import type { EventEmitter } from 'node:events';
import net from 'node:net';
import { type Clock, HubError } from '@hallhub/shared';
import { maxDevicePayloadBytes } from '@hallhub/shared/wire';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client, type Subscription } from 'aedes';
import type { Logger } from '../ports/index.js';
import { mayPublish, maySubscribe, type Principal, type Refusal } from './access.js';
import { FloodGate } from './flood-gate.js';
import { PacketGuard } from './packet-guard.js';

const drainTimeoutMs = 3_000;
/** Strangers that may be connected at once; they are many only where something is wrong. */
const maxStrangers = 64;
/** A stranger says who it is and waits: whoever says more could fill the registry and the events lane. */
const strangerMessagesPerSecond = 1;
/** Topic and headers of a PUBLISH beside its payload. */
const packetOverheadBytes = 1_024;

export interface BrokerMessageIn {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Published by the broker because the connection was lost. */
  readonly isWill: boolean;
}

/** One connection that was let in. */
export interface BrokerClient {
  readonly principal: Principal;
  readonly address: string;
  /** Sent to this connection alone. Resolves when it was written, rejects when the connection is gone. */
  send(topic: string, payload: string, qos: 0 | 1): Promise<void>;
  close(reason: string): void;
}

export interface BrokerHandlers {
  /** Who is it? Must answer in constant time for wrong secrets. */
  authenticate(login: {
    clientId: string;
    userName: string | undefined;
    password: Buffer | undefined;
  }): Principal | Refusal;
  onConnected(client: BrokerClient): void;
  onDisconnected(client: BrokerClient, reason: string): void;
  /** A QoS 1 PUBACK is held until this settles; what it rejects with ends the connection without a PUBACK, so that the device sends again. */
  onMessage(client: BrokerClient, message: BrokerMessageIn): Promise<void>;
  onRefused(address: string, reason: string): void;
  onFlood(client: BrokerClient, disconnected: boolean): void;
}

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: BrokerHandlers;
  readonly maxConnections: number;
  readonly maxMessagesPerSecond: number;
}

interface Session extends BrokerClient {
  readonly gate: FloodGate;
  reason: string;
  said: boolean;
}

const returnCodes: Record<Refusal, number> = { identifier: 2, busy: 3, credential: 4, not_authorized: 5 };

/** The unit's MQTT broker: aedes with the hall's rules. It keeps nothing: no retained messages, no sessions, no queues. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #sessions = new Map<Client, Session>();
  /** Client ids that MQTT-3.1.3-8 forbids: empty, and a session to be kept. */
  readonly #invalidIds = new WeakSet<Client>();
  /** Connections whose refusal was told, or that were let in: what fails on them later is no refusal. */
  readonly #judged = new WeakSet<Client>();
  #aedes: Aedes | undefined;
  #server: net.Server | undefined;
  readonly #sockets = new Set<net.Socket>();

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get clients(): readonly BrokerClient[] {
    return [...this.#sessions.values()];
  }

  /** Set once it listens. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return address && typeof address === 'object' ? address.port : undefined;
  }

  /** Throws `configuration` where the port cannot be had, with what to do about it. */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    this.#aedes = await Aedes.createBroker({
      concurrency: 100,
      connectTimeout: 10_000,
      drainTimeout: drainTimeoutMs,
      heartbeatInterval: 60_000,
      queueLimit: 64,
      maxInflightInbound: 100,
      maxTopicLevels: 32,
      maxClientsIdLength: 64,
      preConnect: (client, packet, done) => {
        if (packet.clientId === '' && !packet.clean) this.#invalidIds.add(client);
        done(null, true);
      },
      authenticate: (client, userName, password, done) => this.#authenticate(client, { userName, password }, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#authorizeSubscribe(client, subscription)),
      // Nothing that a device says goes to another client but what an adapter publishes.
      authorizeForward: (client, packet) => this.#authorizeForward(client, packet),
    });
    this.#aedes.on('clientDisconnect', (client) => this.#gone(client));
    this.#aedes.on('keepaliveTimeout', (client) => this.#blame(client, 'keepalive'));
    this.#aedes.on('clientError', (client, error) => this.#failed(client, error));
    this.#aedes.on('connectionError', (client, error) => this.#failed(client, error));
    (this.#aedes as EventEmitter).on('error', (error: Error) =>
      this.#options.logger.error({ error: error.message }, 'broker error'),
    );
    const server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) =>
      this.#accept(socket),
    );
    server.maxConnections = this.#options.maxConnections;
    server.on('drop', (data) => this.#options.handlers.onRefused(`${data?.remoteAddress}`, 'too many connections'));
    this.#server = server;
    try {
      await listen(server, host, port);
    } catch (error) {
      await this.stop();
      throw listenError(error, host, port);
    }
    server.on('error', (error) => this.#options.logger.error({ error: error.message }, 'broker listener error'));
  }

  async stop(): Promise<void> {
    const [aedes, server] = [this.#aedes, this.#server];
    this.#aedes = undefined;
    this.#server = undefined;
    if (server?.listening)
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const session of this.#sessions.values()) session.reason = 'stopped';
        for (const socket of this.#sockets) socket.destroy();
      });
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

  #accept(socket: net.Socket): void {
    const { logger, handlers } = this.#options;
    const aedes = this.#aedes;
    if (!aedes) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const address = addressOf(socket);
    const client = aedes.handle(socket);
    const guard = new PacketGuard(maxDevicePayloadBytes + packetOverheadBytes);
    // aedes reads by `readable`; a `data` listener beside it sees each chunk first and changes nothing.
    socket.on('data', (chunk: Buffer) => {
      const wrong = guard.accept(chunk);
      if (!wrong) return;
      const session = this.#sessions.get(client);
      this.#judged.add(client);
      if (session) session.reason = `oversize: ${wrong}`;
      handlers.onRefused(address, wrong);
      logger.warn({ address, reason: wrong }, 'connection ended');
      socket.destroy();
    });
  }

  #authenticate(
    client: Client,
    login: { userName: string | undefined; password: Buffer | undefined },
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    const { handlers, clock, maxMessagesPerSecond } = this.#options;
    const address = addressOf(client.conn as net.Socket);
    this.#judged.add(client);
    const refuse = (refusal: Refusal, reason: string): void => {
      handlers.onRefused(address, reason);
      done(Object.assign(new Error(reason), { returnCode: returnCodes[refusal] }), false);
    };
    const verdict = this.#invalidIds.has(client)
      ? 'identifier'
      : handlers.authenticate({ clientId: client.id, ...login });
    if (typeof verdict === 'string') {
      refuse(verdict, `refused: ${verdict}`);
      return;
    }
    if (verdict.kind === 'stranger' && this.#count('stranger') >= maxStrangers) {
      refuse('busy', 'too many strangers');
      return;
    }
    // Ids are kept apart by kind, so that a stranger cannot throw a device out by taking its client id; and no session is ever kept.
    Object.assign(client, { id: sessionId(verdict), clean: true });
    const session: Session = {
      principal: verdict,
      address,
      gate: new FloodGate(
        verdict.kind === 'stranger' ? Math.min(strangerMessagesPerSecond, maxMessagesPerSecond) : maxMessagesPerSecond,
        clock.monotonicMs(),
      ),
      reason: 'lost',
      said: false,
      send: (topic, payload, qos) => sendTo(client, topic, payload, qos),
      close: (reason) => {
        session.reason = reason;
        client.close();
      },
    };
    this.#sessions.set(client, session);
    client.once('connected', () => {
      session.said = true;
      handlers.onConnected(session);
    });
    done(null, true);
  }

  #authorizePublish(
    client: Client | null,
    packet: { topic: string; payload: string | Buffer; qos: number; retain: boolean },
    done: (error?: Error | null) => void,
  ): void {
    const session = client ? this.#sessions.get(client) : undefined;
    if (!client || !session) {
      done(new Error('not a known client'));
      return;
    }
    if (!mayPublish(session.principal, packet.topic)) {
      this.#options.handlers.onRefused(session.address, `publish to ${packet.topic} is not allowed`);
      session.reason = 'not_authorized';
      done(new Error(`publish to ${packet.topic} is not allowed`));
      return;
    }
    const { clock, handlers, logger } = this.#options;
    const isWill = client.closed;
    const message: BrokerMessageIn = {
      topic: packet.topic,
      payload: Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload),
      qos: packet.qos as 0 | 1 | 2,
      retain: packet.retain,
      isWill,
    };
    // Nothing is retained and nothing of a device is for other clients.
    packet.retain = false;
    const verdict = session.gate.count(clock.monotonicMs());
    if (verdict.began || verdict.disconnect) handlers.onFlood(session, verdict.disconnect);
    if (verdict.disconnect) {
      session.reason = 'flood';
      done(new Error('too many messages'));
      return;
    }
    const settle = (error?: Error): void => {
      if (verdict.delayMs > 0) clock.setTimeout(() => done(error), verdict.delayMs);
      else done(error);
    };
    handlers.onMessage(session, message).then(
      () => settle(),
      (error) => {
        logger.error({ topic: packet.topic, error: String(error) }, 'a message could not be taken in');
        // Without a PUBACK it comes again; QoS 0 has no such second chance and the connection may stay.
        if (packet.qos > 0) session.reason = 'store';
        settle(packet.qos > 0 ? new Error('not stored') : undefined);
      },
    );
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const session = this.#sessions.get(client);
    const { topic } = subscription;
    if (session && !topic.startsWith('$share/') && maySubscribe(session.principal, topic)) return subscription;
    this.#options.handlers.onRefused(session?.address ?? '', `subscription to ${topic} is not allowed`);
    return null;
  }

  #authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const session = this.#sessions.get(client);
    return session && maySubscribe(session.principal, packet.topic) ? packet : null;
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
      handlers.onRefused(addressOf(client.conn as net.Socket), error.message);
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

  #count(kind: Principal['kind']): number {
    let count = 0;
    for (const { principal } of this.#sessions.values()) if (principal.kind === kind) count += 1;
    return count;
  }
}

const sessionId = (principal: Principal): string => {
  switch (principal.kind) {
    case 'stranger':
      return `join/${principal.clientId}`;
    case 'device':
      return `device/${principal.deviceId}`;
    case 'account':
      return `account/${principal.account.userName}/${principal.clientId}`;
  }
};

const sendTo = (client: Client, topic: string, payload: string, qos: 0 | 1): Promise<void> =>
  new Promise((resolve, reject) => {
    if (client.closed || !client.connected) {
      reject(new HubError('link_lost', 'the connection is gone'));
      return;
    }
    client.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: false, dup: false }, (error) =>
      error ? reject(error) : resolve(),
    );
  });

const addressOf = (socket: net.Socket): string => `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`;

const listen = (server: net.Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });

const listenError = (error: unknown, host: string, port: number): HubError => {
  const code = (error as { code?: string }).code;
  const where = `${host}:${port}`;
  const hints: Record<string, [string, string]> = {
    EADDRINUSE: [
      `port ${where} is in use`,
      `Stop what listens there (ss -ltnp | grep ${port}), or set broker.port in edge.yaml.`,
    ],
    EACCES: [`port ${where} may not be used by this user`, 'Set broker.port in edge.yaml to one above 1023.'],
    EADDRNOTAVAIL: [
      `${host} is no address of this machine`,
      'Set broker.host in edge.yaml to 0.0.0.0 or to an address that `ip addr` shows.',
    ],
  };
  const [message, hint] = hints[code ?? ''] ?? [
    `the broker cannot listen on ${where}: ${(error as Error).message}`,
    'Check broker in edge.yaml.',
  ];
  return new HubError('configuration', message, { cause: error, hint, context: { host, port, code } });
};
