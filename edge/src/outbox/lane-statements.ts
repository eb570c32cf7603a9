import type { Lane } from '@hallhub/shared/wire';
import type Database from 'better-sqlite3';

/** The lane's statements, prepared once. `lane` is from a closed list and safe in a name. */
export const laneStatements = (db: Database.Database, lane: Lane) => {
  const table = `lane_${lane}`;
  return {
    insert: db.prepare(`INSERT INTO ${table} (seq, at, segment, hour, body, chain) VALUES (?, ?, ?, ?, ?, ?)`),
    oldest: db.prepare(`SELECT seq, at, segment FROM ${table} ORDER BY seq LIMIT 1`),
    oldestAfter: db.prepare(`SELECT seq FROM ${table} WHERE seq > ? ORDER BY seq LIMIT 1`),
    chainAt: db.prepare(`SELECT chain FROM ${table} WHERE seq = ?`),
    read: db.prepare(
      `SELECT seq, at, segment, hour, body, chain FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    /** As arrays and without the chain: what a batch needs, at half the cost. */
    bodies: db
      .prepare(`SELECT seq, segment, hour, body FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`)
      .raw(true),
    sizes: db.prepare(
      `SELECT seq, length(body) AS bytes FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    weigh: db.prepare(
      `SELECT count(*) AS count, coalesce(sum(length(body)), 0) AS bytes FROM ${table} WHERE seq > ? AND seq <= ?`,
    ),
    deleteRange: db.prepare(`DELETE FROM ${table} WHERE seq > ? AND seq <= ?`),
    moved: db.prepare(`SELECT seq, body FROM ${table} WHERE seq < 0 ORDER BY seq DESC LIMIT 1`),
    renumber: db.prepare(`UPDATE ${table} SET seq = ?, chain = ?, hour = ? WHERE seq = ?`),
    gaps: db.prepare(
      `SELECT from_seq AS fromSeq, to_seq AS toSeq, reason, chain FROM lane_gap WHERE lane = '${lane}' ORDER BY from_seq`,
    ),
    putGap: db.prepare(
      `INSERT INTO lane_gap (lane, from_seq, to_seq, reason, chain, at) VALUES ('${lane}', ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET to_seq = excluded.to_seq, reason = excluded.reason, chain = excluded.chain, at = excluded.at`,
    ),
    deleteGaps: db.prepare(`DELETE FROM lane_gap WHERE lane = '${lane}' AND to_seq <= ?`),
    getState: db.prepare(`SELECT * FROM lane_state WHERE lane = '${lane}'`),
    putState: db.prepare(
      `INSERT OR REPLACE INTO lane_state
         (lane, unit_id, epoch, base_seq, base_chain, row_count, byte_count, head_seq, head_chain)
       VALUES ('${lane}', ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
};
export type LaneStatements = ReturnType<typeof laneStatements>;
