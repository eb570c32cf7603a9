import type { Database } from '../../../../cloud/src/db/index.js';
import { sleep } from './load-shape.js';
import type { UnitCard } from './load-unit.js';

export interface BigFindings {
  readonly findings: number;
  readonly items: number;
  readonly bytes: number;
  readonly deviceIds: readonly string[];
}

/** A signed row as a unit sends it, about as wide: what a list has to step over. */
const row = `jsonb_build_object('v', 1, 'phase', 'once', 'picture', jsonb_build_object('width', 1920, 'height', 1080), 'faces', 'blurred',
  'seen', (SELECT jsonb_agg(jsonb_build_object('label', 'person', 'confidence', 0.8, 'trackId', s, 'box', jsonb_build_array(0.1, 0.2, 0.05, 0.3))) FROM generate_series(1, 4) s),
  'models', jsonb_build_array(jsonb_build_object('id', 'nanodet-g-416', 'sha256', repeat('a', 64))),
  'evidence', (SELECT jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'role', role, 'sha256', md5(n::text || role) || md5(role), 'sm3', md5(role || n) || md5(role), 'bytes', 50000))
    FROM unnest(ARRAY['overview', 'closeup', 'clip']) role),
  'seal', jsonb_build_object('previous', repeat('b', 64), 'hash', md5(n::text) || md5(n::text), 'signature', repeat('c', 96), 'certificateSerial', repeat('d', 32)))`;

/**
 * Findings of the last `days` days over all devices, as intake leaves them, five rules to a camera, most of
 * them decided. Written by SQL; numbers are random enough to be told apart.
 */
export const makeBigFindings = async (
  pool: Database['ownerPool'],
  units: readonly UnitCard[],
  { findings, days }: { readonly findings: number; readonly days: number },
): Promise<BigFindings> => {
  const deviceIds = units.flatMap((unit) => unit.deviceIds);
  await pool.query('UPDATE devices SET device_class = $1 WHERE id = ANY($2)', ['camera', deviceIds]);
  await pool.query(
    `CREATE TEMP TABLE f AS SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS item, d.tenant_id, d.hall_id, d.unit_id, d.id AS device_id,
       (ARRAY['absence', 'crowding', 'intrusion', 'loitering', 'queue_length'])[1 + k] AS algorithm, md5(d.id::text || k)::uuid AS rule_id,
       (ARRAY['info', 'notice', 'warning', 'critical'])[1 + n % 4] AS severity, (ARRAY['脱岗', '人员聚集', '区域入侵', '徘徊', '排队过长'])[1 + k] AS rule_name,
       now() - make_interval(secs => $3 * 86400.0 * n / $2) AS at,
       CASE WHEN r % 10 = 0 THEN NULL ELSE (ARRAY['accepted', 'false', 'accepted', 'below_standard', 'already_left'])[1 + r / 10 % 5] END AS decision,
       make_interval(secs => 30 + r % 40000) AS took
     FROM (SELECT n, n / cardinality($1::uuid[]) % 5 AS k, abs(hashint4(n)) AS r FROM generate_series(1, $2::int) n) n JOIN unnest($1::uuid[]) WITH ORDINALITY AS x(id, nth) ON x.nth = 1 + n % cardinality($1::uuid[]) JOIN devices d ON d.id = x.id`,
    [deviceIds, findings, days],
  );
  const items = await pool.query(
    `INSERT INTO review_items (id, tenant_id, hall_id, unit_id, device_id, state, severity, findings, started_at, last_at, goes_on, words, algorithms, rule_ids, decision, decided_at, decided_by_name, created_at)
     SELECT item, tenant_id, hall_id, unit_id, device_id, CASE WHEN decision IS NULL THEN 'open' ELSE 'decided' END, severity, 1, at, at, false, rule_name, ARRAY[algorithm], ARRAY[rule_id], decision,
       CASE WHEN decision IS NOT NULL THEN at + took END, CASE WHEN decision IS NOT NULL THEN '王' END, at FROM f`,
  );
  await pool.query(
    `INSERT INTO review_findings (tenant_id, id, item_id, hall_id, unit_id, device_id, number, rule_id, rule_name, algorithm, view_id, severity, experimental,
       started_at, ended_at, goes_on, confidence, faces, evidence_ids, began, began_hash, decision, decided_at, received_at)
     SELECT tenant_id, id, item, hall_id, unit_id, device_id, upper(substr(md5(n::text), 1, 4) || '-' || substr(md5(n::text), 5, 4)), rule_id, rule_name, algorithm,
       device_id, severity, false, at, at, false, 0.4 + (n % 60) / 100.0, 'blurred', '{}', ${row}, md5(n::text) || md5(n::text), decision,
       CASE WHEN decision IS NOT NULL THEN at + took END, at FROM f`,
  );
  await pool.query('DROP TABLE f');
  // As autovacuum leaves them: what counts reads the index alone only where pages are known to be visible to all.
  await pool.query('VACUUM ANALYZE review_items');
  await pool.query('VACUUM ANALYZE review_findings');
  const { rows } = await pool.query<{ bytes: string }>(
    `SELECT pg_total_relation_size('review_findings') + pg_total_relation_size('review_items') AS bytes`,
  );
  await sleep(2_000);
  return { findings, items: items.rowCount ?? 0, bytes: Number(rows[0]?.bytes ?? 0), deviceIds };
};
