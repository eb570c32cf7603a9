import { Readable } from 'node:stream';
import type { Clock } from '@hallhub/shared';
import type { BrokerHandlers } from './broker-contract.js';
import { type RetainedLimits, RetainedStore, sizeOf } from './retained-store.js';
import { fitsFilter } from './topic-filter.js';

/** A packet as aedes hands it over to be kept. */
export interface KeptPacket {
  cmd: string;
  topic: string;
  payload: Buffer | string;
  qos: 0 | 1 | 2;
  retain: boolean;
  messageId?: number;
  brokerId?: string;
  brokerCounter?: number;
  clientId?: string;
}

interface KeptSubscription {
  topic: string;
  qos: 0 | 1 | 2;
  rh?: number;
  rap?: boolean;
  nl?: boolean;
}

interface Kept {
  readonly subscriptions: Map<string, KeptSubscription>;
  outgoing: KeptPacket[];
  outgoingBytes: number;
  seenAtMs: number;
}

type ClientRef = { readonly id: string };

export interface SessionLimits extends RetainedLimits {
  readonly sessions: number;
  readonly subscriptions: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** A session whose client stays away longer is forgotten. */
  readonly expiryMs: number;
}

export const sessionLimits: SessionLimits = {
  retainedTopics: 5_000,
  retainedBytes: 16 * 1_048_576,
  sessions: 500,
  subscriptions: 200,
  queuedMessages: 500,
  queuedBytes: 1_048_576,
  expiryMs: 86_400_000,
};

export interface SessionStoreOptions {
  readonly clock: Clock;
  readonly limits?: Partial<SessionLimits>;
  /** Whether the client may have this filter: aedes hands over the refused ones, too. */
  readonly mayKeep: (clientId: string, filter: string) => boolean;
  readonly isConnected: (clientId: string) => boolean;
  readonly onFull: NonNullable<BrokerHandlers['onFull']>;
}

/** What the broker keeps for accounts: retained messages, sessions and their queues. In memory, and each part bounded. */
export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #limits: SessionLimits;
  readonly #retained: RetainedStore;
  readonly #sessions = new Map<string, Kept>();
  /** QoS 2 messages whose PUBREL has not come, by client and packet id. */
  readonly #incoming = new Map<string, Map<number, KeptPacket>>();
  readonly #wills = new Map<string, KeptPacket>();
  #brokerId = '';

  constructor(options: SessionStoreOptions) {
    this.#options = options;
    this.#limits = { ...sessionLimits, ...options.limits };
    this.#retained = new RetainedStore(this.#limits, (topic) => options.onFull('retained', topic));
  }

  /** For doctor and tests. */
  get counts(): { retained: number; retainedBytes: number; sessions: number; queued: number } {
    let queued = 0;
    for (const { outgoing } of this.#sessions.values()) queued += outgoing.length;
    const { count: retained, bytes: retainedBytes } = this.#retained;
    return { retained, retainedBytes, sessions: this.#sessions.size, queued };
  }

  retained(filter: string): KeptPacket[] {
    return this.#retained.find([filter]);
  }

  async setup(broker: { id: string }): Promise<void> {
    this.#brokerId = broker.id;
  }

  retain({ cmd, topic, payload, qos, retain }: KeptPacket): void {
    this.#retained.put({ cmd, topic, payload, qos, retain });
  }

  async storeRetained(packet: KeptPacket): Promise<void> {
    this.retain(packet);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#retained.find(filters));
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  async addSubscriptions({ id }: ClientRef, subscriptions: readonly KeptSubscription[]): Promise<void> {
    const session = this.#open(id);
    for (const one of subscriptions) {
      const { topic, qos, rh, rap, nl } = one;
      if (!this.#options.mayKeep(id, topic)) continue;
      if (session.subscriptions.size >= this.#limits.subscriptions && !session.subscriptions.has(topic)) continue;
      session.subscriptions.set(topic, {
        topic,
        qos,
        ...(rh === undefined ? {} : { rh }),
        ...(rap === undefined ? {} : { rap }),
        ...(nl === undefined ? {} : { nl }),
      });
    }
  }

  async removeSubscriptions({ id }: ClientRef, topics: readonly string[]): Promise<void> {
    const session = this.#sessions.get(id);
    for (const topic of topics) session?.subscriptions.delete(topic);
    if (session?.subscriptions.size === 0 && session.outgoing.length === 0) this.#sessions.delete(id);
  }

  async subscriptionsByClient({ id }: ClientRef): Promise<KeptSubscription[]> {
    const session = this.#sessions.get(id);
    if (session) session.seenAtMs = this.#options.clock.monotonicMs();
    return [...(session?.subscriptions.values() ?? [])];
  }

  /** One entry a client, with the highest QoS of its filters that fit. */
  async subscriptionsByTopic(topic: string): Promise<(KeptSubscription & { clientId: string })[]> {
    const found: (KeptSubscription & { clientId: string })[] = [];
    for (const [clientId, { subscriptions }] of this.#sessions) {
      let best: KeptSubscription | undefined;
      for (const one of subscriptions.values())
        if (one.qos > (best?.qos ?? 0) && fitsFilter(one.topic, topic)) best = one;
      if (best) found.push({ clientId, ...best });
    }
    return found;
  }

  async cleanSubscriptions({ id }: ClientRef): Promise<void> {
    this.#sessions.delete(id);
  }

  async outgoingEnqueue({ clientId }: { clientId: string }, packet: KeptPacket): Promise<void> {
    const session = this.#open(clientId);
    const { queuedMessages, queuedBytes } = this.#limits;
    if (session.outgoing.length >= queuedMessages || session.outgoingBytes + sizeOf(packet) > queuedBytes) {
      this.#options.onFull('queue', clientId);
      return;
    }
    session.outgoing.push({ ...packet, payload: Buffer.from(packet.payload) });
    session.outgoingBytes += sizeOf(packet);
  }

  async outgoingEnqueueCombi(subscriptions: readonly { clientId: string }[], packet: KeptPacket): Promise<void> {
    for (const one of subscriptions) await this.outgoingEnqueue(one, packet);
  }

  /** Gives a queued message its packet id, or puts the PUBREL in the place of its message. Rejects where it was dropped. */
  async outgoingUpdate({ id }: ClientRef, packet: KeptPacket): Promise<void> {
    const session = this.#sessions.get(id);
    for (const [index, queued] of session?.outgoing.entries() ?? []) {
      // A PUBREL has no number of the broker's: two of them are two all the same.
      if (packet.brokerId !== undefined && queued.brokerId === packet.brokerId) {
        if (queued.brokerCounter !== packet.brokerCounter) continue;
        queued.messageId = packet.messageId as number;
        return;
      }
      if (session && queued.messageId === packet.messageId) {
        session.outgoingBytes -= sizeOf(queued) - sizeOf(packet);
        session.outgoing[index] = packet;
        return;
      }
    }
    throw new Error('the queue of this session is full');
  }

  async outgoingClearMessageId({ id }: ClientRef, packet: KeptPacket): Promise<KeptPacket | undefined> {
    const session = this.#sessions.get(id);
    const index = session?.outgoing.findIndex(({ messageId }) => messageId === packet.messageId) ?? -1;
    const [cleared] = index < 0 ? [] : (session?.outgoing.splice(index, 1) ?? []);
    if (session && cleared) session.outgoingBytes -= sizeOf(cleared);
    return cleared;
  }

  outgoingStream({ id }: ClientRef): Readable {
    return Readable.from([...(this.#sessions.get(id)?.outgoing ?? [])]);
  }

  async incomingStorePacket({ id }: ClientRef, packet: KeptPacket & { messageId: number }): Promise<void> {
    const store = this.#incoming.get(id) ?? new Map<number, KeptPacket>();
    this.#incoming.set(id, store);
    // Only that it was there is asked for later.
    store.set(packet.messageId, { ...packet, payload: '' });
  }

  hasIncoming(id: string, messageId: number): boolean {
    return this.#incoming.get(id)?.has(messageId) === true;
  }

  async incomingGetPacket({ id }: ClientRef, { messageId }: { messageId?: number }): Promise<KeptPacket> {
    const packet = this.#incoming.get(id)?.get(messageId ?? 0);
    if (!packet) throw new Error('no such packet');
    return packet;
  }

  async incomingDelPacket({ id }: ClientRef, { messageId }: { messageId?: number }): Promise<void> {
    const store = this.#incoming.get(id);
    if (!store?.delete(messageId ?? 0)) throw new Error('no such packet');
    if (store.size === 0) this.#incoming.delete(id);
  }

  async cleanIncoming({ id }: ClientRef): Promise<void> {
    this.#incoming.delete(id);
  }

  async putWill({ id }: ClientRef, packet: KeptPacket): Promise<void> {
    this.#wills.set(id, Object.assign(packet, { brokerId: this.#brokerId, clientId: id }));
  }

  async getWill({ id }: ClientRef): Promise<KeptPacket | undefined> {
    return this.#wills.get(id);
  }

  async delWill({ id }: ClientRef): Promise<KeptPacket | undefined> {
    const will = this.#wills.get(id);
    this.#wills.delete(id);
    return will;
  }

  /** Wills of other brokers of a cluster: there is none. */
  streamWill(): Readable {
    return Readable.from([]);
  }

  getClientList(topic: string): Readable {
    return Readable.from(
      [...this.#sessions].flatMap(([id, { subscriptions }]) => (subscriptions.has(topic) ? [id] : [])),
    );
  }

  async destroy(): Promise<void> {
    this.#retained.clear();
    this.#sessions.clear();
    this.#incoming.clear();
    this.#wills.clear();
  }

  /** Forgets the sessions whose clients stayed away too long; call it now and then. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, session] of this.#sessions) {
      if (this.#options.isConnected(id)) session.seenAtMs = nowMs;
      else if (nowMs - session.seenAtMs > this.#limits.expiryMs) this.#forget(id);
    }
    for (const id of this.#incoming.keys()) {
      if (!this.#sessions.has(id) && !this.#options.isConnected(id)) this.#incoming.delete(id);
    }
  }

  #forget(id: string): void {
    this.#sessions.delete(id);
    this.#incoming.delete(id);
  }

  #open(id: string): Kept {
    const known = this.#sessions.get(id);
    if (known) return known;
    if (this.#sessions.size >= this.#limits.sessions) this.#makeRoom();
    const session: Kept = {
      subscriptions: new Map(),
      outgoing: [],
      outgoingBytes: 0,
      seenAtMs: this.#options.clock.monotonicMs(),
    };
    this.#sessions.set(id, session);
    return session;
  }

  /** The session that was left alone for longest goes. */
  #makeRoom(): void {
    let oldest: [string, Kept] | undefined;
    for (const one of this.#sessions) {
      if (!this.#options.isConnected(one[0]) && (!oldest || one[1].seenAtMs < oldest[1].seenAtMs)) oldest = one;
    }
    if (!oldest) return;
    this.#forget(oldest[0]);
    this.#options.onFull('sessions', oldest[0]);
  }
}
