import type { Clock, Timer } from '@hallhub/shared';
import type { Client } from 'aedes';
import type { Logger } from '../ports/index.js';
import { mayPublish } from './access.js';
import type { BrokerHandlers, BrokerMessageIn } from './broker-contract.js';
import type { Session } from './session.js';
import type { SessionStore } from './session-store.js';

export interface PublishIn {
  topic: string;
  payload: string | Buffer;
  qos: number;
  retain: boolean;
  messageId?: number;
}

export interface PublishDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: BrokerHandlers;
  readonly store: SessionStore;
}

type Done = (error?: Error | null) => void;

/** Every PUBLISH of a client: rights, flood, then the hall. aedes acknowledges when `done` is called. */
export class PublishDesk {
  readonly #options: PublishDeskOptions;
  /** Acknowledgements that are held back. */
  readonly #held = new Set<Timer>();

  constructor(options: PublishDeskOptions) {
    this.#options = options;
  }

  take(client: Client, session: Session, packet: PublishIn, done: Done): void {
    const { handlers, clock } = this.#options;
    if (!mayPublish(session.principal, packet.topic)) {
      handlers.onRefused(session.address, `publish to ${packet.topic} is not allowed`);
      session.reason = 'not_authorized';
      done(new Error(`publish to ${packet.topic} is not allowed`));
      return;
    }
    // Of accounts only: nothing of the unit's own devices is for other clients.
    if (session.principal.kind !== 'account') packet.retain = false;
    const verdict = session.gate.count(clock.monotonicMs(), packet.payload.length);
    if (verdict.began || verdict.disconnect) handlers.onFlood(session, verdict.disconnect);
    if (verdict.disconnect) {
      session.reason = 'flood';
      done(new Error('too many messages'));
      return;
    }
    const settle: Done = (error) => {
      if (verdict.delayMs === 0) {
        done(error);
        return;
      }
      const timer = clock.setTimeout(() => {
        this.#held.delete(timer);
        done(error);
      }, verdict.delayMs);
      this.#held.add(timer);
    };
    // A QoS 2 message that comes again before its PUBREL was taken in already (3.1.1 section 4.3.3).
    const again =
      packet.qos === 2 && !client.closed && this.#options.store.hasIncoming(client.id, packet.messageId ?? 0);
    if (again) settle();
    else this.#give(client, session, packet, settle);
  }

  /**
   * aedes would keep it some time after the PUBACK, and the client's next message may overtake it. Who is subscribed now
   * gets it as a live one in either case (3.1.1 section 3.3.1.3).
   */
  #retain(packet: PublishIn): void {
    if (!packet.retain) return;
    packet.retain = false;
    this.#options.store.retain({ ...packet, cmd: 'publish', qos: packet.qos as 0 | 1 | 2, retain: true });
  }

  stop(): void {
    for (const timer of this.#held) timer.cancel();
    this.#held.clear();
  }

  #give(client: Client, session: Session, packet: PublishIn, settle: Done): void {
    const { handlers, logger } = this.#options;
    const message: BrokerMessageIn = {
      topic: packet.topic,
      payload: Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload),
      qos: packet.qos as 0 | 1 | 2,
      // What comes now was not kept from before, whatever the broker is asked to do with it.
      retain: false,
      isWill: client.closed,
    };
    handlers.onMessage(session, message).then(
      () => {
        this.#retain(packet);
        settle();
      },
      (error) => {
        logger.error({ topic: packet.topic, error: String(error) }, 'a message could not be taken in');
        // Without a PUBACK it comes again; QoS 0 has no such second chance and the connection may stay.
        if (packet.qos > 0) session.reason = 'store';
        settle(packet.qos > 0 ? new Error('not stored') : undefined);
      },
    );
  }
}
