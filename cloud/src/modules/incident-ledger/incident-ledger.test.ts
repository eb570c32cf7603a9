import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { incidentRoutes } from './routes.js';

t.setTimeout(300_000);

const minute = 60_000;

t.test('a period counts its incidents, times and promises, in the hall’s days and within reach', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [shippedKind('incident')], routes: incidentRoutes });
  const { clock, hallId, otherHallId, rows } = cloud;
  const ctx = cloud.systemContext();
  const owner = await cloud.signInAs('owner');
  const make = (title: string, level: string, where: string) =>
    cloud.make(ctx, {
      ...{ kind: 'incident', level, hallId: where, source: 'console' },
      fields: { title, content: title, contract: 'grid', scope: '三个窗口', people: 12 },
    });
  const task = async (id: string) =>
    (await rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets WHERE id = $1`, [id]))[0]?.id ?? '';
  const major = await make('全厅断网', 'major', hallId);
  await make('=叫号屏黑屏', 'general', otherHallId);
  const [step] = await rows<{ step: string }>('SELECT step FROM tickets WHERE id = $1', [major.id]);
  t.ok(step);
  // A major one of this contract is to be answered within a quarter of an hour.
  await clock.advance(20 * minute);
  await rows(`UPDATE tickets SET state = jsonb_set(state, '{marks}', $2::jsonb) WHERE id = $1`, [
    ...[major.id, JSON.stringify({ arrived: clock.now() - 5 * minute, solved: clock.now() })],
  ]);
  t.ok(await task(major.id));
  const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);
  const date = dayOf(new Date(major.madeAt).getTime());
  const report = async (query: string, who = owner) => (await who.get(`/incidents/report?${query}`)).body;
  const all = await report(`period=quarter&date=${date}`);
  t.match(all, {
    total: { count: 2, open: 2, people: 24, meanArriveMs: 15 * minute, meanRestoreMs: 20 * minute },
    before: { count: 0, meanRestoreMs: null },
  });
  t.same(
    all.byLevel.map(({ level, count }: { level: string; count: number }) => [level, count]),
    [
      ['general', 1],
      ['serious', 0],
      ['major', 1],
    ],
  );
  const late = all.rows.find(({ number }: { number: string }) => number === major.number);
  t.match(late, { level: { id: 'major' }, contract: { zh: '甲（网格）' }, scope: '三个窗口', restoreMs: 20 * minute });
  t.ok(late.breaches >= 1);
  t.match(
    late.clocks.find(({ clock: id }: { clock: string }) => id === 'respond'),
    { promisedMs: 15 * minute, met: false },
  );
  t.equal(all.total.breached, 1);
  t.match(await report(`period=week&date=${date}&hallId=${otherHallId}`), {
    zone: 'Asia/Shanghai',
    total: { count: 1 },
  });
  const here = await cloud.signInAs('ticket-handler', { hallIds: [hallId] });
  t.match(await report('period=month', here), { total: { count: 1 }, rows: [{ number: major.number }] });

  await t.test('weeks begin on Monday; a year ago there was nothing', async (t) => {
    t.match(await report('period=week&date=2026-11-22'), { firstDay: '2026-11-16', lastDay: '2026-11-22' });
    t.match(await report('period=quarter&date=2025-02-28'), {
      ...{ firstDay: '2025-01-01', lastDay: '2025-03-31', rows: [] },
      total: { count: 0, meanAnswerMs: null },
    });
    t.equal((await owner.get('/incidents/report?date=2026-02-30')).status, 400);
    t.equal((await owner.get('/incidents/report?kind=nowhere')).status, 400);
    t.match(await report(`period=day&date=${date}&level=major`), {
      ...{ firstDay: date, lastDay: date, total: { count: 1 }, rows: [{ number: major.number }] },
    });
  });

  await t.test('the support line: a day’s calls, put right, beside the period before and the aim', async (t) => {
    const write = (body: object, who = owner) => who.post('/incidents/support-line', body);
    await rows(`UPDATE users SET display_name = '周主任' WHERE id = $1`, [owner.userId]);
    t.match(await write({ day: '2020-10-05', offered: 40, answered: 30 }), {
      ...{ status: 200, body: { answered: 30, by: '周主任' } },
    });
    t.equal((await write({ day: '2020-10-05', offered: 40, answered: 39, note: '补记' })).status, 200);
    await write({ day: '2020-10-06', offered: 60, answered: 56 });
    await write({ day: '2020-09-30', offered: 10, answered: 9 });
    t.match((await report('period=month&date=2020-10-20')).supportLine, {
      ...{ aim: 0.95, offered: 100, answered: 95, before: { offered: 10, answered: 9 } },
      days: [{ day: '2020-10-05', answered: 39, note: '补记' }, { day: '2020-10-06' }],
    });
    t.equal((await report(`period=month&date=2020-10-20&hallId=${hallId}`)).supportLine, null, 'no hall’s');
    t.equal((await write({ day: '2020-10-07', offered: 1, answered: 2 })).status, 400);
    t.equal((await write({ day: '2999-01-01', offered: 1, answered: 1 })).status, 400);
    t.equal((await write({ day: '2020-10-07', offered: 1, answered: 1 }, here)).status, 403);
    t.match(await cloud.auditRows('support_line.written'), [
      { after: { answered: 30 } },
      { before: { answered: 30 }, after: { answered: 39 } },
      {},
      {},
    ]);
  });

  await t.test('raw faults: alarms of the period, within reach, with the repair that they opened', async (t) => {
    const raisedAt = clock.now() - 10 * minute;
    const day = dayOf(raisedAt);
    const unitId = uuidv7();
    await rows(
      `INSERT INTO units (id, tenant_id, hall_id, name, secret_hash) VALUES ($1, $2, $3, '单元', decode(repeat('00', 32), 'hex'))`,
      [unitId, cloud.tenantId, hallId],
    );
    await rows(
      `INSERT INTO alarms (id, tenant_id, hall_id, unit_id, rule_key, rule, severity, message, raised_at, last_at, cleared_at,
         acknowledged_at, acknowledged_by, acknowledged_by_name)
       VALUES (gen_random_uuid(), $1, $2, $3, 'offline', '{"kind":"unit_offline"}', 'critical', '{"zh":"=单元离线"}', $4, $4, $5, $5, $6, 'login')`,
      [cloud.tenantId, hallId, unitId, new Date(raisedAt), new Date(raisedAt + 5 * minute), owner.userId],
    );
    t.match((await report(`period=day&date=${day}`)).faults, { alarms: 1, sources: 1 });
    t.match((await report(`period=day&date=${day}&hallId=${otherHallId}`)).faults, { alarms: 0 });
    const csv = await owner.get(`/incidents/export?period=day&date=${day}&format=csv&sheet=faults`);
    t.equal(csv.status, 200);
    t.match(csv.headers.get('content-disposition'), /hallhub-faults-/);
    t.match(String(csv.body), /,5,.*'=单元离线.*周主任/s);
    t.equal((await owner.get(`/incidents/export?period=day&date=${day}`)).status, 200);
    await rows(
      `INSERT INTO alarms (id, tenant_id, hall_id, unit_id, rule_key, rule, severity, message, raised_at, last_at, cleared_at)
       SELECT gen_random_uuid(), $1, $2, $3, 'many ' || i, '{}', 'info', '{"zh":"多"}', $4, $4, $4 FROM generate_series(1, 20000) i`,
      [cloud.tenantId, hallId, unitId, new Date(raisedAt)],
    );
    const many = await owner.get(`/incidents/export?period=day&date=${day}&format=csv&sheet=faults`);
    t.match(
      String(many.body).trim().split('\r\n').slice(20_001),
      ['……还有更多，请缩小范围再导出'],
      'it says that it is not all',
    );
  });

  await t.test('as a sheet, never with a formula; and in the trail', async (t) => {
    const csv = await owner.get(`/incidents/export?period=month&format=csv&date=${date}`);
    t.equal(csv.status, 200);
    t.match((await cloud.auditRows('incidents.exported')).at(-1), { after: { format: 'csv', rows: 2 } });
    t.equal((await here.get('/incidents/export')).status, 403);
  });
});
