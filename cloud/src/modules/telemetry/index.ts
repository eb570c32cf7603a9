export { telemetryJobs } from './jobs.js';
export type { Quality, SampleValue } from './sample-value.js';
export { createTelemetry, defaultRetention, type Telemetry, type TelemetryOptions } from './telemetry.js';
export type { Retention } from './telemetry-context.js';
export type { AppendResult, SampleInput } from './verbs/append-samples.js';
export type { RetentionResult } from './verbs/apply-retention.js';
export type { LatestValue } from './verbs/latest-values.js';
export type { History, HistoryBucket, HistoryInput, HistorySample } from './verbs/query-history.js';
export type { RollUpResult } from './verbs/roll-up-hours.js';
