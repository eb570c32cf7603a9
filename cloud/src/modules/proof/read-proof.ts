import { noFigures } from '@hallhub/shared/proof';
import type { Lane } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import {
  type DayProof,
  dayProof,
  type GapRange,
  hourProof,
  type ProofNote,
  type SealRecord,
  type SealSide,
  type StreamFacts,
} from './day-proof.js';

/** One day of one hall's zone. */
export interface DaySpan {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ProofOfDay extends DayProof, DaySpan {}

/** The days from `from` to `to`, both included, in a zone; 23 and 25 hours where the clocks change. */
export const daySpans = async (tx: Tx, timeZone: string, from: string, to: string): Promise<DaySpan[]> => {
  const { rows } = await tx.$client.query<{ day: string; from_at: Date; to_at: Date }>(
    `SELECT to_char(d, 'YYYY-MM-DD') AS day, d::timestamp AT TIME ZONE $1 AS from_at, (d + interval '1 day')::timestamp AT TIME ZONE $1 AS to_at
     FROM generate_series($2::timestamp, $3::timestamp, interval '1 day') AS d ORDER BY d`,
    [timeZone, from, to],
  );
  return rows.map((row) => ({ day: row.day, fromMs: row.from_at.getTime(), toMs: row.to_at.getTime() }));
};

interface SealRow {
  unit_id: string;
  lane: Lane;
  epoch: string;
  hour: Date;
  cloud_first: string | null;
  cloud_last: string | null;
  cloud_count: string | null;
  cloud_chain: string | null;
  unit_first: string | null;
  unit_last: string | null;
  unit_count: string | null;
  unit_chain: string | null;
  delay_max_ms: string | null;
  aside: string;
}

interface Tally {
  readonly hour: number;
  readonly repeated: number;
  readonly quarantined: number;
}

export interface ProofRows {
  readonly seals: ReadonlyMap<string, readonly SealRecord[]>;
  readonly streams: ReadonlyMap<string, readonly StreamFacts[]>;
  readonly gaps: ReadonlyMap<string, readonly GapRange[]>;
  readonly notes: ReadonlyMap<string, readonly ProofNote[]>;
  readonly tallies: ReadonlyMap<string, readonly Tally[]>;
}

interface Span {
  readonly tenantId: string;
  readonly unitIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of one unit. */
interface UnitSpan {
  readonly unitId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * All rows of both ends about these units in `[fromMs, toMs)`, in five queries however many units there are.
 * `hoursOf`: hours only of these stretches within it; what else is said of the span stays whole.
 */
export const readProofRows = async (tx: Tx, span: Span, hoursOf?: readonly UnitSpan[]): Promise<ProofRows> => {
  const values = [span.tenantId, span.unitIds, new Date(span.fromMs), new Date(span.toMs)];
  const stretches = hoursOf ?? span.unitIds.map((unitId) => ({ unitId, fromMs: span.fromMs, toMs: span.toMs }));
  return {
    seals: await readSeals(tx, span.tenantId, stretches),
    streams: await readStreams(tx, values.slice(0, 2)),
    gaps: await readGaps(tx, values.slice(0, 3)),
    notes: await readNotes(tx, values),
    tallies: await readTallies(tx, values),
  };
};

const byUnit = <R extends { unit_id: string }, T>(rows: readonly R[], item: (row: R) => T): Map<string, T[]> => {
  const units = new Map<string, T[]>();
  for (const row of rows) {
    const list = units.get(row.unit_id);
    if (list) list.push(item(row));
    else units.set(row.unit_id, [item(row)]);
  }
  return units;
};

const side = (row: SealRow, of: 'unit' | 'cloud'): SealSide | null => {
  const chain = row[`${of}_chain`];
  if (chain === null) return null;
  return {
    firstSeq: Number(row[`${of}_first`]),
    lastSeq: Number(row[`${of}_last`]),
    count: Number(row[`${of}_count`]),
    chain,
  };
};

const readSeals = async (tx: Tx, tenantId: string, stretches: readonly UnitSpan[]) => {
  if (stretches.length === 0) return new Map<string, SealRecord[]>();
  const { rows } = await tx.$client.query<SealRow>(
    `WITH s AS MATERIALIZED (
       SELECT s.* FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS o(unit_id, from_at, to_at)
         JOIN seals s ON s.tenant_id = $1 AND s.unit_id = o.unit_id AND s.hour >= o.from_at AND s.hour < o.to_at)
     SELECT s.unit_id, s.lane, s.epoch, s.hour, s.cloud_first, s.cloud_last, s.cloud_count, encode(s.cloud_chain, 'hex') AS cloud_chain,
       s.unit_first, s.unit_last, s.unit_count, encode(s.unit_chain, 'hex') AS unit_chain, s.delay_max_ms, coalesce(a.rows, 0) AS aside
     FROM s LEFT JOIN (
       SELECT s.unit_id, s.lane, s.epoch, s.hour, count(*) AS rows
       FROM (SELECT unit_id, lane, epoch, seq FROM aside_rows WHERE tenant_id = $1 AND unit_id = ANY($2)) a
         JOIN s ON a.unit_id = s.unit_id AND a.lane = s.lane AND a.epoch = s.epoch AND a.seq BETWEEN s.cloud_first AND s.cloud_last
       GROUP BY 1, 2, 3, 4
     ) a ON a.unit_id = s.unit_id AND a.lane = s.lane AND a.epoch = s.epoch AND a.hour = s.hour
     ORDER BY s.hour, s.lane, s.epoch`,
    [
      ...[tenantId, stretches.map(({ unitId }) => unitId)],
      ...[stretches.map(({ fromMs }) => new Date(fromMs)), stretches.map(({ toMs }) => new Date(toMs))],
    ],
  );
  return byUnit(
    rows,
    (row): SealRecord => ({
      lane: row.lane,
      epoch: row.epoch,
      hour: row.hour.getTime(),
      unit: side(row, 'unit'),
      cloud: side(row, 'cloud'),
      delayMaxMs: row.delay_max_ms === null ? null : Number(row.delay_max_ms),
      aside: Number(row.aside),
    }),
  );
};

const readStreams = async (tx: Tx, values: unknown[]) => {
  const { rows } = await tx.$client.query<{
    unit_id: string;
    lane: Lane;
    epoch: string;
    cursor: string;
    chain: string;
    closed: boolean;
    closed_by: string | null;
  }>(
    `SELECT s.unit_id, s.lane, s.epoch, s.cursor, encode(s.chain, 'hex') AS chain, s.closed_at IS NOT NULL AS closed,
       (SELECT g.reason FROM stream_gaps g WHERE g.tenant_id = s.tenant_id AND g.unit_id = s.unit_id AND g.lane = s.lane
          AND g.source = 'row' AND g.previous_epoch = s.epoch ORDER BY g.received_at LIMIT 1) AS closed_by
     FROM streams s WHERE s.tenant_id = $1 AND s.unit_id = ANY($2) ORDER BY s.lane, s.created_at`,
    values,
  );
  return byUnit(
    rows,
    (row): StreamFacts => ({
      lane: row.lane,
      epoch: row.epoch,
      cursor: Number(row.cursor),
      chain: row.chain,
      closed: row.closed,
      closedBy: row.closed_by,
    }),
  );
};

/** A gap is told after its rows were written: what was received before the span is about earlier hours (but for a wrong clock: a day). */
const readGaps = async (tx: Tx, values: unknown[]) => {
  const { rows } = await tx.$client.query<{
    unit_id: string;
    lane: Lane;
    epoch: string;
    from_seq: string;
    to_seq: string;
    reason: string;
    chain: string | null;
  }>(
    `SELECT unit_id, lane, epoch, from_seq, to_seq, reason, encode(chain, 'hex') AS chain FROM stream_gaps
     WHERE tenant_id = $1 AND unit_id = ANY($2) AND source = 'batch' AND received_at >= $3::timestamptz - interval '1 day'`,
    values,
  );
  return byUnit(
    rows,
    (row): GapRange => ({
      lane: row.lane,
      epoch: row.epoch,
      fromSeq: Number(row.from_seq),
      toSeq: Number(row.to_seq),
      reason: row.reason,
      chain: row.chain,
    }),
  );
};

/** What no sealed hour covers: signed gaps outside of them, epochs that took over from others, files that were lost. */
const readNotes = async (tx: Tx, values: unknown[]) => {
  const { rows } = await tx.$client.query<{
    unit_id: string;
    lane: Lane;
    at: Date;
    kind: ProofNote['kind'];
    reason: string;
    rows: string | null;
  }>(
    `SELECT g.unit_id, g.lane, g.at, g.reason, 'gap' AS kind, g.missing - coalesce((
         SELECT sum(least(s.unit_last, g.to_seq) - greatest(s.unit_first, g.from_seq) + 1) FROM seals s
         WHERE s.tenant_id = g.tenant_id AND s.unit_id = g.unit_id AND s.lane = g.lane AND s.epoch = g.epoch
           AND s.unit_last >= g.from_seq AND s.unit_first <= g.to_seq), 0) AS rows
     FROM stream_gaps g WHERE g.tenant_id = $1 AND g.unit_id = ANY($2) AND g.source = 'batch' AND g.at >= $3 AND g.at < $4
     UNION ALL
     SELECT g.unit_id, g.lane, g.at, g.reason, g.reason,
       CASE WHEN g.reason = 'rollback' AND g.from_seq IS NOT NULL THEN greatest(0, least(g.to_seq, t.cursor) - g.from_seq + 1) END
     FROM stream_gaps g LEFT JOIN streams t ON t.tenant_id = g.tenant_id AND t.unit_id = g.unit_id AND t.lane = g.lane AND t.epoch = g.previous_epoch
     WHERE g.tenant_id = $1 AND g.unit_id = ANY($2) AND g.source = 'row' AND g.reason IN ('rollback', 'damaged', 'replaced') AND g.at >= $3 AND g.at < $4
     ORDER BY 3`,
    values,
  );
  return byUnit(
    rows.filter(({ kind, rows }) => kind !== 'gap' || Number(rows) > 0),
    (row): ProofNote => ({
      kind: row.kind,
      lane: row.lane,
      at: row.at.getTime(),
      rows: row.rows === null ? null : Number(row.rows),
      reason: row.reason,
    }),
  );
};

/** What no seal knows of: events said again, values in quarantine. */
const readTallies = async (tx: Tx, values: unknown[]) => {
  const { rows } = await tx.$client.query<{ unit_id: string; hour: Date; repeated: string; quarantined: string }>(
    `SELECT unit_id, hour, repeated, CASE kind WHEN 'quarantine' THEN stored ELSE 0 END AS quarantined FROM proof_tallies
     WHERE tenant_id = $1 AND unit_id = ANY($2) AND hour >= $3 AND hour < $4 AND (kind = 'quarantine' OR (kind = 'event' AND repeated > 0))`,
    values,
  );
  return byUnit(
    rows,
    (row): Tally => ({
      hour: row.hour.getTime(),
      repeated: Number(row.repeated),
      quarantined: Number(row.quarantined),
    }),
  );
};

/** One unit's day out of rows that were read for a longer span. `base`: figures of hours that are not among them. */
export const proofOfDay = (rows: ProofRows, unitId: string, span: DaySpan, base = noFigures): ProofOfDay => {
  const within = (ms: number) => ms >= span.fromMs && ms < span.toMs;
  const streams = new Map((rows.streams.get(unitId) ?? []).map((stream) => [keyOf(stream), stream]));
  const gaps = new Map<string, GapRange[]>();
  for (const gap of rows.gaps.get(unitId) ?? []) {
    const list = gaps.get(keyOf(gap));
    if (list) list.push(gap);
    else gaps.set(keyOf(gap), [gap]);
  }
  const hours = (rows.seals.get(unitId) ?? [])
    .filter(({ hour }) => within(hour))
    .map((seal) => hourProof(seal, streams.get(keyOf(seal)), gaps.get(keyOf(seal)) ?? []));
  const notes = (rows.notes.get(unitId) ?? []).filter(({ at }) => within(at));
  const tallies = (rows.tallies.get(unitId) ?? []).filter(({ hour }) => within(hour));
  const sum = (of: 'repeated' | 'quarantined') => tallies.reduce((total, tally) => total + tally[of], 0);
  const known = { ...base, repeated: sum('repeated'), quarantined: sum('quarantined') };
  return { ...span, ...dayProof(hours, notes, known) };
};

const keyOf = ({ lane, epoch }: { readonly lane: string; readonly epoch: string }): string => `${lane} ${epoch}`;
