import type { AedesPublishPacket, Client, Subscription } from 'aedes';
import { maySubscribe, type Principal } from './access.js';
import type { BrokerHandlers } from './broker-contract.js';
import type { Session } from './session.js';
import { sessionLimits } from './session-store.js';
import { fitsFilter } from './topic-filter.js';

/** Which filters a client gets, and which messages it is given for them. */
export class SubscriptionDesk {
  readonly #onRefused: BrokerHandlers['onRefused'];

  constructor(onRefused: BrokerHandlers['onRefused']) {
    this.#onRefused = onRefused;
  }

  /** Null is a refusal: 0x80 in the SUBACK (3.1.1 section 3.9.3). */
  grant(client: Client, session: Session | undefined, subscription: Subscription): Subscription | null {
    const { topic } = subscription;
    const full = Object.keys(subscriptionsOf(client)).length >= sessionLimits.subscriptions;
    if (session && !full && mayHave(session.principal, topic)) return subscription;
    const why = full ? `is one of more than ${sessionLimits.subscriptions}` : 'is not allowed';
    this.#onRefused(session?.address ?? '', `subscription to ${topic} ${why}`);
    return null;
  }

  /** Nothing that a device says goes to another client but what an adapter publishes; and none gets more QoS than it asked for. */
  forward(client: Client, session: Session | undefined, packet: AedesPublishPacket): AedesPublishPacket | null {
    if (!session || !maySubscribe(session.principal, packet.topic)) return null;
    if (packet.qos === 0) return packet;
    // 3.1.1 section 3.8.4: aedes lowers it only where the filter is the topic itself.
    let granted = -1;
    for (const [filter, { qos }] of Object.entries(subscriptionsOf(client)))
      if (qos > granted && fitsFilter(filter, packet.topic)) granted = qos;
    if (granted >= 0 && granted < packet.qos) packet.qos = granted as 0 | 1;
    return packet;
  }
}

/** aedes would grant `$share/…` and deliver nothing. */
export const mayHave = (principal: Principal, filter: string): boolean =>
  !filter.startsWith('$share/') && maySubscribe(principal, filter);

/** By filter; aedes has them and its types do not. */
const subscriptionsOf = (client: Client): Record<string, { qos: number }> =>
  (client as unknown as { subscriptions?: Record<string, { qos: number }> }).subscriptions ?? {};
