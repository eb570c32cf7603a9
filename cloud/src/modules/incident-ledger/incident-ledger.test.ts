import t from 'tap';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { incidentRoutes } from './routes.js';

t.setTimeout(60_000);

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
  const date = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10);
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
  });

  await t.test('as a sheet, never with a formula; and in the trail', async (t) => {
    const csv = await owner.get(`/incidents/export?period=month&format=csv&date=${date}`);
    t.equal(csv.status, 200);
    t.match(await cloud.auditRows('incidents.exported'), [{ after: { format: 'csv', rows: 2 } }]);
    t.equal((await here.get('/incidents/export')).status, 403);
  });
});
