import type { Clock } from '@hallhub/shared';
import type { Pool } from 'pg';
import type { DbLogger } from '../../db/index.js';
import type { Partitions } from './partitions.js';
import type { PointDictionary } from './points.js';

export interface Retention {
  /** Samples: the partition of a UTC day goes once all of it is older. */
  readonly rawMs: number;
  /** Hourly roll-ups. */
  readonly hoursMs: number;
  /** Quarantined samples and counts of refused ones, from their arrival. */
  readonly asideMs: number;
}

/** What the telemetry verbs stand on. */
export interface TelemetryContext {
  readonly ownerPool: Pool;
  readonly clock: Clock;
  readonly logger: DbLogger;
  readonly points: PointDictionary;
  readonly partitions: Partitions;
  readonly retention: Retention;
  /** Samples further ahead of the cloud's clock are quarantined. */
  readonly futureLimitMs: number;
}
