import type { Clock } from '@hallhub/shared';
import { type Database, withSystem } from '../../db/index.js';

const dayMs = 86_400_000;

/** docs/protocol.md 1.5: seals stand for 400 days. The rest is bookkeeping that people look at for a while. */
const keepDays = {
  seals: { column: 'hour', days: 400 },
  ingest_minutes: { column: 'minute', days: 31 },
  aside_rows: { column: 'received_at', days: 400 },
  stream_gaps: { column: 'received_at', days: 400 },
  unit_faults: { column: 'received_at', days: 90 },
  presence_changes: { column: 'at', days: 400 },
  unit_presence_changes: { column: 'at', days: 400 },
  device_events: { column: 'at', days: 731 },
} as const;

/** Removes what is older than it is kept. Gives the number of rows by table. */
export const sweepStreams = async (database: Database, clock: Clock): Promise<Record<string, number>> => {
  const removed: Record<string, number> = {};
  for (const [table, { column, days }] of Object.entries(keepDays)) {
    const before = new Date(clock.now() - days * dayMs);
    const { rowCount } = await withSystem(database, (tx) =>
      tx.$client.query(`DELETE FROM ${table} WHERE ${column} < $1`, [before]),
    );
    removed[table] = rowCount ?? 0;
  }
  return removed;
};
