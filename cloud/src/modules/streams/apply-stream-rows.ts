import { uuidv7 } from '@hallhub/shared';
import type { FaultRow, GapRow, SealRow } from '@hallhub/shared/wire';
import type { IngestContext } from './ingest-context.js';
import type { PlacedRow } from './read-rows.js';

const iso = (ms: number) => new Date(ms).toISOString();

/** Records the unit's gaps; one that names the epoch before closes that epoch in its lane (docs/protocol.md 1.1). */
export const applyGapRows = async (context: IngestContext, placed: readonly PlacedRow<GapRow>[]): Promise<void> => {
  const { tx, tenantId, unitId, lane, epoch, receivedAt } = context;
  for (const { seq, row } of placed) {
    await tx.$client.query(
      `INSERT INTO stream_gaps (tenant_id, unit_id, lane, epoch, seq, source, reason, from_seq, to_seq, missing, previous_epoch, at, received_at)
       VALUES ($1, $2, $3, $4, $5, 'row', $6, $7, $8, $9, $10, $11, $12)`,
      [
        ...[tenantId, unitId, lane, epoch, seq, row.reason],
        ...[row.fromSeq ?? null, row.toSeq ?? null, row.count ?? null, row.previousEpoch ?? null],
        ...[iso(context.correctedMs(row.at)), receivedAt],
      ],
    );
    if (row.previousEpoch && row.previousEpoch !== epoch) {
      await tx.$client.query(
        `UPDATE streams SET closed_at = coalesce(closed_at, $5) WHERE tenant_id = $1 AND unit_id = $2 AND lane = $3 AND epoch = $4`,
        [tenantId, unitId, lane, row.previousEpoch, receivedAt],
      );
    }
    context.announce({ topic: 'units', type: 'unit.gap', data: { unitId, lane, reason: row.reason } });
  }
};

/** The unit's side of the seals. */
export const applySealRows = async (context: IngestContext, placed: readonly PlacedRow<SealRow>[]): Promise<void> => {
  if (placed.length === 0) return;
  // The last word on an hour stands, and one statement may touch a row only once.
  const last = new Map(placed.map(({ row }) => [`${row.lane} ${row.epoch} ${row.hour}`, row]));
  const records = [...last.values()].map((row) => ({
    lane: row.lane,
    epoch: row.epoch,
    hour: iso(row.hour),
    first: row.firstSeq,
    last: row.lastSeq,
    count: row.count,
    chain: row.chain,
  }));
  await context.tx.$client.query({
    name: 'apply-seal-rows',
    text: `INSERT INTO seals (tenant_id, unit_id, lane, epoch, hour, unit_first, unit_last, unit_count, unit_chain)
      SELECT $1, $2, r.lane, r.epoch, r.hour, r.first, r.last, r.count, decode(r.chain, 'hex')
      FROM jsonb_to_recordset($3::jsonb) AS r(lane text, epoch text, hour timestamptz, first bigint, last bigint, count bigint, chain text)
      ON CONFLICT (tenant_id, unit_id, lane, epoch, hour) DO UPDATE SET unit_first = excluded.unit_first,
        unit_last = excluded.unit_last, unit_count = excluded.unit_count, unit_chain = excluded.unit_chain, judged_at = NULL, verdict = NULL
      WHERE (seals.unit_first, seals.unit_last, seals.unit_count, seals.unit_chain)
        IS DISTINCT FROM (excluded.unit_first, excluded.unit_last, excluded.unit_count, excluded.unit_chain)`,
    values: [context.tenantId, context.unitId, JSON.stringify(records)],
  });
};

/** What the unit reports about itself. */
export const applyFaultRows = async (context: IngestContext, placed: readonly PlacedRow<FaultRow>[]): Promise<void> => {
  if (placed.length === 0) return;
  const { tx, tenantId, unitId, receivedAt } = context;
  const records = placed.map(({ row }) => ({
    id: uuidv7(receivedAt.getTime()),
    at: iso(context.correctedMs(row.at)),
    code: row.code,
    message: row.message,
    context: row.context ?? null,
  }));
  await tx.$client.query(
    `INSERT INTO unit_faults (tenant_id, unit_id, received_at, id, at, code, message, context)
     SELECT $1, $2, $3, r.* FROM jsonb_to_recordset($4::jsonb) AS r(id uuid, at timestamptz, code text, message text, context jsonb)`,
    [tenantId, unitId, receivedAt, JSON.stringify(records)],
  );
  for (const { row } of placed) {
    context.tally('fault', context.correctedMs(row.at), 1);
    context.announce({ topic: 'units', type: 'unit.fault', data: { unitId, code: row.code, message: row.message } });
  }
};
