import { HubError } from '@hallhub/shared';
import {
  float8Array,
  int2Array,
  int4Array,
  postgresError,
  storableText,
  type TenantScope,
  type Tx,
  textArray,
  timestamptzArray,
} from '../../../db/index.js';
import type { PointKey } from '../points.js';
import { qualityCode, type SampleValue, toStored } from '../sample-value.js';
import type { TelemetryContext } from '../telemetry-context.js';
import { dayStart, hourStart } from '../time-grid.js';

/** One `sample` row of the wire, its time corrected. */
export interface SampleInput {
  readonly deviceId: string;
  /** Corrected unit time, epoch ms. */
  readonly at: number;
  readonly seq: number;
  readonly values: Readonly<Record<string, SampleValue>>;
  readonly quality?: Readonly<Record<string, 'uncertain' | 'bad'>> | undefined;
}

/** Counts values, not rows. */
export interface AppendResult {
  readonly stored: number;
  /** The same by the hour of their time, epoch ms: what a recount compares the tables with. */
  readonly storedByHour: ReadonlyMap<number, number>;
  /** Older than the retention: counted aside. */
  readonly expired: number;
  /** From the far future: kept in quarantine. */
  readonly future: number;
}

/** Values in columns, as `unnest` wants them. */
class Columns {
  readonly at: number[] = [];
  readonly seq: number[] = [];
  readonly number: (number | null)[] = [];
  readonly pointId: number[] = [];
  readonly kind: number[] = [];
  readonly quality: number[] = [];
  readonly text: (string | null)[] = [];
  hasText = false;
}

/**
 * Rows, marks and latest values in one statement: one round trip. Most batches carry no text, and then no text column.
 * Latest values come in order of point, so that two batches that share points cannot deadlock.
 */
const insertStatement = (withText: boolean): string => {
  const text = (n: number) =>
    withText
      ? { column: ', text', array: `, $${n}::text[]`, set: ', text = excluded.text' }
      : { column: '', array: '', set: ', text = NULL' };
  const sample = text(15);
  const latest = text(16);
  return `WITH marks AS (
    INSERT INTO telemetry_marks (tenant_id, hour, point_ids)
    SELECT $1::uuid, u.hour, u.points::int4[] FROM unnest($7::timestamptz[], $8::text[]) AS u(hour, points)
  ), latest AS (
    INSERT INTO telemetry_latest AS l (at, seq, number, point_id, kind, quality, tenant_id${latest.column})
    SELECT u.at, u.seq, u.number, u.point_id, u.kind, u.quality, $1::uuid${withText ? ', u.text' : ''}
    FROM unnest($9::timestamptz[], $10::float8[], $11::float8[], $12::int4[], $13::int2[], $14::int2[]${latest.array})
      AS u(at, seq, number, point_id, kind, quality${latest.column})
    ON CONFLICT (point_id) DO UPDATE SET at = excluded.at, seq = excluded.seq, number = excluded.number,
      kind = excluded.kind, quality = excluded.quality${latest.set}
    WHERE (excluded.at, excluded.seq) > (l.at, l.seq)
  )
  INSERT INTO telemetry_samples (at, number, point_id, kind, quality, tenant_id${sample.column})
  SELECT u.at, u.number, u.point_id, u.kind, u.quality, $1::uuid${withText ? ', u.text' : ''}
  FROM unnest($2::timestamptz[], $3::float8[], $4::int4[], $5::int2[], $6::int2[]${sample.array})
    AS u(at, number, point_id, kind, quality${sample.column})`;
};

const plainStatement = { name: 'telemetry-append', text: insertStatement(false) };
const textStatement = { name: 'telemetry-append-text', text: insertStatement(true) };

/**
 * Writes samples in the caller's transaction (`withTenant`, or `withSystem` narrowed): rows, latest values, marks for the
 * roll-up. Not idempotent: the stream's cursor, moved in the same transaction, is what keeps a batch from counting twice.
 */
export const appendSamples = async (
  context: TelemetryContext,
  tx: Tx,
  { tenantId }: TenantScope,
  samples: readonly SampleInput[],
): Promise<AppendResult> => {
  const nowMs = context.clock.now();
  const oldestMs = dayStart(nowMs - context.retention.rawMs);
  const newestMs = nowMs + context.futureLimitMs;
  const expired: SampleInput[] = [];
  const future: SampleInput[] = [];
  const usable = samples.filter((sample) => {
    if (sample.at < oldestMs) expired.push(sample);
    else if (sample.at > newestMs) future.push(sample);
    else return true;
    return false;
  });
  const columns = toColumns(context, tenantId, usable) ?? (await learnThenToColumns(context, tenantId, usable));
  for (const day of new Set(usable.map((sample) => dayStart(sample.at)))) await context.partitions.ensureDay(day);

  if (columns.at.length > 0) {
    await write(context, tx, tenantId, columns);
  }
  if (expired.length > 0) await countAside(tx, { tenantId, nowMs, reason: 'expired' }, expired);
  if (future.length > 0) {
    await quarantine(tx, tenantId, nowMs, future);
    await countAside(tx, { tenantId, nowMs, reason: 'future' }, future);
  }
  return {
    stored: columns.at.length,
    storedByHour: countHours(columns.at),
    expired: countValues(expired),
    future: countValues(future),
  };
};

const countHours = (at: readonly number[]): Map<number, number> => {
  const hours = new Map<number, number>();
  for (const atMs of at) {
    const hour = hourStart(atMs);
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  return hours;
};

const countValues = (samples: readonly SampleInput[]): number =>
  samples.reduce((sum, sample) => sum + Object.keys(sample.values).length, 0);

/** Undefined where a point is not known yet. */
const toColumns = (
  context: TelemetryContext,
  tenantId: string,
  samples: readonly SampleInput[],
): Columns | undefined => {
  const columns = new Columns();
  for (const sample of samples) {
    const known = context.points.of(tenantId, sample.deviceId);
    for (const property in sample.values) {
      const pointId = known.get(property);
      if (pointId === undefined) return undefined;
      const stored = toStored(sample.values[property] ?? null);
      columns.at.push(sample.at);
      columns.seq.push(sample.seq);
      columns.pointId.push(pointId);
      columns.kind.push(stored.kind);
      columns.number.push(stored.number);
      columns.text.push(stored.text);
      columns.quality.push(qualityCode(sample.quality?.[property]));
      if (stored.text !== null) columns.hasText = true;
    }
  }
  return columns;
};

const learnThenToColumns = async (
  context: TelemetryContext,
  tenantId: string,
  samples: readonly SampleInput[],
): Promise<Columns> => {
  const missing = new Map<string, PointKey>();
  for (const { deviceId, values } of samples) {
    const known = context.points.of(tenantId, deviceId);
    for (const property of Object.keys(values)) {
      if (!known.has(property)) missing.set(`${deviceId} ${property}`, { deviceId, property });
    }
  }
  await context.points.learn(tenantId, [...missing.values()]);
  const columns = toColumns(context, tenantId, samples);
  if (!columns) throw new HubError('bug', 'a telemetry point was not learned', { context: { tenantId } });
  return columns;
};

const write = async (context: TelemetryContext, tx: Tx, tenantId: string, columns: Columns): Promise<void> => {
  const newest = newestOfPoints(columns);
  const pick = <T>(values: readonly T[]): T[] => newest.map((i) => values[i] as T);
  const marks = hoursOf(columns);
  const values: unknown[] = [
    tenantId,
    timestamptzArray(columns.at),
    float8Array(columns.number),
    int4Array(columns.pointId),
    int2Array(columns.kind),
    int2Array(columns.quality),
    timestamptzArray([...marks.keys()]),
    textArray([...marks.values()].map((points) => `{${[...points].join(',')}}`)),
    timestamptzArray(pick(columns.at)),
    float8Array(pick(columns.seq)),
    float8Array(pick(columns.number)),
    int4Array(pick(columns.pointId)),
    int2Array(pick(columns.kind)),
    int2Array(pick(columns.quality)),
  ];
  try {
    if (!columns.hasText) await tx.$client.query({ ...plainStatement, values });
    else
      await tx.$client.query({
        ...textStatement,
        values: [...values, textArray(columns.text), textArray(pick(columns.text))],
      });
  } catch (error) {
    // No partition for a row: another process, whose clock is ahead, has dropped it.
    if (postgresError(error)?.code === '23514') context.partitions.forget();
    throw error;
  }
};

const hoursOf = (columns: Columns): Map<number, Set<number>> => {
  const hours = new Map<number, Set<number>>();
  for (let i = 0; i < columns.at.length; i++) {
    const hour = hourStart(columns.at[i] as number);
    const points = hours.get(hour) ?? new Set();
    hours.set(hour, points.add(columns.pointId[i] as number));
  }
  return hours;
};

/** Where each point's newest value stands in the columns, in order of point. */
const newestOfPoints = (columns: Columns): number[] => {
  const newest = new Map<number, number>();
  for (let i = 0; i < columns.at.length; i++) {
    const pointId = columns.pointId[i] as number;
    const best = newest.get(pointId);
    if (best === undefined || isNewer(columns, i, best)) newest.set(pointId, i);
  }
  return [...newest.entries()].sort((a, b) => a[0] - b[0]).map(([, i]) => i);
};

const isNewer = (columns: Columns, a: number, b: number): boolean => {
  const atA = columns.at[a] as number;
  const atB = columns.at[b] as number;
  return atA === atB ? (columns.seq[a] as number) > (columns.seq[b] as number) : atA > atB;
};

const countAside = async (
  tx: Tx,
  facts: { readonly tenantId: string; readonly nowMs: number; readonly reason: 'expired' | 'future' },
  samples: readonly SampleInput[],
): Promise<void> => {
  const devices = new Map<string, { count: number; first: number; last: number }>();
  for (const { deviceId, at, values } of samples) {
    const seen = devices.get(deviceId) ?? { count: 0, first: at, last: at };
    seen.count += Object.keys(values).length;
    seen.first = Math.min(seen.first, at);
    seen.last = Math.max(seen.last, at);
    devices.set(deviceId, seen);
  }
  const rows = [...devices.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.$client.query(
    `INSERT INTO telemetry_refused AS r (tenant_id, device_id, day, reason, count, first_at, last_at)
     SELECT $1::uuid, u.device_id, $2::date, $3, u.count, u.first_at, u.last_at
     FROM unnest($4::uuid[], $5::int8[], $6::timestamptz[], $7::timestamptz[]) AS u(device_id, count, first_at, last_at)
     ON CONFLICT (tenant_id, device_id, day, reason) DO UPDATE SET count = r.count + excluded.count,
       first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at)`,
    [
      facts.tenantId,
      new Date(facts.nowMs).toISOString().slice(0, 10),
      facts.reason,
      rows.map(([deviceId]) => deviceId),
      rows.map(([, seen]) => seen.count),
      timestamptzArray(rows.map(([, seen]) => seen.first)),
      timestamptzArray(rows.map(([, seen]) => seen.last)),
    ],
  );
};

const quarantine = async (tx: Tx, tenantId: string, nowMs: number, samples: readonly SampleInput[]): Promise<void> => {
  const rows = samples.flatMap((sample) =>
    Object.entries(sample.values).map(([property, value]) => ({
      sample,
      property,
      value: JSON.stringify(typeof value === 'string' ? storableText(value) : value),
    })),
  );
  await tx.$client.query(
    `INSERT INTO telemetry_quarantine (tenant_id, device_id, property, at, seq, value, quality, received_at)
     SELECT $1::uuid, u.device_id, u.property, u.at, u.seq, u.value::jsonb, u.quality, $2
     FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::int8[], $7::text[], $8::int2[]) AS u(device_id, property, at, seq, value, quality)`,
    [
      tenantId,
      new Date(nowMs).toISOString(),
      rows.map(({ sample }) => sample.deviceId),
      rows.map(({ property }) => property),
      timestamptzArray(rows.map(({ sample }) => sample.at)),
      rows.map(({ sample }) => sample.seq),
      textArray(rows.map(({ value }) => value)),
      int2Array(rows.map(({ sample, property }) => qualityCode(sample.quality?.[property]))),
    ],
  );
};
