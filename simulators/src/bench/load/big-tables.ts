import type { Database } from '../../../../cloud/src/db/index.js';
import { sleep } from './load-shape.js';
import type { UnitCard } from './load-unit.js';

type Pool = Database['ownerPool'];

export const tableProperties = ['issuedToday', 'waiting', 'powerL1'] as const;
export const tableDays = 30;
const dayMs = 86_400_000;

export interface BigTables {
  readonly points: number;
  readonly samples: number;
  readonly bytes: number;
  readonly deviceIds: readonly string[];
  /** UTC midnight before the first day and after the last. */
  readonly fromMs: number;
  readonly toMs: number;
}

const compact = (ms: number, length: number): string =>
  new Date(ms).toISOString().slice(0, 10).replaceAll('-', '').slice(0, length);

const monthStart = (ms: number): number => {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
};

const makePartitions = async (pool: Pool, fromMs: number, toMs: number): Promise<void> => {
  const make = (parent: string, name: string, from: number, to: number) =>
    pool.query('CALL telemetry_make_partition($1::regclass, $2, $3, $4)', [
      ...[parent, name, new Date(from).toISOString(), new Date(to).toISOString()],
    ]);
  for (let at = fromMs; at < toMs; at += dayMs) {
    await make('telemetry_samples', `samples_${compact(at, 8)}`, at, at + dayMs);
    const month = monthStart(at);
    const next = monthStart(month + 32 * dayMs);
    await make('telemetry_hours', `hours_${compact(month, 6)}`, month, next);
  }
};

/** A month of readings of every device, written by SQL a day at a time as ingest and roll-up would have left them. */
export const makeBigTables = async (
  pool: Pool,
  units: readonly UnitCard[],
  options: { readonly samples: number; readonly progress: (text: string) => void },
): Promise<BigTables> => {
  const deviceIds = units.flatMap((unit) => unit.deviceIds);
  const toMs = Math.floor(Date.now() / dayMs) * dayMs + dayMs;
  const fromMs = toMs - tableDays * dayMs;
  await makePartitions(pool, fromMs, toMs);
  await pool.query(
    `INSERT INTO telemetry_points (tenant_id, device_id, property)
     SELECT d.tenant_id, d.id, p FROM devices d, unnest($1::text[]) AS p WHERE d.id = ANY($2)`,
    [tableProperties, deviceIds],
  );
  const points = deviceIds.length * tableProperties.length;
  const everyS = (points * tableDays * 86_400) / options.samples;
  let samples = 0;
  for (let at = fromMs; at < toMs; at += dayMs) {
    const day = [new Date(at).toISOString(), new Date(at + dayMs - 1).toISOString()];
    const made = await pool.query(
      `INSERT INTO telemetry_samples (at, number, point_id, kind, quality, tenant_id)
       SELECT t, (extract(epoch FROM t)::bigint / 60 * 7 + p.id) % 1000 / 10.0, p.id, 1, 0, p.tenant_id
       FROM telemetry_points p, generate_series($1::timestamptz, $2::timestamptz, make_interval(secs => $3)) AS t WHERE t <= now()`,
      [...day, everyS],
    );
    samples += made.rowCount ?? 0;
    await pool.query(
      `INSERT INTO telemetry_hours (hour, point_id, count, min, max, sum, first, last, tenant_id)
       SELECT date_trunc('hour', at, 'UTC'), point_id, count(*), min(number), max(number), sum(number),
         (array_agg(number ORDER BY at))[1], (array_agg(number ORDER BY at DESC))[1], tenant_id
       FROM telemetry_samples WHERE at BETWEEN $1 AND $2 GROUP BY 1, point_id, tenant_id`,
      day,
    );
    options.progress(`${new Date(at).toISOString().slice(0, 10)}: ${samples.toLocaleString('en-US')} points`);
  }
  await makeNeighbours(pool, deviceIds, [new Date(fromMs), new Date(Math.min(toMs, Date.now()))]);
  await pool.query('ANALYZE');
  const { rows } = await pool.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'telemetry_parts' AND c.relkind = 'r'`,
  );
  // What the writing left to the checkpointer is not part of the queries.
  await sleep(2_000);
  return { points, samples, bytes: Number(rows[0]?.bytes ?? 0), deviceIds, fromMs, toMs };
};

/** What stands beside the samples: latest values, seals, minutes and alarms. */
const makeNeighbours = async (pool: Pool, deviceIds: readonly string[], span: readonly [Date, Date]): Promise<void> => {
  await pool.query(
    `INSERT INTO telemetry_latest (at, seq, number, point_id, kind, quality, tenant_id)
     SELECT now(), 1, id % 100, id, 1, 0, tenant_id FROM telemetry_points`,
  );
  await pool.query(
    `INSERT INTO seals (tenant_id, unit_id, lane, epoch, hour, cloud_first, cloud_last, cloud_count, cloud_chain, unit_first, unit_last, unit_count, unit_chain, verdict, judged_at, delay_max_ms)
     SELECT u.tenant_id, u.id, lane, '00000000000000aa', h, n * 100 + 1, n * 100 + 100, 100, c, n * 100 + 1, n * 100 + 100, 100, c, 'equal', h + interval '90 minutes', 800
     FROM units u, unnest(ARRAY['live', 'events']) AS lane, sha256(u.id::text::bytea) AS c,
       generate_series(date_trunc('hour', $1::timestamptz), $2::timestamptz - interval '2 hours', interval '1 hour') WITH ORDINALITY AS s(h, n)`,
    [...span],
  );
  await pool.query(
    `INSERT INTO streams (tenant_id, unit_id, lane, epoch, cursor, chain)
     SELECT tenant_id, unit_id, lane, epoch, max(unit_last), sha256('') FROM seals GROUP BY 1, 2, 3, 4
     ON CONFLICT (tenant_id, unit_id, lane, epoch) DO UPDATE SET cursor = excluded.cursor`,
  );
  await pool.query(
    `INSERT INTO ingest_minutes (tenant_id, unit_id, lane, minute, row_count)
     SELECT tenant_id, id, 'live', m, 60 FROM units, generate_series(date_trunc('minute', $1::timestamptz), $2::timestamptz, interval '1 minute') AS m`,
    [new Date(span[1].getTime() - 2 * dayMs), span[1]],
  );
  await pool.query(
    `INSERT INTO alarms (id, tenant_id, hall_id, unit_id, device_id, rule_key, rule, severity, message, raised_at, last_at, cleared_at)
     SELECT gen_random_uuid(), d.tenant_id, d.hall_id, d.unit_id, d.id, 'rule:bench', '{"kind":"threshold","label":{"zh":"高"}}', 'warning', '{"zh":"高"}', t, t, t + interval '5 minutes'
     FROM devices d, generate_series($1::timestamptz, $2::timestamptz - interval '1 hour', interval '8 hours') AS t WHERE d.id = ANY($3)`,
    [...span, deviceIds],
  );
};
