export type { AppendResult, SampleInput } from './append-samples.js';
export type { RetentionResult } from './apply-retention.js';
export { telemetryJobs } from './jobs.js';
export type { LatestValue } from './latest-values.js';
export type { History, HistoryBucket, HistoryInput, HistorySample } from './query-history.js';
export type { RollUpResult } from './roll-up-hours.js';
export type { Quality, SampleValue } from './sample-value.js';
export { createTelemetry, defaultRetention, type Telemetry, type TelemetryOptions } from './telemetry.js';
export type { Retention } from './telemetry-context.js';
