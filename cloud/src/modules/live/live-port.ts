import type { LiveTopic } from './contract.js';

/** Something that happened in one hall (or, with `hallId` null, to the whole tenant). Published after commit, never inside. */
export interface LiveEvent {
  readonly tenantId: string;
  readonly hallId: string | null;
  /** Where it is about one device: subscribers may ask for one device only. */
  readonly deviceId?: string;
  /** Where it is for some people alone: nobody else hears of it, and nobody of the others. */
  readonly personIds?: readonly string[];
  readonly topic: LiveTopic;
  /** Such as `device.values`, `alarm.raised`. */
  readonly type: string;
  /** Epoch ms UTC; the bus fills it in when left out. */
  readonly atMs?: number;
  /** JSON as the console gets it. */
  readonly data: unknown;
}

export interface LivePublisher {
  /** Never throws and never waits: what is lost is refetched. */
  publish(event: LiveEvent): void;
}

export interface LiveListener {
  onEvent(event: LiveEvent): void;
  /** Something may have been missed: whoever shows it fetches again. */
  onGap?(): void;
}

/** In this process, or over the cloud broker between several (topic `hh/1/live/{tenantId}/{hallId}`). */
export interface LiveBus extends LivePublisher {
  /** Delivers every event of the tenant to `listener`; returns the unsubscribe. */
  subscribe(tenantId: string, listener: LiveListener | ((event: LiveEvent) => void)): () => void;
}
