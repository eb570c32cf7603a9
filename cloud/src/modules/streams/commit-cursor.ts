import type { Tx } from '../../db/index.js';
import type { HourCount } from './count-hours.js';
import type { IngestContext } from './ingest-context.js';
import type { AsideRow } from './read-rows.js';

/** Stores what went aside; a row is aside once. */
export const storeAside = async (context: IngestContext, aside: readonly AsideRow[]): Promise<void> => {
  if (aside.length === 0) return;
  const { tx, tenantId, unitId, lane, epoch, receivedAt } = context;
  await tx.$client.query(
    `INSERT INTO aside_rows (tenant_id, unit_id, lane, epoch, received_at, seq, kind, reason, detail, bytes)
     SELECT $1, $2, $3, $4, $5, * FROM unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::bytea[]) ON CONFLICT DO NOTHING`,
    [
      ...[tenantId, unitId, lane, epoch, receivedAt],
      aside.map(({ seq }) => seq),
      aside.map(({ kind }) => withoutNul(kind)),
      aside.map(({ reason }) => reason),
      aside.map(({ detail }) => withoutNul(detail)),
      aside.map(({ bytes }) => bytes),
    ],
  );
  context.announce({ topic: 'units', type: 'unit.aside', data: { unitId, lane, count: aside.length } });
};

const withoutNul = <T extends string | null>(text: T): T => (text?.replaceAll('\0', '\uFFFD') ?? null) as T;

/** Moves the cursor, adds to the cloud's side of the seals and to the minute's count: one statement, last in the batch. */
export const commitCursor = async (
  context: IngestContext,
  to: { readonly cursor: number; readonly chain: Buffer; readonly rows: number; readonly hours: readonly HourCount[] },
): Promise<void> => {
  const { hours } = to;
  await context.tx.$client.query({
    name: 'commit-cursor',
    text: `WITH moved AS (
        UPDATE streams SET cursor = $5, chain = $6, row_count = row_count + $7, committed_at = $8
        WHERE tenant_id = $1 AND unit_id = $2 AND lane = $3 AND epoch = $4
      ), minute AS (
        INSERT INTO ingest_minutes (tenant_id, unit_id, lane, minute, row_count)
        SELECT $1, $2, $3, date_trunc('minute', $8::timestamptz), $7::integer WHERE $7::integer > 0
        ON CONFLICT (tenant_id, unit_id, lane, minute) DO UPDATE SET row_count = ingest_minutes.row_count + excluded.row_count
      )
      INSERT INTO seals AS s (tenant_id, unit_id, lane, epoch, hour, cloud_first, cloud_last, cloud_count, cloud_chain)
      SELECT $1, $2, $3, $4, * FROM unnest($9::timestamptz[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[])
      ON CONFLICT (tenant_id, unit_id, lane, epoch, hour) DO UPDATE SET cloud_first = least(s.cloud_first, excluded.cloud_first),
        cloud_last = excluded.cloud_last, cloud_count = coalesce(s.cloud_count, 0) + excluded.cloud_count, cloud_chain = excluded.cloud_chain`,
    values: [
      ...[context.tenantId, context.unitId, context.lane, context.epoch],
      ...[to.cursor, to.chain, to.rows, context.receivedAt],
      hours.map(({ hourMs }) => new Date(hourMs)),
      hours.map(({ firstSeq }) => firstSeq),
      hours.map(({ lastSeq }) => lastSeq),
      hours.map(({ count }) => count),
      hours.map(({ chain }) => chain),
    ],
  });
};

/** A signed gap: what is missing, why, and the cursor beyond it. */
export const storeGapBatch = async (
  tx: Tx,
  gap: {
    readonly tenantId: string;
    readonly unitId: string;
    readonly lane: string;
    readonly epoch: string;
    readonly fromSeq: number;
    readonly toSeq: number;
    readonly count: number;
    readonly reason: string;
    readonly at: Date;
    readonly receivedAt: Date;
  },
): Promise<void> => {
  await tx.$client.query(
    `INSERT INTO stream_gaps (tenant_id, unit_id, lane, epoch, seq, source, reason, from_seq, to_seq, missing, at, received_at)
     VALUES ($1, $2, $3, $4, $5, 'batch', $6, $5, $7, $8, $9, $10)`,
    [
      ...[gap.tenantId, gap.unitId, gap.lane, gap.epoch, gap.fromSeq, gap.reason],
      ...[gap.toSeq, gap.count, gap.at, gap.receivedAt],
    ],
  );
};
