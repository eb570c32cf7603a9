import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Backoff, type Clock, HubError, type Timer } from '@hallhub/shared';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { fitsFilter } from '../../broker/topic-filter.js';
import type { BrokerClientChange, BrokerMessage, BrokerPort, Logger } from '../../ports/index.js';
import type { ExternalBrokerConfig } from './config.js';
import { connackReason, disconnectReason, subackReason } from './reason-codes.js';

export interface ExternalBrokerOptions {
  readonly adapterId: string;
  readonly config: ExternalBrokerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The link came up, or went, with its reason. */
  readonly onLink: (up: boolean, reason?: string) => void;
  /** The broker does not grant a filter. */
  readonly onRefused: (filter: string, reason: string) => void;
  /** What a handler could not take: the message is put aside. */
  readonly onAside: (message: BrokerMessage, error: unknown) => void;
}

interface Listener {
  readonly filter: string;
  readonly handler: (message: BrokerMessage) => void | Promise<void>;
}

/** A broker that stands elsewhere, as adapters see it. It dials again for ever; subscriptions outlive the connection. */
export class ExternalBroker implements BrokerPort {
  readonly #options: ExternalBrokerOptions;
  readonly #listeners = new Set<Listener>();
  /** How many listeners want each filter. */
  readonly #wanted = new Map<string, number>();
  readonly #backoff = new Backoff({ firstMs: 1_000, maxMs: 60_000 });
  #client: MqttClient | undefined;
  #redial: Timer | undefined;
  #up = false;
  #stopped = true;
  #reason: string | undefined;

  constructor(options: ExternalBrokerOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#up;
  }

  /** Dials in the background. Throws `configuration` where a certificate cannot be read. */
  start(): void {
    const { config, adapterId } = this.#options;
    this.#stopped = false;
    const client = mqtt.connect(config.url, {
      ...loginOf(config, adapterId),
      ...tlsOf(config),
      manualConnect: true,
    });
    this.#client = client;
    // The acknowledgement of QoS 1 and 2 is held until the hall has it: what is not stored comes again.
    client.handleMessage = (packet, done) => {
      this.#receive(packet as IPublishPacket).then(
        () => done(),
        (error: Error) => this.#fail(client, error),
      );
    };
    client.on('connect', ({ sessionPresent }) => this.#connected(client, sessionPresent));
    client.on('disconnect', ({ reasonCode }) => this.#note(disconnectReason(reasonCode ?? 0)));
    client.on('error', (error) => this.#note(connackReason(error, config.protocolVersion)));
    client.on('close', () => this.#closed(client));
    client.connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#redial?.cancel();
    const client = this.#client;
    this.#client = undefined;
    this.#up = false;
    if (!client) return;
    await new Promise<void>((resolve) => {
      const force = this.#options.clock.setTimeout(() => client.end(true, {}, () => resolve()), 1_500);
      client.end(!client.connected, {}, () => {
        force.cancel();
        resolve();
      });
    });
  }

  onMessage(filter: string, handler: Listener['handler']): () => void {
    const listener = { filter, handler };
    this.#listeners.add(listener);
    const users = this.#wanted.get(filter) ?? 0;
    this.#wanted.set(filter, users + 1);
    if (users === 0 && this.#up) this.#subscribe([filter]);
    return () => {
      if (!this.#listeners.delete(listener)) return;
      const left = (this.#wanted.get(filter) ?? 1) - 1;
      if (left > 0) this.#wanted.set(filter, left);
      else {
        this.#wanted.delete(filter);
        if (this.#up) this.#client?.unsubscribe(filter, {}, () => undefined);
      }
    };
  }

  /** Another broker does not tell who is connected to it. */
  onClient(_handler: (change: BrokerClientChange) => void): () => void {
    return () => undefined;
  }

  /** With QoS 1 resolves at the broker's acknowledgement. Rejects with `link_lost`, or `device_refused` with the broker's reason. */
  async publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {},
  ): Promise<void> {
    const client = this.#client;
    if (!this.#up || !client)
      throw new HubError(
        'link_lost',
        `${this.#options.config.url} is not connected${this.#reason ? `: ${this.#reason}` : ''}`,
      );
    try {
      await client.publishAsync(topic, payload as Buffer, { qos, retain });
    } catch (cause) {
      const code = (cause as { code?: unknown }).code;
      throw typeof code === 'number' && code >= 128
        ? new HubError('device_refused', `the broker refused the message: ${disconnectReason(code)}`, { cause })
        : new HubError('link_lost', `the message did not reach ${this.#options.config.url}`, { cause });
    }
  }

  #connected(client: MqttClient, sessionPresent: boolean): void {
    if (this.#stopped || client !== this.#client) return;
    this.#up = true;
    this.#reason = undefined;
    this.#backoff.reset();
    this.#options.logger.info({ url: this.#options.config.url, sessionPresent }, 'connected to the external broker');
    // Also where the session was there: what was asked for meanwhile is not in it, and retained values come anew.
    this.#subscribe([...this.#wanted.keys()]);
    this.#options.onLink(true);
  }

  #subscribe(filters: readonly string[]): void {
    const client = this.#client;
    if (!client || filters.length === 0) return;
    // Some brokers limit the filters of one packet.
    for (let from = 0; from < filters.length; from += 50) {
      const some = filters.slice(from, from + 50);
      client.subscribe([...some], { qos: 1 }, (error, granted, packet) => {
        const codes = (packet as { granted?: readonly (number | { qos: number })[] } | undefined)?.granted;
        some.forEach((filter, index) => {
          const code = codes?.[index] ?? granted?.[index]?.qos;
          if (typeof code === 'number' && code >= 128) this.#options.onRefused(filter, subackReason(code));
        });
        if (error && !codes) this.#options.logger.debug({ error: error.message }, 'subscription not answered');
      });
    }
  }

  #note(reason: string): void {
    this.#reason = reason;
  }

  #closed(client: MqttClient): void {
    if (this.#stopped || client !== this.#client) return;
    const { clock, config, onLink } = this.#options;
    const was = this.#up;
    this.#up = false;
    const delayMs = this.#backoff.nextMs();
    const reason = this.#reason ?? (was ? 'the connection was lost' : 'it cannot be reached');
    onLink(false, `${config.url}: ${reason}`);
    this.#redial?.cancel();
    this.#redial = clock.setTimeout(() => {
      if (!this.#stopped && client === this.#client) client.reconnect();
    }, delayMs);
  }

  /** The store refused it: without an acknowledgement the broker sends it again on the next connection. */
  #fail(client: MqttClient, error: Error): void {
    this.#options.logger.error({ error: error.message }, 'a message could not be taken in');
    this.#note('a message could not be stored');
    client.stream.destroy();
  }

  async #receive({ topic, payload, qos, retain }: IPublishPacket): Promise<void> {
    const message: BrokerMessage = { topic, payload: Buffer.from(payload), qos, retain, clientId: '', userName: '' };
    const results = await Promise.allSettled(
      [...this.#listeners]
        .filter(({ filter }) => fitsFilter(filter, topic))
        .map(async ({ handler }) => handler(message)),
    );
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      if (isStoreError(result.reason)) throw result.reason;
      this.#options.onAside(message, result.reason);
    }
  }
}

const isStoreError = (error: unknown): boolean => error instanceof HubError && error.code.startsWith('store_');

const loginOf = (config: ExternalBrokerConfig, adapterId: string): IClientOptions => {
  const { username, password, protocolVersion, sessionExpiryS, keepaliveS, connectTimeoutMs } = config;
  const keep = sessionExpiryS > 0;
  return {
    clientId: config.clientId ?? madeClientId(config.url, adapterId),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    protocolVersion,
    clean: !keep,
    keepalive: keepaliveS,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(protocolVersion === 5 && keep ? { properties: { sessionExpiryInterval: sessionExpiryS } } : {}),
  };
};

/** The same at every start, and another on every machine. */
const madeClientId = (url: string, adapterId: string): string =>
  `hallhub-${createHash('sha256').update(`${hostname()}\n${url}\n${adapterId}`).digest('hex').slice(0, 15)}`;

const tlsOf = ({ ca, cert, key }: ExternalBrokerConfig): IClientOptions => ({
  ...(ca === undefined ? {} : { ca: pem(ca) }),
  ...(cert === undefined ? {} : { cert: pem(cert) }),
  ...(key === undefined ? {} : { key: pem(key) }),
});

const pem = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new HubError('configuration', `${file} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Correct mqtt.external in edge.yaml, or let this user read the file.',
    });
  }
};
