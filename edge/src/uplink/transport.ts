/** What the uplink needs of its wire; MQTT in production, memory in tests. */
export interface UplinkConnection {
  /** Handed to the wire; delivery is proven by answers only. */
  publish(topic: string, payload: string | Uint8Array): void;
  /** Says goodbye where it still can, and closes. Never rejects. */
  end(goodbye?: { topic: string; payload: string }): Promise<void>;
}

export interface ConnectOptions {
  readonly will: { readonly topic: string; readonly payload: string };
  /** Topic filter to be subscribed before `connect` resolves. */
  readonly subscribe: string;
  readonly onMessage: (topic: string, payload: Buffer) => void;
  /** Once, after `connect` resolved, when the connection is gone; not after `end`. */
  readonly onClose: (reason: string) => void;
  readonly signal: AbortSignal;
}

export interface UplinkTransport {
  readonly url: string;
  /** Rejects with `link_refused` (credential, protocol), `link_lost` (network) or `timeout`. */
  connect(options: ConnectOptions): Promise<UplinkConnection>;
}
