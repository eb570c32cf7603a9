import { HubError } from '@hallhub/shared';
import {
  float8Array,
  int2Array,
  int4Array,
  postgresError,
  type TenantScope,
  type Tx,
  textArray,
  timestamptzArray,
} from '../../../db/index.js';
import { countRefused, quarantine } from '../keep-samples-aside.js';
import type { PointKey } from '../points.js';
import { SampleColumns, type SampleInput } from '../sample-columns.js';
import type { TelemetryContext } from '../telemetry-context.js';
import { dayStart } from '../time-grid.js';

export type { SampleInput };

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
  scope: TenantScope,
  samples: readonly SampleInput[],
): Promise<AppendResult> => (await appendLists(context, tx, scope, [samples]))[0] as AppendResult;

/** Several streams' samples at once, each counted for itself. A device is in one of the lists only. */
export const appendLists = async (
  context: TelemetryContext,
  tx: Tx,
  { tenantId }: TenantScope,
  lists: readonly (readonly SampleInput[])[],
): Promise<AppendResult[]> => {
  const nowMs = context.clock.now();
  const sorted = lists.map((samples) => sortOut(context, nowMs, samples));
  const usable = sorted.map((one) => one.usable);
  let columns = toColumns(context, tenantId, usable);
  if (!columns) {
    await learn(context, tenantId, usable);
    columns = toColumns(context, tenantId, usable);
  }
  if (!columns) throw new HubError('bug', 'a telemetry point was not learned', { context: { tenantId } });
  const { whole, ends } = columns;
  for (const day of new Set(whole.at.map(dayStart))) await context.partitions.ensureDay(day);
  if (whole.at.length > 0) await write(context, tx, tenantId, whole);
  const [expired, future] = [sorted.flatMap((one) => one.expired), sorted.flatMap((one) => one.future)];
  if (expired.length > 0) await countRefused(tx, { tenantId, nowMs, reason: 'expired' }, expired);
  if (future.length > 0) {
    await quarantine(tx, { tenantId, nowMs }, future);
    await countRefused(tx, { tenantId, nowMs, reason: 'future' }, future);
  }
  return sorted.map((one, i) => {
    const [from, to] = [ends[i - 1] ?? 0, ends[i] as number];
    return {
      stored: to - from,
      storedByHour: whole.countHours(from, to),
      expired: countValues(one.expired),
      future: countValues(one.future),
    };
  });
};

const sortOut = (context: TelemetryContext, nowMs: number, samples: readonly SampleInput[]) => {
  const oldestMs = dayStart(nowMs - context.retention.rawMs);
  const newestMs = nowMs + context.futureLimitMs;
  const [usable, expired, future]: [SampleInput[], SampleInput[], SampleInput[]] = [[], [], []];
  for (const sample of samples) {
    if (sample.at < oldestMs) expired.push(sample);
    else if (sample.at > newestMs) future.push(sample);
    else usable.push(sample);
  }
  return { usable, expired, future };
};

const countValues = (samples: readonly SampleInput[]): number =>
  samples.reduce((sum, sample) => sum + Object.keys(sample.values).length, 0);

/** All lists in one, and where each ends. Undefined where a point is not known yet. */
const toColumns = (context: TelemetryContext, tenantId: string, lists: readonly (readonly SampleInput[])[]) => {
  const whole = new SampleColumns();
  const ends: number[] = [];
  for (const samples of lists) {
    if (!whole.take(context.points, tenantId, samples)) return undefined;
    ends.push(whole.at.length);
  }
  return { whole, ends };
};

const learn = async (
  context: TelemetryContext,
  tenantId: string,
  lists: readonly (readonly SampleInput[])[],
): Promise<void> => {
  const missing = new Map<string, PointKey>();
  for (const { deviceId, values } of lists.flat()) {
    const known = context.points.of(tenantId, deviceId);
    for (const property of Object.keys(values)) {
      if (!known.has(property)) missing.set(`${deviceId} ${property}`, { deviceId, property });
    }
  }
  await context.points.learn(tenantId, [...missing.values()]);
};

const write = async (context: TelemetryContext, tx: Tx, tenantId: string, columns: SampleColumns): Promise<void> => {
  const newest = columns.newestOfPoints();
  const pick = <T>(values: readonly T[]): T[] => newest.map((i) => values[i] as T);
  const marks = columns.pointsByHour();
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
