import type { Lane } from '@hallhub/shared/wire';
import type Database from 'better-sqlite3';

/** Rows put aside that are kept, over all lanes of the file. */
const keptAside = 500;

/** The lane's statements, prepared once. `lane` is from a closed list and safe in a name. `seq` in the tables is the row's place: its seq and the lane's origin. */
export const laneStatements = (db: Database.Database, lane: Lane) => {
  const table = `lane_${lane}`;
  return {
    insert: db.prepare(`INSERT INTO ${table} (seq, at, segment, hour, body, chain) VALUES (?, ?, ?, ?, ?, ?)`),
    oldestAfter: db.prepare(`SELECT seq, at, segment FROM ${table} WHERE seq > ? ORDER BY seq LIMIT 1`),
    chainAt: db.prepare(`SELECT chain FROM ${table} WHERE seq = ?`),
    rowAt: db.prepare(`SELECT at, body FROM ${table} WHERE seq = ?`),
    read: db.prepare(
      `SELECT seq - ? AS seq, at, segment, hour, body, chain FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    /** As arrays and without the chain: what a batch needs, at half the cost. */
    bodies: db
      .prepare(`SELECT seq - ?, segment, hour, body FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`)
      .raw(true),
    unchained: db.prepare(`SELECT seq, body FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`).raw(true),
    setChain: db.prepare(`UPDATE ${table} SET chain = ?, hour = ? WHERE seq = ?`),
    sizes: db.prepare(
      `SELECT seq, length(body) AS bytes FROM ${table} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    weigh: db.prepare(
      `SELECT count(*) AS count, coalesce(sum(length(body)), 0) AS bytes, max(seq) AS "to"
       FROM (SELECT seq, body FROM ${table} WHERE seq <= ? ORDER BY seq LIMIT ?)`,
    ),
    anyUpTo: db.prepare(`SELECT 1 FROM ${table} WHERE seq <= ? LIMIT 1`),
    deleteUpTo: db.prepare(`DELETE FROM ${table} WHERE seq <= ?`),
    deleteRange: db.prepare(`DELETE FROM ${table} WHERE seq > ? AND seq <= ?`),
    gaps: db.prepare(
      `SELECT from_seq AS fromSeq, to_seq AS toSeq, reason, chain FROM lane_gap WHERE lane = '${lane}' ORDER BY from_seq`,
    ),
    putGap: db.prepare(
      `INSERT INTO lane_gap (lane, from_seq, to_seq, reason, chain, at) VALUES ('${lane}', ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET to_seq = excluded.to_seq, reason = excluded.reason, chain = excluded.chain, at = excluded.at`,
    ),
    deleteGap: db.prepare(`DELETE FROM lane_gap WHERE lane = '${lane}' AND to_seq = ?`),
    deleteGaps: db.prepare(`DELETE FROM lane_gap WHERE lane = '${lane}' AND to_seq <= ?`),
    putAside: db.prepare(
      `INSERT INTO row_aside (lane, epoch, seq, at, put_at, reason, body) VALUES ('${lane}', ?, ?, ?, ?, ?, ?)`,
    ),
    trimAside: db.prepare(
      `DELETE FROM row_aside WHERE aside_id <= (SELECT max(aside_id) FROM row_aside) - ${keptAside}`,
    ),
    aside: db.prepare(
      `SELECT lane, epoch, seq, at, put_at AS putAt, reason, body FROM row_aside WHERE lane = '${lane}' ORDER BY aside_id DESC LIMIT ?`,
    ),
    getState: db.prepare(`SELECT * FROM lane_state WHERE lane = '${lane}'`),
    putState: db.prepare(
      `INSERT OR REPLACE INTO lane_state
         (lane, unit_id, epoch, base_seq, base_chain, row_count, byte_count, head_seq, head_chain, origin, tail_seq)
       VALUES ('${lane}', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
};
export type LaneStatements = ReturnType<typeof laneStatements>;
