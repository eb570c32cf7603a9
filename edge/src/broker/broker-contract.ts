import type { Clock } from '@hallhub/shared';
import type { Logger } from '../ports/index.js';
import type { Principal, Refusal } from './access.js';

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
  /** Keep-alive of its CONNECT; 0: it promised nothing, and only its silence can tell that it is gone. */
  readonly keepaliveMs: number;
  /** Sent to this connection alone. Resolves when it was written, rejects when the connection is gone. */
  send(topic: string, payload: string, qos: 0 | 1): Promise<void>;
  close(reason: string): void;
}

export interface Login {
  readonly clientId: string;
  readonly userName: string | undefined;
  readonly password: Buffer | undefined;
}

export interface BrokerHandlers {
  /** Who is it? Must answer in constant time for wrong secrets. */
  authenticate(login: Login): Principal | Refusal | Promise<Principal | Refusal>;
  onConnected(client: BrokerClient): void;
  onDisconnected(client: BrokerClient, reason: string): void;
  /** A QoS 1 PUBACK is held until this settles; what it rejects with ends the connection without a PUBACK, so that the device sends again. */
  onMessage(client: BrokerClient, message: BrokerMessageIn): Promise<void>;
  onRefused(address: string, reason: string): void;
  onFlood(client: BrokerClient, disconnected: boolean): void;
  /** What the broker may keep for clients is used up: a retained message or a queued one was dropped. */
  onFull?(what: 'retained' | 'queue' | 'sessions', who: string): void;
}

export interface TlsListenerOptions {
  readonly port: number;
  /** PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  /** Beside the plain listener; the same host. */
  readonly tls?: TlsListenerOptions | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: BrokerHandlers;
  readonly maxConnections: number;
  readonly maxMessagesPerSecond: number;
  readonly maxBytesPerSecond?: number | undefined;
}
