import { noFigures, type ProofFigures, type ProofVerdict } from '@hallhub/shared/proof';
import type { Tx } from '../../db/index.js';
import type { ProofUnit } from './proof-units.js';
import { type DaySpan, daySpans, proofOfDay, readProofRows } from './read-proof.js';

/** A day without its hours. */
export interface DaySum {
  readonly day: string;
  readonly verdict: ProofVerdict;
  readonly figures: ProofFigures;
}

interface Span {
  readonly tenantId: string;
  readonly unitIds: readonly string[];
  /** One after the other, oldest first. */
  readonly days: readonly DaySpan[];
}

/**
 * The days from `from` to `to` (both included, each in its unit's zone) of each unit: what `readDays` says, less the hours.
 * Plain days are summed by the database; of the others every hour is looked at.
 */
export const sumDays = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly units: readonly ProofUnit[]; readonly from: string; readonly to: string },
): Promise<Map<string, DaySum[]>> => {
  const zones = new Map<string, string[]>();
  for (const { timeZone, unitId } of of.units) zones.set(timeZone, [...(zones.get(timeZone) ?? []), unitId]);
  const sums = new Map<string, DaySum[]>();
  for (const [timeZone, unitIds] of zones) {
    const days = await daySpans(tx, timeZone, of.from, of.to);
    const span = { tenantId: of.tenantId, unitIds, days };
    for (const [unitId, list] of await sumSpan(tx, span)) sums.set(unitId, list);
  }
  return sums;
};

const sumSpan = async (tx: Tx, { tenantId, unitIds, days }: Span): Promise<Map<string, DaySum[]>> => {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return new Map();
  const values = [
    ...[tenantId, unitIds, new Date(first.fromMs), new Date(last.toMs)],
    days.map(({ fromMs }) => new Date(fromMs)),
  ];
  const { plain, odd } = await sumPlain(tx, values);
  await takeAside(tx, values, plain);
  const rows = await readProofRows(
    tx,
    { tenantId, unitIds, fromMs: first.fromMs, toMs: last.toMs },
    odd.flatMap(({ unitId, day }) => {
      const span = days[day];
      return span ? [{ unitId, fromMs: span.fromMs, toMs: span.toMs }] : [];
    }),
  );
  return new Map(
    unitIds.map((unitId) => [
      unitId,
      days.map((one, i): DaySum => {
        const whole = proofOfDay(rows, unitId, one, plain.get(keyOf(unitId, i)));
        return { day: one.day, verdict: whole.verdict, figures: whole.figures };
      }),
    ]),
  );
};

const keyOf = (unitId: string, day: number): string => `${unitId} ${day}`;

/**
 * Sums of plain days by unit and day (its place in the span), and the days that are not. On a plain day both ends say the same of
 * every hour, all of it is committed and no gap touches it: `hourProof` finds each `equal`, with nothing lost, twice or on the way.
 * `OFFSET 0`: chains are compared row by row and left behind; carried along, they are sorted on disk.
 */
const sumPlain = async (tx: Tx, values: unknown[]) => {
  const { rows } = await tx.$client.query<{
    unit_id: string;
    day: number;
    odd: boolean;
    produced: string | null;
    delay_max_ms: string | null;
  }>(
    `SELECT d.unit_id, d.day, sum(d.produced) AS produced, max(d.delay_max_ms) AS delay_max_ms,
       bool_or(NOT d.same OR t.cursor IS NULL OR t.cursor < d.last OR coalesce(g.gaps && int8range(d.first, d.last, '[]'), false)) AS odd
     FROM (SELECT unit_id, lane, epoch, day, sum(unit_count) AS produced, max(delay_max_ms) AS delay_max_ms, min(unit_first) AS first,
         max(unit_last) AS last, bool_and(same) AS same
       FROM (SELECT unit_id, lane, epoch, width_bucket(hour, $5::timestamptz[]) - 1 AS day, unit_count, unit_first, unit_last, delay_max_ms,
           (unit_chain = cloud_chain AND unit_first = cloud_first AND unit_last = cloud_last AND unit_count = cloud_count
             AND unit_count = unit_last - unit_first + 1) IS TRUE AS same
         FROM seals WHERE tenant_id = $1 AND unit_id = ANY($2) AND hour >= $3 AND hour < $4 OFFSET 0) h
       GROUP BY 1, 2, 3, 4) d
     LEFT JOIN (SELECT unit_id, lane, epoch, cursor FROM streams WHERE tenant_id = $1 AND unit_id = ANY($2)) t
       ON t.unit_id = d.unit_id AND t.lane = d.lane AND t.epoch = d.epoch
     LEFT JOIN (SELECT unit_id, lane, epoch, range_agg(int8range(from_seq, to_seq, '[]')) AS gaps FROM stream_gaps
         WHERE tenant_id = $1 AND unit_id = ANY($2) AND source = 'batch' GROUP BY 1, 2, 3) g
       ON g.unit_id = d.unit_id AND g.lane = d.lane AND g.epoch = d.epoch
     GROUP BY 1, 2`,
    values,
  );
  const plain = new Map<string, ProofFigures>();
  for (const row of rows.filter(({ odd }) => !odd)) {
    const produced = Number(row.produced ?? 0);
    const delayMaxMs = row.delay_max_ms === null ? null : Number(row.delay_max_ms);
    plain.set(keyOf(row.unit_id, row.day), { ...noFigures, produced, stored: produced, delayMaxMs });
  }
  const odd = rows.filter((row) => row.odd).map(({ unit_id: unitId, day }) => ({ unitId, day }));
  return { plain, odd };
};

/** Rows of plain days that were kept as they came are not in their tables. */
const takeAside = async (tx: Tx, values: unknown[], plain: Map<string, ProofFigures>): Promise<void> => {
  const { rows } = await tx.$client.query<{ unit_id: string; day: number; rows: string }>(
    `SELECT s.unit_id, width_bucket(s.hour, $5::timestamptz[]) - 1 AS day, count(*) AS rows
     FROM (SELECT unit_id, lane, epoch, seq FROM aside_rows WHERE tenant_id = $1 AND unit_id = ANY($2)) a
       JOIN seals s ON s.tenant_id = $1 AND s.unit_id = a.unit_id AND s.lane = a.lane AND s.epoch = a.epoch
         AND a.seq BETWEEN s.cloud_first AND s.cloud_last
     WHERE s.hour >= $3 AND s.hour < $4 GROUP BY 1, 2`,
    values,
  );
  for (const row of rows) {
    const key = keyOf(row.unit_id, row.day);
    const sum = plain.get(key);
    const aside = Number(row.rows);
    if (sum) plain.set(key, { ...sum, stored: sum.stored - aside, aside });
  }
};
