import { type Clock, systemClock } from '@hallhub/shared';
import type { Pool } from 'pg';
import type { DbLogger, TenantScope, Tx } from '../../db/index.js';
import { Partitions } from './partitions.js';
import { PointDictionary } from './points.js';
import type { Retention, TelemetryContext } from './telemetry-context.js';
import { dayMs } from './time-grid.js';
import { type AppendResult, appendLists, appendSamples, type SampleInput } from './verbs/append-samples.js';
import { applyRetention, preparePartitions, type RetentionResult } from './verbs/apply-retention.js';
import { type LatestValue, latestValues } from './verbs/latest-values.js';
import { type History, type HistoryInput, queryHistory } from './verbs/query-history.js';
import { type RollUpResult, rollUpHours } from './verbs/roll-up-hours.js';

export interface TelemetryOptions {
  readonly database: { readonly ownerPool: Pool };
  readonly logger: DbLogger;
  readonly clock?: Clock;
  readonly retention?: Partial<Retention>;
  readonly futureLimitMs?: number;
}

/** The telemetry verbs of one process. `tx` comes from `withTenant` or a narrowed `withSystem`. */
export interface Telemetry {
  appendSamples(tx: Tx, scope: TenantScope, samples: readonly SampleInput[]): Promise<AppendResult>;
  /** The same for several streams at once; a device is in one of the lists only. */
  appendLists(tx: Tx, scope: TenantScope, lists: readonly (readonly SampleInput[])[]): Promise<readonly AppendResult[]>;
  latestValues(tx: Tx, deviceIds: readonly string[]): Promise<LatestValue[]>;
  queryHistory(tx: Tx, input: HistoryInput): Promise<History>;
  rollUpHours(signal?: AbortSignal): Promise<RollUpResult>;
  applyRetention(): Promise<RetentionResult>;
  preparePartitions(): Promise<void>;
}

export const defaultRetention: Retention = { rawMs: 90 * dayMs, hoursMs: 5 * 366 * dayMs, asideMs: 30 * dayMs };

export const createTelemetry = (options: TelemetryOptions): Telemetry => {
  const { ownerPool } = options.database;
  const context: TelemetryContext = {
    ownerPool,
    clock: options.clock ?? systemClock,
    logger: options.logger,
    points: new PointDictionary(ownerPool),
    partitions: new Partitions(ownerPool),
    retention: { ...defaultRetention, ...options.retention },
    futureLimitMs: options.futureLimitMs ?? 600_000,
  };
  return {
    appendSamples: (tx, scope, samples) => appendSamples(context, tx, scope, samples),
    appendLists: (tx, scope, lists) => appendLists(context, tx, scope, lists),
    latestValues,
    queryHistory: (tx, input) => queryHistory(context, tx, input),
    rollUpHours: (signal) => rollUpHours(context, signal),
    applyRetention: () => applyRetention(context),
    preparePartitions: () => preparePartitions(context),
  };
};
