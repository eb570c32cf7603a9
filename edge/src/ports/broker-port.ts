export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly clientId: string;
  readonly userName: string;
}

export interface BrokerClientChange {
  readonly clientId: string;
  readonly userName: string;
  readonly connected: boolean;
  /** Why it went: `disconnect`, `lost`, `taken_over`, `keepalive`, `flood`, `oversize`, … */
  readonly reason: string | undefined;
}

/** The unit's own broker, for the adapter of devices that keep their maker's topics (accounts of `broker.accounts`). */
export interface BrokerPort {
  /**
   * Messages of account clients whose topic matches the MQTT filter. A QoS 1 PUBACK is held until the handler's promise
   * settles; a handler that throws has its message put aside with the error. Returns how to stop listening.
   */
  onMessage(filter: string, handler: (message: BrokerMessage) => void | Promise<void>): () => void;
  onClient(handler: (change: BrokerClientChange) => void): () => void;
  /** Resolves when the broker took it over (not when a subscriber has it). */
  publish(topic: string, payload: string | Uint8Array, options?: { qos?: 0 | 1; retain?: boolean }): Promise<void>;
}
