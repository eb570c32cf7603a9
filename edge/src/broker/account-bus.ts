import type { BrokerClientChange, BrokerMessage, BrokerPort } from '../ports/index.js';
import type { Broker } from './broker.js';
import type { BrokerClient, BrokerMessageIn } from './broker-contract.js';
import { fitsFilter } from './topic-filter.js';

interface Listener {
  readonly filter: string;
  readonly handler: (message: BrokerMessage) => void | Promise<void>;
}

/** The broker as adapters of other makers' devices see it: messages of account clients only. */
export class AccountBus implements BrokerPort {
  readonly #broker: () => Broker | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #clientListeners = new Set<(change: BrokerClientChange) => void>();

  constructor(broker: () => Broker | undefined) {
    this.#broker = broker;
  }

  onMessage(filter: string, handler: Listener['handler']): () => void {
    const listener = { filter, handler };
    this.#listeners.add(listener);
    queueMicrotask(() => this.#giveRetained(listener));
    return () => void this.#listeners.delete(listener);
  }

  onClient(handler: (change: BrokerClientChange) => void): () => void {
    this.#clientListeners.add(handler);
    return () => void this.#clientListeners.delete(handler);
  }

  async publish(
    topic: string,
    payload: string | Uint8Array,
    options?: { qos?: 0 | 1; retain?: boolean },
  ): Promise<void> {
    await this.#broker()?.publish(topic, payload, options);
  }

  /** As a broker does for a new subscription. What a handler cannot take of it was put aside when it came. */
  #giveRetained({ filter, handler }: Listener): void {
    for (const message of this.#broker()?.retained(filter) ?? []) {
      Promise.resolve()
        .then(() => handler({ ...message, clientId: '', userName: '' }))
        .catch(() => undefined);
    }
  }

  /** Every listener gets it; the first error is thrown once all are done. */
  async deliver(client: BrokerClient, message: BrokerMessageIn): Promise<void> {
    const { principal } = client;
    if (principal.kind !== 'account') return;
    const whole: BrokerMessage = { ...message, clientId: principal.clientId, userName: principal.account.userName };
    const results = await Promise.allSettled(
      [...this.#listeners]
        .filter(({ filter }) => fitsFilter(filter, message.topic))
        .map(async ({ handler }) => handler(whole)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  client(client: BrokerClient, connected: boolean, reason?: string): void {
    const { principal } = client;
    if (principal.kind !== 'account') return;
    const change = { clientId: principal.clientId, userName: principal.account.userName, connected, reason };
    for (const listener of this.#clientListeners) listener(change);
  }
}
