import type { Socket } from 'node:net';
import type { Client } from 'aedes';
import { type PresentedCertificate, plainAddress, type UnitListenerName } from '../listeners/index.js';
import type { UnitRates } from './unit-rates.js';

/** What the broker knows of one connection beside aedes's own client. */
export class UnitConnection {
  readonly client: Client;
  readonly listener: UnitListenerName;
  /** The TCP connection, which the gate knows. */
  readonly socket: Socket;
  /** Null on the listener for secrets. */
  readonly certificate: PresentedCertificate | null;
  readonly address: string;
  /** Who it is, once that was proved. */
  unitId: string | null = null;
  rates: UnitRates | null = null;

  constructor(client: Client, from: Pick<UnitConnection, 'listener' | 'socket' | 'certificate'>) {
    this.client = client;
    this.listener = from.listener;
    this.socket = from.socket;
    this.certificate = from.certificate;
    this.address = plainAddress(from.socket.remoteAddress);
  }

  /** Filters it subscribed to. aedes keeps this table; its types leave it out. */
  get filters(): readonly string[] {
    return Object.keys((this.client as unknown as { subscriptions: object }).subscriptions);
  }

  /** Bytes that wait because it does not read. */
  get unreadBytes(): number {
    return (this.client.conn as Socket).writableLength;
  }

  end(): void {
    this.client.close();
  }
}
