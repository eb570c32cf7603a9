import { sealSideSchema } from '@hallhub/shared/proof';
import { chainSchema, epochSchema, type Lane, laneNames, laneSchema, seqSchema } from '@hallhub/shared/wire';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { nextChain } from '../outbox/chain.js';

/** What this unit's own disk says of a day. */
export const ownProofSchema = z.object({
  unitId: z.string(),
  hours: z.array(
    sealSideSchema.extend({
      lane: laneSchema,
      epoch: epochSchema,
      hour: z.number(),
      /** `open`: its hour is not over. `closed`: sealed, the cloud is not told yet. `told`: it is in the events lane or beyond. */
      state: z.enum(['open', 'closed', 'told']),
    }),
  ),
  lanes: z.array(
    z.object({
      lane: laneSchema,
      epoch: epochSchema,
      /** The last row the cloud has confirmed, and the chain there. */
      cursor: seqSchema,
      chain: chainSchema,
      head: seqSchema,
      /** Rows still here, and how many of them were hashed again now. */
      kept: z.number(),
      verified: z.number(),
      /** The first row whose hash is not what was written beside it. */
      brokenAt: seqSchema.nullable(),
    }),
  ),
});
export type OwnProof = z.infer<typeof ownProofSchema>;

interface StateRow {
  unitId: string;
  epoch: string;
  baseSeq: number;
  baseChain: Buffer;
  headSeq: number;
  headChain: Buffer;
  rowCount: number;
}

const rowsAtOnce = 500;

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Reads the seals of `[fromMs, toMs)` and hashes again every row that is still on the disk. Rows go away meanwhile where the agent
 * runs: then it goes on from what is left. Between slices others have their turn.
 */
export const readOwnProof = async (
  dbOf: (lane: Lane) => Database.Database,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<OwnProof> => {
  const proof: OwnProof = { unitId: '', hours: [], lanes: [] };
  for (const lane of laneNames) {
    const db = dbOf(lane);
    const state = db
      .prepare(
        `SELECT unit_id AS unitId, epoch, base_seq AS baseSeq, base_chain AS baseChain, head_seq AS headSeq, head_chain AS headChain,
         row_count AS rowCount FROM lane_state WHERE lane = ?`,
      )
      .get(lane) as StateRow | undefined;
    if (!state) continue;
    proof.unitId = state.unitId;
    const hours = db
      .prepare(
        `SELECT lane, epoch, hour, first_seq AS firstSeq, last_seq AS lastSeq, row_count AS count, lower(hex(chain)) AS chain, state
         FROM seal WHERE lane = ? AND hour >= ? AND hour < ? ORDER BY hour`,
      )
      .all(lane, span.fromMs, span.toMs) as OwnProof['hours'];
    proof.hours.push(...hours);
    const { verified, brokenAt } = await verifyRows(db, lane, state);
    proof.lanes.push({
      ...{ lane, epoch: state.epoch, cursor: state.baseSeq, chain: state.baseChain.toString('hex') },
      ...{ head: state.headSeq, kept: state.rowCount, verified, brokenAt },
    });
  }
  return proof;
};

const verifyRows = async (
  db: Database.Database,
  lane: Lane,
  { baseSeq, baseChain, headSeq, headChain }: StateRow,
): Promise<{ verified: number; brokenAt: number | null }> => {
  const read = db.prepare(
    `SELECT seq, body, chain FROM lane_${lane} WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${rowsAtOnce}`,
  );
  const gapBefore = db.prepare('SELECT chain FROM lane_gap WHERE lane = ? AND to_seq = ?');
  let [seq, chain, verified] = [baseSeq, baseChain, 0];
  for (;;) {
    const rows = read.all(seq, headSeq) as { seq: number; body: Buffer; chain: Buffer }[];
    for (const row of rows) {
      if (row.seq === seq + 1) {
        if (!nextChain(chain, row.body).equals(row.chain)) return { verified, brokenAt: row.seq };
      } else {
        // Behind a gap its own chain says where to go on; behind rows that were acknowledged just now, the row itself does.
        const gap = gapBefore.get(lane, row.seq - 1) as { chain: Buffer } | undefined;
        if (gap && !nextChain(gap.chain, row.body).equals(row.chain)) return { verified, brokenAt: row.seq };
      }
      [seq, chain] = [row.seq, row.chain];
      verified++;
    }
    if (rows.length < rowsAtOnce) break;
    await breathe();
  }
  return { verified, brokenAt: seq === headSeq && !chain.equals(headChain) ? headSeq : null };
};
