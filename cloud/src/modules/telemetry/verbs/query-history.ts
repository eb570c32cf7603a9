import { HubError } from '@hallhub/shared';
import type { Tx } from '../../../db/index.js';
import { aggregateColumns, aggregateFilter } from '../hour-aggregate.js';
import { fromStored, kinds, type Quality, qualityName, type SampleValue } from '../sample-value.js';
import type { TelemetryContext } from '../telemetry-context.js';
import { dayMs, dayStart, hourMs, hourStart } from '../time-grid.js';

export interface HistoryInput {
  readonly deviceId: string;
  readonly property: string;
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly to: number;
  /** 2 to 10,000; 1,000 unless told. */
  readonly maxPoints?: number | undefined;
}

export interface HistorySample {
  readonly at: number;
  /** A null is a gap the device itself reported. */
  readonly value: SampleValue;
  readonly quality: Quality;
}

export interface HistoryBucket {
  /** Start of the bucket. The first may start before `from`. */
  readonly at: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly avg: number;
  readonly first: number;
  readonly last: number;
}

export type History =
  | {
      readonly kind: 'raw';
      readonly samples: readonly HistorySample[];
      /** What the property was when the range began (report on change: it may be long before), within 31 days. */
      readonly before: HistorySample | null;
      /** Text has no buckets: with more than `maxPoints` texts only the newest are given. */
      readonly truncated: boolean;
    }
  | {
      readonly kind: 'buckets';
      readonly bucketMs: number;
      /** Only buckets that hold samples: a gap stays a gap. */
      readonly buckets: readonly HistoryBucket[];
      readonly before: HistorySample | null;
    };

const minute = 60_000;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((s) => s * 1000),
  ...[1, 2, 5, 10, 15, 30].map((m) => m * minute),
  ...[1, 2, 3, 6, 12].map((h) => h * hourMs),
  ...[1, 2, 7, 14, 28].map((d) => d * dayMs),
];

const lookBackMs = 31 * dayMs;

interface SampleRecord {
  at: Date;
  kind: number;
  number: number | null;
  text: string | null;
  quality: number;
}

const toSample = (row: SampleRecord): HistorySample => ({
  at: row.at.getTime(),
  value: fromStored(row),
  quality: qualityName(row.quality),
});

/** All samples where they fit in `maxPoints`, else buckets: from samples below an hour, from roll-ups from an hour up. */
export const queryHistory = async (context: TelemetryContext, tx: Tx, input: HistoryInput): Promise<History> => {
  const { from, to, maxPoints = 1000 } = input;
  if (!(from < to)) throw new HubError('invalid_input', 'from must be before to', { context: { from, to } });
  if (!Number.isInteger(maxPoints) || maxPoints < 2 || maxPoints > 10_000) {
    throw new HubError('invalid_input', 'maxPoints must be between 2 and 10,000', { context: { maxPoints } });
  }
  const point = await tx.$client.query<{ id: number }>(
    'SELECT id FROM telemetry_points WHERE device_id = $1 AND property = $2',
    [input.deviceId, input.property],
  );
  const pointId = point.rows[0]?.id;
  if (pointId === undefined) return { kind: 'raw', samples: [], before: null, truncated: false };

  const before = await sampleBefore(tx, pointId, from);
  const rawFrom = dayStart(context.clock.now() - context.retention.rawMs);
  const rolledUp = from < rawFrom && (await hasHours(tx, pointId, from, rawFrom));
  if (!rolledUp) {
    const samples = await newestSamples(tx, { pointId, from, to, limit: maxPoints + 1 });
    const fits = samples.length <= maxPoints;
    // Judged by the newest value: a property's type does not change.
    if (fits || samples[0]?.kind === kinds.text) {
      const shown = samples.slice(0, maxPoints).reverse();
      return { kind: 'raw', samples: shown.map(toSample), before, truncated: !fits };
    }
  }
  const wantedMs = Math.max((to - from) / maxPoints, rolledUp ? hourMs : 0);
  // Buckets start on the grid, so a range may touch one more than it is long.
  const bucketMs =
    steps.find((step) => Math.ceil(to / step) - Math.floor(from / step) <= maxPoints && step >= wantedMs) ??
    gridOf(wantedMs);
  const buckets =
    bucketMs < hourMs
      ? await bucketsOfSamples(tx, { pointId, from, to, bucketMs })
      : await bucketsOfHours(tx, { pointId, from, to, bucketMs, nowMs: context.clock.now() });
  return { kind: 'buckets', bucketMs, buckets, before };
};

const gridOf = (wantedMs: number): number => (Math.floor(wantedMs / (28 * dayMs)) + 2) * 28 * dayMs;

const sampleBefore = async (tx: Tx, pointId: number, from: number): Promise<HistorySample | null> => {
  const { rows } = await tx.$client.query<SampleRecord>(
    `SELECT at, kind, number, text, quality FROM telemetry_samples
     WHERE point_id = $1 AND at < $2 AND at >= $3 ORDER BY at DESC LIMIT 1`,
    [pointId, new Date(from), new Date(from - lookBackMs)],
  );
  return rows[0] ? toSample(rows[0]) : null;
};

const hasHours = async (tx: Tx, pointId: number, from: number, to: number): Promise<boolean> => {
  const { rowCount } = await tx.$client.query(
    'SELECT 1 FROM telemetry_hours WHERE point_id = $1 AND hour >= $2 AND hour < $3 LIMIT 1',
    [pointId, new Date(hourStart(from)), new Date(to)],
  );
  return rowCount === 1;
};

interface Range {
  readonly pointId: number;
  readonly from: number;
  readonly to: number;
}

const newestSamples = async (tx: Tx, { pointId, from, to, limit }: Range & { readonly limit: number }) => {
  const { rows } = await tx.$client.query<SampleRecord>(
    `SELECT at, kind, number, text, quality FROM telemetry_samples
     WHERE point_id = $1 AND at >= $2 AND at < $3 ORDER BY at DESC LIMIT $4`,
    [pointId, new Date(from), new Date(to), limit],
  );
  return rows;
};

interface BucketRecord {
  at: Date;
  count: string | number;
  min: number;
  max: number;
  sum: number;
  first: number;
  last: number;
}

const toBucket = (row: BucketRecord): HistoryBucket => {
  const count = Number(row.count);
  return {
    at: row.at.getTime(),
    count,
    min: row.min,
    max: row.max,
    avg: row.sum / count,
    first: row.first,
    last: row.last,
  };
};

const bucketsOfSamples = async (tx: Tx, range: Range & { readonly bucketMs: number }): Promise<HistoryBucket[]> => {
  const { rows } = await tx.$client.query<BucketRecord>(
    `SELECT date_bin($4::interval, s.at, 'epoch') AS at, ${aggregateColumns}
     FROM telemetry_samples s WHERE s.point_id = $1 AND s.at >= $2 AND s.at < $3 AND ${aggregateFilter} GROUP BY 1 ORDER BY 1`,
    [range.pointId, new Date(range.from), new Date(range.to), `${range.bucketMs} milliseconds`],
  );
  return rows.map(toBucket);
};

/**
 * Hours not rolled up yet (the present one, the one before, late ones still marked) are read from their samples, so what
 * is shown never depends on when the job last ran.
 */
const bucketsOfHours = async (
  tx: Tx,
  range: Range & { readonly bucketMs: number; readonly nowMs: number },
): Promise<HistoryBucket[]> => {
  const from = hourStart(range.from);
  const to = hourStart(range.to + hourMs - 1);
  const open = Math.min(Math.max(hourStart(range.nowMs) - hourMs, from), to);
  const { rows } = await tx.$client.query<BucketRecord>(
    `WITH stale AS (
       SELECT DISTINCT m.hour FROM telemetry_marks m WHERE m.hour >= $2 AND m.hour < $3 AND $1 = ANY (m.point_ids)
     ), hours AS (
       SELECT h.hour, h.count, h.min, h.max, h.sum, h.first, h.last FROM telemetry_hours h
       WHERE h.point_id = $1 AND h.hour >= $2 AND h.hour < $3 AND NOT EXISTS (SELECT 1 FROM stale WHERE stale.hour = h.hour)
       UNION ALL
       SELECT stale.hour, a.* FROM stale CROSS JOIN LATERAL (
         SELECT ${aggregateColumns} FROM telemetry_samples s
         WHERE s.point_id = $1 AND s.at >= stale.hour AND s.at < stale.hour + interval '1 hour' AND ${aggregateFilter}
       ) a WHERE a.count > 0
       UNION ALL
       SELECT date_bin('1 hour', s.at, 'epoch'), ${aggregateColumns} FROM telemetry_samples s
       WHERE s.point_id = $1 AND s.at >= $3 AND s.at < $4 AND ${aggregateFilter} GROUP BY 1
     )
     SELECT date_bin($5::interval, hour, 'epoch') AS at, sum(count) AS count, min(min) AS min, max(max) AS max, sum(sum) AS sum,
       (array_agg(first ORDER BY hour))[1] AS first, (array_agg(last ORDER BY hour DESC))[1] AS last
     FROM hours GROUP BY 1 ORDER BY 1`,
    [range.pointId, new Date(from), new Date(open), new Date(to), `${range.bucketMs} milliseconds`],
  );
  return rows.map(toBucket);
};
