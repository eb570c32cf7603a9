import type { Unit } from '../../api/units.js';

/** Rows that the unit still holds for the cloud, over all lanes, as it last said. */
export function pendingRows(unit: Pick<Unit, 'streams'>): number {
  return unit.streams.reduce((sum, stream) => sum + (stream.pending ?? 0), 0);
}

/** The age of the oldest row that waits, or undefined when nothing does. */
export function oldestWaiting(unit: Pick<Unit, 'streams'>): string | undefined {
  return unit.streams
    .filter((stream) => (stream.pending ?? 0) > 0)
    .map((stream) => stream.oldestAt)
    .filter((at): at is string => at !== null)
    .sort()[0];
}
