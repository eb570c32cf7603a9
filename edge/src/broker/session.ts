import { HubError } from '@hallhub/shared';
import type { Client } from 'aedes';
import type { Principal } from './access.js';
import type { BrokerClient } from './broker-contract.js';
import { FloodGate } from './flood-gate.js';

/** Strangers that may be connected at once; they are many only where something is wrong. */
export const maxStrangers = 64;
/** A stranger says who it is and waits: whoever says more could fill the registry and the events lane. */
const strangerMessagesPerSecond = 1;
const strangerBytesPerSecond = 8_192;

/** A connection that was let in, as the broker itself sees it. */
export interface Session extends BrokerClient {
  readonly gate: FloodGate;
  /** Why it will have gone. */
  reason: string;
  /** The hall was told that it is there. */
  said: boolean;
}

export interface SessionFacts {
  readonly principal: Principal;
  readonly address: string;
  readonly keepaliveMs: number;
  readonly nowMs: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

export const openSession = (client: Client, facts: SessionFacts): Session => {
  const { principal, address, keepaliveMs, nowMs, messagesPerSecond, bytesPerSecond } = facts;
  const stranger = principal.kind === 'stranger';
  const rate = {
    messagesPerSecond: stranger ? Math.min(strangerMessagesPerSecond, messagesPerSecond) : messagesPerSecond,
    bytesPerSecond: stranger ? Math.min(strangerBytesPerSecond, bytesPerSecond) : bytesPerSecond,
  };
  const session: Session = {
    principal,
    address,
    keepaliveMs,
    gate: new FloodGate(rate, nowMs),
    reason: 'lost',
    said: false,
    send: (topic, payload, qos) => sendTo(client, topic, payload, qos),
    close: (reason) => {
      session.reason = reason;
      client.close();
    },
  };
  return session;
};

/** Ids are kept apart by kind, so that a stranger cannot throw a device out by taking its client id. */
export const sessionId = (principal: Principal): string => {
  switch (principal.kind) {
    case 'stranger':
      return `join/${principal.clientId}`;
    case 'device':
      return `device/${principal.deviceId}`;
    case 'account':
      return `account/${encodeURIComponent(principal.account.userName)}/${principal.clientId}`;
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
