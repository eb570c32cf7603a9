import type { BrokerClientChange, BrokerMessage, BrokerPort } from '../ports/index.js';
import { fitsFilter } from './access.js';
import type { Broker, BrokerClient, BrokerMessageIn } from './broker.js';

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
