import t, { type Test } from 'tap';
import { registerTicketHook } from '../tickets/index.js';
import { bringUpTickets, request, shippedKind } from '../tickets/testing.js';
import { statisticsHook, ticketStatisticsRoutes } from './index.js';

const dayMs = 86_400_000;
/** In the hall’s zone, eight hours ahead. */
const dayOf = (ms: number): string => new Date(ms + dayMs / 3).toISOString().slice(0, 10);

const setup = async (t: Test) => {
  const cloud = await bringUpTickets(t, { routes: () => ticketStatisticsRoutes() });
  registerTicketHook(cloud.db, statisticsHook);
  const owner = await cloud.signInAs('owner');
  for (const office of Object.values(cloud.offices)) await cloud.join(office, [owner.userId]);
  const ctx = await cloud.ctxOf(owner);
  const make = (fields: object = {}) =>
    cloud.make(ctx, { hallId: cloud.hallId, fields: { ...request().fields, ...fields } as never });
  const task = async (id: string) => (await owner.get(`/tickets/${id}`)).body.myTask.id as string;
  const act = async (id: string, command: object) => cloud.act(ctx, id, { task: await task(id), ...command } as never);
  const submit = (id: string, action: string, more: object = {}) =>
    act(id, { do: 'submit', action, fields: {}, ...more });
  const dispatch = async (id: string) => {
    await submit(id, 'dispatch', { to: [{ kind: 'office', id: cloud.offices.works }] });
    await act(id, { do: 'sign' });
  };
  const solve = async (id: string, satisfaction: number) => {
    await submit(id, 'solved', { fields: { result: '已修', reply: '已修' } });
    await submit(id, 'pass');
    const fields = { reached: true, satisfaction, ...(satisfaction < 3 ? { dissatisfiedBecause: 'slow' } : {}) };
    await submit(id, satisfaction < 3 ? 'again' : 'confirm', { fields, opinion: '回访' });
  };
  const ask = async (query = '') => {
    const day = dayOf(cloud.clock.now());
    const { status, body } = await owner.get(`/ticket-statistics?from=${day}&to=${day}${query}`);
    t.equal(status, 200, JSON.stringify(body));
    return body;
  };
  return { cloud, owner, ctx, make, submit, act, dispatch, solve, ask };
};

t.test('what became of the tickets of a day, by what they are', async (t) => {
  const { cloud, owner, make, submit, act, dispatch, solve, ask } = await setup(t);
  const good = await make();
  await submit(good.id, 'to_dispatch');
  await dispatch(good.id);
  await solve(good.id, 5);
  const bad = await make({ title: '井盖', nature: 'complaint', category: ['lighting'] });
  await submit(bad.id, 'to_dispatch');
  await dispatch(bad.id);
  await act(bad.id, { do: 'return', action: 'return', opinion: '不是我们的' });
  await dispatch(bad.id);
  await solve(bad.id, 2);
  await make({ nature: 'consult' });

  const { total, groups } = await ask('&by=choice&choice=nature');
  t.match(total, {
    ...{ made: 3, ended: 1, closed: 1, running: 2, returned: 1, reopened: 1 },
    firstTime: { n: 1, of: 1 },
    closedLoop: { n: 1, of: 1 },
    satisfied: { n: 1, of: 2 },
    satisfactionMean: 3.5,
  });
  t.same(
    groups.map(({ key, label, made, closed }: never) => [key, (label as { zh: string }).zh, made, closed]),
    [
      ['complaint', '投诉', 1, 0],
      ['consult', '咨询', 1, 0],
      ['help', '求助', 1, 1],
    ],
  );
  t.match((await ask('&by=office')).groups, [{ label: { zh: 'works处' }, made: 2 }, { made: 1 }]);
  t.match((await ask('&by=hall')).groups, [{ key: cloud.hallId, made: 3 }]);
  t.match((await ask('&by=choice&choice=dissatisfiedBecause')).groups, [
    { key: null, made: 2 },
    { key: 'slow', made: 1 },
  ]);
  for (const by of ['office', 'category', 'region', 'satisfaction', 'choice.nature', 'choice.dissatisfiedBecause']) {
    const [name, choice] = by.split('.');
    for (const { key, made } of (await ask(`&by=${name}${choice ? `&choice=${choice}` : ''}`)).groups) {
      if (key === null) continue;
      const { body } = await owner.get(`/tickets?view=all&fact=${encodeURIComponent(`${by}:${key}`)}`);
      t.equal(body.items?.length, made, `the list behind ${by}:${key}`);
    }
  }
  for (const wrong of ['hour:08', 'choice.x) OR (1=1:y', 'satisfaction:9', 'office:x'])
    t.equal((await owner.get(`/tickets?fact=${encodeURIComponent(wrong)}`)).status, 400, wrong);
  t.match((await ask('&category=matters:lighting')).total, { made: 3 });
  t.match((await ask('&kind=repair')).total, { made: 0, satisfactionMean: null });
  const kept = await cloud.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM ticket_facts f JOIN tickets t ON t.id = f.ticket_id
     WHERE f.returned = t.returned AND (f.ended_day IS NOT NULL) = (t.status = 'ended') AND f.outcome IS NOT DISTINCT FROM t.outcome`,
  );
  t.same(kept, [{ n: 3 }], 'facts say what the tickets say');
});

t.test('a promise that breaks counts as late while the ticket runs; growth; only halls within reach', async (t) => {
  const { cloud, make, ask } = await setup(t);
  await make();
  t.match((await ask()).total.onTime, { n: 0, of: 0 }, 'nothing is late yet, nothing has ended');
  cloud.clock.advance(8 * dayMs);
  await make();
  await make();
  const day = (back: number) => dayOf(cloud.clock.now() - back * dayMs);
  const owner = await cloud.signInAs('owner');
  const week = await owner.get(`/ticket-statistics?from=${day(7)}&to=${day(0)}&by=kind`);
  t.match(week.body, {
    total: { made: 2 },
    before: { made: 1, onTime: { n: 0, of: 1 } },
    groups: [{ made: 2, before: 1 }],
  });
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [] });
  const seen = await elsewhere.get(`/ticket-statistics?from=${day(7)}&to=${day(0)}`);
  t.ok(seen.status === 403 || seen.body.total.made === 0, JSON.stringify(seen.body));
  for (const wrong of [
    `from=${day(0)}&to=${day(3)}`,
    'from=2020-01-01&to=2026-01-01',
    `from=${day(1)}&to=${day(0)}&by=choice`,
  ])
    t.equal((await owner.get(`/ticket-statistics?${wrong}`)).status, 400, wrong);
});

t.test('a ticket whose clocks never began has kept no promise, and broken none', async (t) => {
  const kind = shippedKind('citizen_request');
  const cloud = await bringUpTickets(t, {
    kinds: [{ ...kind, clocks: kind.clocks.filter(({ from }) => from.at === 'entered' && from.step === 'handle') }],
    routes: () => ticketStatisticsRoutes(),
  });
  registerTicketHook(cloud.db, statisticsHook);
  const owner = await cloud.signInAs('owner');
  await cloud.join(cloud.offices.reception, [owner.userId]);
  const ctx = await cloud.ctxOf(owner);
  const { id } = await cloud.make(ctx, { hallId: cloud.hallId });
  t.match(await cloud.act(ctx, id, { do: 'cancel', opinion: '重复' }), { status: 'ended', light: null });
  const lists = async (query: string) =>
    (await owner.get(`/tickets?view=all${query}`)).body.items.map(({ light }: { light: unknown }) => light);
  t.same(await lists(''), [null]);
  t.same(await lists('&light=green'), []);
  const day = dayOf(cloud.clock.now());
  const { body } = await owner.get(`/ticket-statistics?from=${day}&to=${day}`);
  t.match(body.total, { ended: 1, onTime: { n: 0, of: 0 } });
});
