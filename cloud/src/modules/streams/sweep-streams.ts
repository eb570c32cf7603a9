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

const chunkRows = 2_000;

/** What others hang on goes with it, some at a time: nobody waits behind a delete of a million rows. */
const chunked = {
  commands: {
    days: 400,
    sql: `WITH old AS (SELECT tenant_id, id FROM commands WHERE finished_at < $1 ORDER BY finished_at LIMIT ${chunkRows} FOR UPDATE SKIP LOCKED),
      steps AS (DELETE FROM command_steps s USING old WHERE s.tenant_id = old.tenant_id AND s.command_id = old.id)
      DELETE FROM commands c USING old WHERE c.id = old.id`,
  },
  command_batches: {
    days: 400,
    sql: `DELETE FROM command_batches b WHERE b.id IN (SELECT id FROM command_batches e WHERE e.deadline_at < $1
      AND NOT EXISTS (SELECT 1 FROM commands c WHERE c.tenant_id = e.tenant_id AND c.batch_id = e.id) LIMIT ${chunkRows})`,
  },
  alarms: {
    days: 731,
    sql: `WITH old AS (SELECT tenant_id, id FROM alarms WHERE cleared_at < $1 ORDER BY cleared_at LIMIT ${chunkRows} FOR UPDATE SKIP LOCKED),
      steps AS (DELETE FROM alarm_steps s USING old WHERE s.tenant_id = old.tenant_id AND s.alarm_id = old.id)
      DELETE FROM alarms a USING old WHERE a.id = old.id`,
  },
  // A closed epoch must be known for as long as a copy of the unit's disk may come back with it, and its seals are shown.
  streams: {
    days: 800,
    sql: `DELETE FROM streams t WHERE (t.tenant_id, t.unit_id, t.lane, t.epoch) IN (
      SELECT tenant_id, unit_id, lane, epoch FROM streams WHERE closed_at < $1 LIMIT ${chunkRows})`,
  },
} as const;

const sweepChunks = async (database: Database, text: string, before: Date): Promise<number> => {
  for (let removed = 0; ; ) {
    const { rowCount } = await withSystem(database, (tx) => tx.$client.query(text, [before]));
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < chunkRows) return removed;
  }
};

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
  for (const [name, sweep] of Object.entries(chunked)) {
    removed[name] = await sweepChunks(database, sweep.sql, new Date(clock.now() - sweep.days * dayMs));
  }
  return removed;
};
