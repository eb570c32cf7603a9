import type { Lane } from '@hallhub/shared/wire';
import { int4Array, type Tx, textArray, timestamptzArray } from '../../db/index.js';
import type { HourCount } from './count-hours.js';
import type { IngestContext, Tally, TallyKind } from './ingest-context.js';
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

/** Where one batch takes its stream, and what it counts for. */
export interface CursorMove {
  readonly unitId: string;
  readonly lane: Lane;
  readonly epoch: string;
  readonly cursor: number;
  readonly chain: Buffer;
  readonly rows: number;
  readonly hours: readonly HourCount[];
  readonly delayMs: number | null;
  readonly tallies: readonly Tally[];
}

/**
 * Moves cursors, adds to the cloud's side of the seals and to the minutes' counts: one statement, last in the transaction. Each stream
 * once, and in the order of units, so that two transactions never wait for each other in a circle.
 */
export const commitCursors = async (
  { tx, tenantId, receivedAt }: Pick<IngestContext, 'tx' | 'tenantId' | 'receivedAt'>,
  moves: readonly CursorMove[],
): Promise<void> => {
  const seals = moves.flatMap((move) => move.hours.map((hour) => ({ ...move, ...hour })));
  const tallies = moves.flatMap((move) => byHour(move.tallies).map((tally) => ({ unitId: move.unitId, ...tally })));
  await tx.$client.query({
    name: 'commit-cursors',
    text: `WITH b AS (
        SELECT * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::integer[]) AS b(unit_id, lane, epoch, cursor, chain, rows)
      ), moved AS (
        UPDATE streams s SET cursor = b.cursor, chain = b.chain, row_count = s.row_count + b.rows, committed_at = $2 FROM b
        WHERE s.tenant_id = $1 AND s.unit_id = b.unit_id AND s.lane = b.lane AND s.epoch = b.epoch
      ), tally AS (
        INSERT INTO proof_tallies AS p (tenant_id, unit_id, kind, hour, stored, repeated)
        SELECT $1, * FROM unnest($9::uuid[], $10::text[], $11::timestamptz[], $12::bigint[], $13::bigint[])
        ON CONFLICT (tenant_id, unit_id, hour, kind) DO UPDATE SET stored = p.stored + excluded.stored, repeated = p.repeated + excluded.repeated
      ), minute AS (
        INSERT INTO ingest_minutes AS m (tenant_id, unit_id, lane, minute, row_count)
        SELECT $1, unit_id, lane, date_trunc('minute', $2::timestamptz), rows FROM b WHERE rows > 0
        ON CONFLICT (tenant_id, unit_id, lane, minute) DO UPDATE SET row_count = m.row_count + excluded.row_count
      )
      INSERT INTO seals AS s (tenant_id, unit_id, lane, epoch, delay_max_ms, hour, cloud_first, cloud_last, cloud_count, cloud_chain)
      SELECT $1, * FROM unnest($14::uuid[], $15::text[], $16::text[], $17::bigint[], $18::timestamptz[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bytea[])
      ON CONFLICT (tenant_id, unit_id, lane, epoch, hour) DO UPDATE SET cloud_first = least(s.cloud_first, excluded.cloud_first),
        cloud_last = excluded.cloud_last, cloud_count = coalesce(s.cloud_count, 0) + excluded.cloud_count, cloud_chain = excluded.cloud_chain,
        delay_max_ms = greatest(s.delay_max_ms, excluded.delay_max_ms)`,
    values: [
      ...[tenantId, receivedAt],
      ...[moves.map(({ unitId }) => unitId), textArray(moves.map(({ lane }) => lane))],
      ...[textArray(moves.map(({ epoch }) => epoch)), moves.map(({ cursor }) => cursor)],
      ...[moves.map(({ chain }) => chain), int4Array(moves.map(({ rows }) => rows))],
      ...[tallies.map(({ unitId }) => unitId), textArray(tallies.map(({ kind }) => kind))],
      ...[timestamptzArray(tallies.map(({ hourMs }) => hourMs)), tallies.map(({ stored }) => stored)],
      tallies.map(({ repeated }) => repeated),
      ...[seals.map(({ unitId }) => unitId), textArray(seals.map(({ lane }) => lane))],
      ...[textArray(seals.map(({ epoch }) => epoch)), seals.map(({ delayMs }) => delayMs)],
      ...[timestamptzArray(seals.map(({ hourMs }) => hourMs)), seals.map(({ firstSeq }) => firstSeq)],
      ...[seals.map(({ lastSeq }) => lastSeq), seals.map(({ count }) => count), seals.map(({ chain }) => chain)],
    ],
  });
};

const hourLengthMs = 3_600_000;

interface HourTally {
  readonly kind: TallyKind;
  readonly hourMs: number;
  stored: number;
  repeated: number;
}

/** One entry a kind and hour, in order: lanes of one unit share these rows, and must not wait for each other in a circle. */
const byHour = (tallies: readonly Tally[]): HourTally[] => {
  const found = new Map<string, HourTally>();
  for (const { kind, atMs, stored, repeated } of tallies) {
    const hourMs = atMs - (atMs % hourLengthMs);
    const key = `${hourMs} ${kind}`;
    const known = found.get(key) ?? { kind, hourMs, stored: 0, repeated: 0 };
    found.set(key, known);
    known.stored += stored;
    known.repeated += repeated;
  }
  return [...found.values()].sort((a, b) => a.hourMs - b.hourMs || (a.kind < b.kind ? -1 : 1));
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
    readonly chain: Buffer;
    readonly at: Date;
    readonly receivedAt: Date;
  },
): Promise<void> => {
  await tx.$client.query(
    `INSERT INTO stream_gaps (tenant_id, unit_id, lane, epoch, seq, source, reason, from_seq, to_seq, missing, at, received_at, chain)
     VALUES ($1, $2, $3, $4, $5, 'batch', $6, $5, $7, $8, $9, $10, $11)`,
    [
      ...[gap.tenantId, gap.unitId, gap.lane, gap.epoch, gap.fromSeq, gap.reason],
      ...[gap.toSeq, gap.count, gap.at, gap.receivedAt, gap.chain],
    ],
  );
};
