import type { PoolClient } from 'pg';
import { aggregateColumns, aggregateFilter } from '../hour-aggregate.js';
import type { TelemetryContext } from '../telemetry-context.js';
import { hourMs, hourStart } from '../time-grid.js';

/** How long after its end an hour is rolled up: what live data usually arrives late by. Later data rolls it again. */
export const rollUpGraceMs = 120_000;

const lockKey = 4_702_111_239;

export interface RollUpResult {
  readonly hours: number;
  /** Roll-up rows written, re-rolled ones among them. */
  readonly rows: number;
}

/**
 * Rolls up every ended hour that has samples no roll-up has seen, oldest first, each in a transaction of its own.
 * Late samples mark their hour again, so a later call re-rolls exactly the points they belong to.
 */
export const rollUpHours = async (context: TelemetryContext, signal?: AbortSignal): Promise<RollUpResult> => {
  const closedBefore = hourStart(context.clock.now() - rollUpGraceMs);
  const { rows: marked } = await context.ownerPool.query<{ hour: Date }>(
    'SELECT DISTINCT hour FROM telemetry_marks WHERE hour < $1 ORDER BY hour',
    [new Date(closedBefore)],
  );
  let rows = 0;
  for (const { hour } of marked) {
    signal?.throwIfAborted();
    await context.partitions.ensureMonth(hour.getTime());
    rows += await rollUpHour(context, hour.getTime());
  }
  return { hours: marked.length, rows };
};

const rollUpHour = async (context: TelemetryContext, hour: number): Promise<number> => {
  const client = await context.ownerPool.connect();
  try {
    await client.query('BEGIN');
    const count = await rollUp(client, hour);
    await client.query('COMMIT');
    return count;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};

const rollUp = async (client: PoolClient, hour: number): Promise<number> => {
  // One at a time over all processes: of two at once, the one that saw less could overwrite the other.
  await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
  const from = new Date(hour);
  const { rows } = await client.query<{ point_id: number }>(
    `WITH taken AS (DELETE FROM telemetry_marks WHERE hour = $1 RETURNING point_ids)
     SELECT DISTINCT unnest(point_ids) AS point_id FROM taken`,
    [from],
  );
  if (rows.length === 0) return 0;
  // A statement of its own: its snapshot holds at least the samples whose marks were taken.
  const { rowCount } = await client.query(
    `INSERT INTO telemetry_hours (hour, point_id, count, min, max, sum, first, last, tenant_id)
     SELECT $1, p.id, a.count, a.min, a.max, a.sum, a.first, a.last, p.tenant_id
     FROM unnest($3::int4[]) AS marked(id) JOIN telemetry_points p ON p.id = marked.id
     CROSS JOIN LATERAL (
       SELECT ${aggregateColumns} FROM telemetry_samples s
       WHERE s.point_id = marked.id AND s.at >= $1 AND s.at < $2 AND ${aggregateFilter}
     ) a WHERE a.count > 0
     ON CONFLICT (point_id, hour) DO UPDATE SET count = excluded.count, min = excluded.min, max = excluded.max,
       sum = excluded.sum, first = excluded.first, last = excluded.last`,
    [from, new Date(hour + hourMs), rows.map((row) => row.point_id)],
  );
  return rowCount ?? 0;
};
