import { noFigures, type ProofFigures, type ProofVerdict } from '@hallhub/shared/proof';
import type { Tx } from '../../db/index.js';
import { dayProof } from './day-proof.js';
import { besideSeals, plainHour } from './plain-hour.js';
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
 * Plain hours are summed by the database; the others are looked at one by one.
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
  const span = { tenantId, unitIds, fromMs: first.fromMs, toMs: last.toMs };
  const starts = days.map(({ fromMs }) => new Date(fromMs));
  const values = [tenantId, unitIds, new Date(span.fromMs), new Date(span.toMs), starts];
  const { plain, odd } = await sumPlain(tx, values);
  await takeAside(tx, values, plain);
  const rows = await readProofRows(tx, span, {
    unitIds: [...new Set(odd.map(({ unitId }) => unitId))],
    fromMs: odd.reduce((least, { day }) => Math.min(least, days[day]?.fromMs ?? least), span.toMs),
    toMs: odd.reduce((most, { day }) => Math.max(most, days[day]?.toMs ?? most), span.fromMs),
  });
  return new Map(
    unitIds.map((unitId) => [
      unitId,
      days.map((one, i): DaySum => {
        const { hours, notes, figures } = proofOfDay(rows, unitId, one);
        const base = plain.get(keyOf(unitId, i)) ?? noFigures;
        const whole = dayProof(hours, notes, { ...base, repeated: figures.repeated });
        return { day: one.day, verdict: whole.verdict, figures: whole.figures };
      }),
    ]),
  );
};

const keyOf = (unitId: string, day: number): string => `${unitId} ${day}`;

/** Sums of plain hours by unit and day (its place in the span), and the days that have others as well. */
const sumPlain = async (tx: Tx, values: unknown[]) => {
  const { rows } = await tx.$client.query<{
    unit_id: string;
    day: number;
    odd: string;
    produced: string | null;
    delay_max_ms: string | null;
  }>(
    `SELECT unit_id, day, count(*) FILTER (WHERE plain IS NOT TRUE) AS odd, sum(unit_count) FILTER (WHERE plain) AS produced,
       max(delay_max_ms) FILTER (WHERE plain) AS delay_max_ms
     FROM (SELECT s.unit_id, width_bucket(s.hour, $5::timestamptz[]) - 1 AS day, s.unit_count, s.delay_max_ms, ${plainHour} AS plain
       FROM seals s ${besideSeals} WHERE s.tenant_id = $1 AND s.unit_id = ANY($2) AND s.hour >= $3 AND s.hour < $4) s
     GROUP BY 1, 2`,
    values,
  );
  const plain = new Map<string, ProofFigures>();
  for (const row of rows) {
    const produced = Number(row.produced ?? 0);
    const delayMaxMs = row.delay_max_ms === null ? null : Number(row.delay_max_ms);
    plain.set(keyOf(row.unit_id, row.day), { ...noFigures, produced, stored: produced, delayMaxMs });
  }
  const odd = rows.filter((row) => Number(row.odd) > 0).map(({ unit_id: unitId, day }) => ({ unitId, day }));
  return { plain, odd };
};

/** Rows of plain hours that were kept as they came are not in their tables. */
const takeAside = async (tx: Tx, values: unknown[], plain: Map<string, ProofFigures>): Promise<void> => {
  const { rows } = await tx.$client.query<{ unit_id: string; day: number; rows: string }>(
    `SELECT s.unit_id, width_bucket(s.hour, $5::timestamptz[]) - 1 AS day, count(*) AS rows
     FROM (SELECT unit_id, lane, epoch, seq FROM aside_rows WHERE tenant_id = $1 AND unit_id = ANY($2)) a
       JOIN seals s ON s.tenant_id = $1 AND s.unit_id = a.unit_id AND s.lane = a.lane AND s.epoch = a.epoch
         AND a.seq BETWEEN s.cloud_first AND s.cloud_last ${besideSeals}
     WHERE s.hour >= $3 AND s.hour < $4 AND ${plainHour} GROUP BY 1, 2`,
    values,
  );
  for (const row of rows) {
    const key = keyOf(row.unit_id, row.day);
    const sum = plain.get(key);
    const aside = Number(row.rows);
    if (sum) plain.set(key, { ...sum, stored: sum.stored - aside, aside });
  }
};
