import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { decisions } from '../decisions.js';
import { reviewRoutes } from '../review-routes.js';
import { statisticsRoutes } from '../statistics-routes.js';
import { bringUpCamera } from '../testing.js';

const blobs = { stat: async () => undefined } as never;
const algorithms = ['absence', 'crowding', 'intrusion'] as const;
/** A quarter of an hour beside all others. */
const zones = ['Asia/Kathmandu', 'Asia/Shanghai'];
const span = ['2026-06-01T03:11:00.000Z', '2026-06-04T17:20:00.000Z'] as const;

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const hall = await bringUpCamera(t, {
    routes: () => [...reviewRoutes({ blobs }), ...statisticsRoutes({ blobs, keepDays: 180 })],
  });
  const { cloud, addCamera, cameraId } = hall;
  const cameras = [cameraId, await addCamera(uuidv7(), '二号'), await addCamera(uuidv7(), '三号')];
  const halls = [cloud.hallId, cloud.otherHallId];
  for (const [i, zone] of zones.entries()) {
    await cloud.db.ownerPool.query('UPDATE halls SET time_zone = $2 WHERE id = $1', [halls[i], zone]);
  }
  return { ...hall, cameras, halls, owner: await cloud.signInAs('owner') };
};

type Hall = Awaited<ReturnType<typeof setup>>;

/** Findings that differ in all that is counted, some of them outside of the span; written past intake. */
const scatter = async (
  { cloud, hall, cameras, halls }: Hall,
  { count, ruleIds }: { count: number; ruleIds: readonly string[] },
) => {
  await cloud.db.ownerPool.query(
    `CREATE TEMP TABLE f ON COMMIT PRESERVE ROWS AS
     SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS item, ($1::uuid[])[1 + n % 3] AS device_id, ($2::uuid[])[1 + n / 3 % 2] AS hall_id,
       ($3::text[])[1 + n / 5 % 3] AS algorithm, ($4::text[] || NULL::text)[1 + n / 7 % 6] AS decision,
       $5::timestamptz - interval '1 day' + n * interval '347.219 seconds' AS at, ($8::uuid[])[1 + n % cardinality($8::uuid[])] AS rule_id, $6::uuid AS tenant_id
     FROM generate_series(1, $7::int) n`,
    [cameras, halls, algorithms, decisions, span[0], cloud.tenantId, count, ruleIds],
  );
  await cloud.db.ownerPool.query(
    `INSERT INTO review_items (id, tenant_id, hall_id, unit_id, device_id, severity, findings, started_at, last_at, goes_on, created_at)
     SELECT item, tenant_id, hall_id, $1, device_id, 'notice', 1, at, at, false, at FROM f`,
    [hall.unit.unitId],
  );
  const { rows } = await cloud.db.ownerPool.query<Row>(
    `INSERT INTO review_findings (tenant_id, id, item_id, hall_id, unit_id, device_id, number, rule_id, rule_name, algorithm, view_id, severity, experimental,
       started_at, goes_on, confidence, faces, evidence_ids, began, decision, decided_at, received_at)
     SELECT tenant_id, id, item, hall_id, $1, device_id, n::text, rule_id, 'r' || n, algorithm, id, 'notice', n % 2 = 0, at, false, (n % 97) / 97.0, 'none', '{}', '{}',
       decision, CASE WHEN decision IS NOT NULL THEN at + n * n % 9000 * interval '1 second' END, at FROM f RETURNING *`.replace(
      '9_000',
      '9000',
    ),
    [hall.unit.unitId],
  );
  await cloud.db.ownerPool.query('DROP TABLE f');
  return rows;
};

interface Row {
  device_id: string;
  hall_id: string;
  rule_id: string;
  rule_name: string;
  algorithm: string;
  experimental: boolean;
  confidence: number;
  decision: (typeof decisions)[number] | null;
  started_at: Date;
  decided_at: Date | null;
  received_at: Date;
}

const judged = (rows: readonly Row[]) => ({
  findings: rows.length,
  decided: rows.filter(({ decision }) => decision !== null && decision !== 'duplicate').length,
  accepted: rows.filter(({ decision }) => decision === 'accepted').length,
  false: rows.filter(({ decision }) => decision === 'false').length,
});

const groupedBy = (rows: readonly Row[], key: (row: Row) => string) => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return Object.fromEntries([...groups].map(([name, members]) => [name, judged(members)]));
};

const keyed = <T extends { readonly findings: number }>(rows: readonly T[], key: keyof T) =>
  Object.fromEntries(
    rows.map((row) => {
      const { findings, decided, accepted, false: wrong } = row as never as ReturnType<typeof judged>;
      return [String(row[key]), { findings, decided, accepted, false: wrong }];
    }),
  );

t.test('counted from indexes is what is there, in zones a quarter of an hour apart', async (t) => {
  const hall = await setup(t);
  const all = await scatter(hall, { count: 1_500, ruleIds: Array.from({ length: 4 }, () => uuidv7()) });
  const [from, to] = span.map((at) => Date.parse(at)) as [number, number];
  const inSpan = all.filter(({ started_at }) => started_at.getTime() >= from && started_at.getTime() < to);
  t.ok(inSpan.length > 800 && inSpan.length < all.length);
  const clocks = new Map(
    hall.halls.map((id, i) => [
      id,
      new Intl.DateTimeFormat('sv-SE', { timeZone: zones[i], dateStyle: 'short', timeStyle: 'short' }),
    ]),
  );
  /** `2026-06-01 08:56` by the hall's clock. */
  const local = new Map(inSpan.map((row) => [row, clocks.get(row.hall_id)?.format(row.started_at) ?? '']));
  const hourOf = (row: Row) => Number(local.get(row)?.slice(11, 13));
  const expected = (rows: readonly Row[]) => {
    const took = rows.flatMap((row) => (row.decided_at ? [row.decided_at.getTime() - row.received_at.getTime()] : []));
    took.sort((a, b) => a - b);
    const median = ((took[Math.floor((took.length - 1) / 2)] ?? 0) + (took[Math.ceil((took.length - 1) / 2)] ?? 0)) / 2;
    return {
      ...{ ...judged(rows), median },
      open: rows.filter(({ decision }) => decision === null).length,
      duplicates: rows.filter(({ decision }) => decision === 'duplicate').length,
      byAlgorithm: groupedBy(rows, ({ algorithm }) => algorithm),
      byCamera: groupedBy(rows, ({ device_id }) => device_id),
      byHall: groupedBy(rows, ({ hall_id }) => hall_id),
      byDay: groupedBy(rows, (row) => local.get(row)?.slice(0, 10) ?? ''),
      byHour: Array.from({ length: 24 }, (_one, hour) => rows.filter((row) => hourOf(row) === hour).length),
    };
  };
  const filters: [string, (row: Row) => boolean][] = [
    ['', () => true],
    [`&deviceId=${hall.cameras[1]}`, (row) => row.device_id === hall.cameras[1]],
    [`&hallId=${hall.halls[0]}`, (row) => row.hall_id === hall.halls[0]],
    ['&algorithm=crowding', (row) => row.algorithm === 'crowding'],
  ];
  for (const [query, takes] of filters) {
    const { body } = await hall.owner.get(`/vision/statistics?from=${span[0]}&to=${span[1]}${query}`);
    const { findings, decided, accepted, false: wrong, open, duplicates, byHour } = body;
    const answer = {
      ...{ findings, decided, accepted, false: wrong, open, duplicates, byHour, median: body.decideMedianMs },
      ...{ byAlgorithm: keyed(body.byAlgorithm, 'algorithm' as never), byDay: keyed(body.byDay, 'day' as never) },
      ...{ byCamera: keyed(body.byCamera, 'deviceId' as never), byHall: keyed(body.byHall, 'hallId' as never) },
    };
    t.same(answer, expected(inSpan.filter(takes)), query);
  }

  const rows = [...all, ...(await scatter(hall, { count: 7_400, ruleIds: [uuidv7()] }))];
  const { items } = (await hall.owner.get('/review/precision')).body;
  const rules = new Set(rows.map((row) => `${row.device_id} ${row.rule_id}`));
  t.equal(items.length, rules.size);
  for (const item of items) {
    const own = rows
      .filter((row) => row.device_id === item.deviceId && row.rule_id === item.ruleId)
      .sort((a, b) => b.started_at.getTime() - a.started_at.getTime());
    const decided = own.filter(({ decision }) => decision !== null).slice(0, 2_000);
    const count = (one: string) => decided.filter(({ decision }) => decision === one).length;
    t.match(item, {
      ...{ findings: own.length, name: own[0]?.rule_name, algorithm: own[0]?.algorithm },
      ...{ experimental: own[0]?.experimental, accepted: count('accepted'), duplicates: count('duplicate') },
      ...{ belowStandard: count('below_standard'), alreadyLeft: count('already_left'), false: count('false') },
      decided: decided.length - count('duplicate'),
    });
  }
  t.ok(items[0].decided + items[0].duplicates === 2_000, 'older ones do not count');
});
