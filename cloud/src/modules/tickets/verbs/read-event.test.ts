import t from 'tap';
import { bringUpTickets, request } from '../testing.js';
import { mostOfEvent } from './read-event.js';

const phone = (number: string) => ({ fields: { ...request().fields, phone: number } });

t.test('an event: all that are tied, whatever way, with who asked how often', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  const boss = await cloud.signInAs('ticket-dispatcher');
  const handler = await cloud.signInAs('ticket-handler', { hallIds: [cloud.hallId] });
  await cloud.join(cloud.offices.reception, [clerk.userId, boss.userId]);
  await cloud.join(cloud.offices.dispatch, [boss.userId]);
  await cloud.join(cloud.offices.works, [handler.userId]);
  const [ctx, chief] = [await cloud.ctxOf(clerk), await cloud.ctxOf(boss)];
  const [a, b, c] = [
    await cloud.make(ctx, phone('13812348000')),
    await cloud.make(ctx, phone('13812348000')),
    await cloud.make(ctx, phone('13987654321')),
  ];
  const [apart, caused] = [await cloud.make(ctx), await cloud.make(ctx)];
  const link = (from: string, to: string, how: 'same_event' | 'caused_by') =>
    cloud.act(chief, from, { do: 'link', ticket: to, how });
  await link(b.id, a.id, 'same_event');
  await link(b.id, c.id, 'same_event');
  await link(c.id, a.id, 'same_event');
  await link(a.id, caused.id, 'caused_by');
  await cloud.act(chief, c.id, { do: 'cancel', opinion: '已处理' });
  const eventOf = async (who: typeof clerk, id: string) => (await who.get(`/tickets/${id}/event`)).body;

  for (const { id } of [a, b, c]) {
    const group = await eventOf(clerk, id);
    t.same(
      group.items.map((one: { id: string }) => one.id),
      [a.id, b.id, c.id],
    );
    t.match(group, { open: 2, closed: 1, requesters: 2, repeats: 1, truncated: false });
    t.match(group, { firstAt: a.madeAt, lastAt: c.madeAt });
  }
  t.match(await eventOf(clerk, apart.id), { items: [{ id: apart.id }], open: 1, closed: 0, requesters: 1, repeats: 0 });

  const ofRequester = async (who: typeof clerk, id: string) =>
    (await who.get(`/tickets?view=all&requesterOf=${id}`)).body.items.map((one: { id: string }) => one.id);
  const counts = await Promise.all([a, b, c].map(async ({ id }) => (await ofRequester(clerk, id)).length));
  t.same(counts.toSorted(), [1, 4, 4], 'by the telephone, whatever it is about');

  await t.test('whoever may see one of them is told of no other', async (t) => {
    const taskOf = async () =>
      (
        await cloud.rows<{ id: string }>(`SELECT id FROM ticket_tasks WHERE ticket_id = $1 AND ended_at IS NULL`, [
          a.id,
        ])
      )[0]?.id ?? '';
    await cloud.act(chief, a.id, { do: 'submit', task: await taskOf(), action: 'to_dispatch', fields: {} });
    const to = [{ kind: 'office' as const, id: cloud.offices.works }];
    await cloud.act(chief, a.id, { do: 'submit', task: await taskOf(), action: 'dispatch', fields: {}, to });
    const group = await eventOf(handler, a.id);
    t.match(group, { items: [{ id: a.id, myTask: { state: 'open' } }], open: 1, closed: 0, requesters: 1, repeats: 0 });
    t.equal(group.items.length, 1);
    t.equal((await handler.get(`/tickets/${b.id}/event`)).status, 404);
    t.same(await ofRequester(handler, a.id), [a.id]);
    t.same(await ofRequester(handler, b.id), [], 'nor by a ticket that they do not see');
  });

  await t.test('another organisation’s reader finds nothing', async (t) => {
    const other = await cloud.signInAs('ticket-dispatcher', { tenant: 'other' });
    t.equal((await other.get(`/tickets/${a.id}/event`)).status, 404);
  });

  await t.test('a whole city reports one blackout: bounded, and told so', async (t) => {
    await cloud.db.ownerPool.query(
      `WITH made AS (
         INSERT INTO tickets SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'number', 'X' || n))).*
         FROM tickets t, generate_series(1, ${mostOfEvent + 5}) n WHERE t.id = $1 RETURNING id, tenant_id)
       INSERT INTO ticket_links SELECT tenant_id, $1, id, 'same_event', now() FROM made`,
      [apart.id],
    );
    const group = await eventOf(clerk, apart.id);
    t.equal(group.items.length, mostOfEvent);
    t.match(group, { truncated: true, requesters: 1, repeats: mostOfEvent - 1 });
    t.ok(group.items.some((one: { id: string }) => one.id === apart.id));
  });
});
