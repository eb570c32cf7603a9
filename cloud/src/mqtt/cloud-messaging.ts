/** One message of a unit, as it came off the broker. Nothing in it was checked but the topic's shape. */
export interface UnitMessage {
  readonly unitId: string;
  /** What follows `hh/1/u/{unitId}/`: `hello`, `up/live`, `heartbeat`, `presence`. */
  readonly channel: string;
  readonly payload: Uint8Array;
}

export type UnitMessageHandler = (message: UnitMessage) => void;

/**
 * The port to whatever broker stands between units and cloud. The broker is never a store: a message that nobody handles is
 * gone, and the protocol's own answers are the only acknowledgement (docs/protocol.md 1).
 */
export interface CloudMessaging {
  /** Where a unit of this installation connects with its secret; null where that is closed, or only the operator knows (an external broker). */
  readonly url: string | null;
  /** The same with certificates. */
  readonly secureUrl: string | null;
  /** Starts delivery. One handler a process; it returns at once and bounds its own work. */
  onMessage(handler: UnitMessageHandler): void;
  /** QoS 1, not retained. Resolves when the broker took it; a unit that is away never gets it. */
  publish(topic: string, payload: string): Promise<void>;
  /** Ends a unit's connection where this process holds it (archived unit, new secret). */
  disconnect(unitId: string): void;
  /** Units connected to this process's broker; null where the broker is elsewhere. */
  connections(): number | null;
  /** Throws `unavailable` where messages neither come nor go at this moment. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Proves who connects. Throws where it cannot be known now (database down). */
export interface UnitAuthenticator {
  authenticateUnit(unitId: string, secret: string): Promise<boolean>;
}
