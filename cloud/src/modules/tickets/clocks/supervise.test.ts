import t, { type Test } from 'tap';
import { noticeHook, noticeRoutes } from '../../notices/index.js';
import { bringUpTickets, type TestTickets } from '../testing.js';
import { registerTicketHook } from '../ticket-hooks.js';
import { noteClocks } from './note-clocks.js';

const day = 86_400_000;
const depsOf = (cloud: TestTickets) => ({ database: cloud.db, clock: cloud.clock, live: cloud.bus });
const lines = (cloud: TestTickets) =>
  cloud.rows<object>(
    `SELECT by, by_name, data ->> 'rule' AS rule, opinion FROM ticket_history WHERE type = 'supervised' ORDER BY seq`,
  );

/** A request of the shipped kind, given to an office that never finishes it. */
const setup = async (t: Test) => {
  const cloud = await bringUpTickets(t, { routes: () => noticeRoutes() });
  registerTicketHook(cloud.db, noticeHook);
  const owner = await cloud.signInAs('owner');
  const worker = await cloud.signInAs('ticket-handler');
  for (const office of [cloud.offices.reception, cloud.offices.dispatch]) await cloud.join(office, [owner.userId]);
  await cloud.join(cloud.offices.works, [worker.userId]);
  const ctx = await cloud.ctxOf(owner);
  const { id } = await cloud.make(ctx);
  const submit = async (action: string, more: object = {}) => {
    const task = (await owner.get(`/tickets/${id}`)).body.myTask.id as string;
    await cloud.act(ctx, id, { do: 'submit', task, action, fields: {}, ...more } as never);
  };
  await submit('to_dispatch');
  await submit('dispatch', { to: [{ kind: 'office', id: cloud.offices.works }] });
  return { cloud, owner, worker, ctx, id };
};

t.test('late: supervised once by the system, under two sweepers; on the desk, in the history, told', async (t) => {
  const { cloud, worker, ctx, id } = await setup(t);
  await cloud.clock.advance(30 * day);
  await Promise.all([noteClocks(depsOf(cloud)), noteClocks(depsOf(cloud))]);
  await noteClocks(depsOf(cloud));
  const late = { by: 'system', by_name: '系统', rule: 'late', opinion: '办理超时，请限期办结并说明原因' };
  t.same(await lines(cloud), [late]);
  // Sessions of thirty days ago are over.
  const reader = await cloud.signInAs('ticket-dispatcher');
  t.match((await reader.get('/tickets?view=all&supervised=true')).body.items, [{ id, supervised: true }]);
  t.match(
    (await reader.get(`/tickets/${id}/history`)).body.items.find(({ type }: { type: string }) => type === 'supervised'),
    { by: { name: '系统' }, how: 'on', action: { en: 'Overdue: finish it and say why' }, opinion: late.opinion },
  );
  const told = `SELECT person_id, text ->> 'zh' AS text FROM notices WHERE rule = 'supervised'`;
  t.match(await cloud.rows(told), [{ person_id: worker.userId, text: /路灯不亮 已列入督办：办理超时/ }]);

  await cloud.act(ctx, id, { do: 'supervise', on: false, opinion: '已约谈' });
  await cloud.clock.advance(30 * day);
  await noteClocks(depsOf(cloud));
  t.equal((await lines(cloud)).length, 2, 'lifted by somebody: what was noted is no reason again');
  t.equal((await cloud.rows(told)).length, 1);
});

t.test('a sweep that fails half-way leaves no supervision behind, and the next makes it once', async (t) => {
  const { cloud, id } = await setup(t);
  await cloud.clock.advance(30 * day);
  let failures = 0;
  registerTicketHook(cloud.db, {
    onLines: async (_tx, _ctx, { events }) => {
      if (events.some(({ type }) => type === 'supervised') && failures++ < 2) throw new RangeError('nobody answers');
    },
  });
  await noteClocks(depsOf(cloud));
  t.same(await lines(cloud), [], 'all of it is undone');
  t.same(await cloud.rows('SELECT ticket_id AS id FROM tickets_aside'), [{ id }]);
  await cloud.clock.advance(day);
  await noteClocks(depsOf(cloud));
  t.equal((await lines(cloud)).length, 1);
  t.same(await cloud.rows('SELECT 1 FROM tickets_aside'), []);
});

t.test('reopened for the second time: the line is the system’s, beside what somebody did', async (t) => {
  const { cloud, owner, ctx, id } = await setup(t);
  const close = { do: 'intervene', step: 'closed', opinion: '结案' } as const;
  for (let times = 1; times <= 3; times++) {
    await cloud.act(ctx, id, close);
    await cloud.act(ctx, id, { do: 'reopen', opinion: '又坏了' });
    t.equal((await lines(cloud)).length, times === 1 ? 0 : 1, `reopened ${times} times`);
  }
  t.match(await lines(cloud), [{ by: 'system', by_name: '系统', rule: 'reopened_again' }]);
  const [reopened] = await cloud.rows<{ by: string }>(`SELECT by FROM ticket_history WHERE type = 'reopened' LIMIT 1`);
  t.equal(reopened?.by, owner.userId);
});
