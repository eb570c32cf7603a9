import type { TelemetryContext } from '../telemetry-context.js';
import { dayMs, dayStart, monthStart, nextMonth } from '../time-grid.js';

export interface RetentionResult {
  readonly droppedPartitions: readonly string[];
  readonly removedAside: number;
}

/** Drops whole partitions past their retention, and old quarantine and refusal records. */
export const applyRetention = async (context: TelemetryContext): Promise<RetentionResult> => {
  const { ownerPool, clock, retention, partitions, logger } = context;
  const nowMs = clock.now();
  const rawBefore = dayStart(nowMs - retention.rawMs);
  // First the marks: an hour whose samples are gone must never be rolled up again from nothing.
  await ownerPool.query('DELETE FROM telemetry_marks WHERE hour < $1', [new Date(rawBefore)]);
  const samples = await partitions.dropBefore('telemetry_samples', rawBefore, logger);
  const hours = await partitions.dropBefore('telemetry_hours', monthStart(nowMs - retention.hoursMs), logger);
  const asideBefore = new Date(nowMs - retention.asideMs);
  const quarantined = await ownerPool.query('DELETE FROM telemetry_quarantine WHERE received_at < $1', [asideBefore]);
  const refused = await ownerPool.query('DELETE FROM telemetry_refused WHERE day < $1::date', [
    asideBefore.toISOString().slice(0, 10),
  ]);
  return {
    droppedPartitions: [...samples, ...hours],
    removedAside: (quarantined.rowCount ?? 0) + (refused.rowCount ?? 0),
  };
};

/** Makes the partitions of now and next, so that no insert has to at midnight. */
export const preparePartitions = async ({ clock, partitions }: TelemetryContext): Promise<void> => {
  const nowMs = clock.now();
  await partitions.ensureDay(nowMs);
  await partitions.ensureDay(nowMs + dayMs);
  await partitions.ensureMonth(nowMs);
  await partitions.ensureMonth(nextMonth(nowMs));
};
