import { HubError } from '@hallhub/shared';
import t from 'tap';
import { withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { actOnTicket } from './act-on-ticket.js';
import { makeTicket } from './make-ticket.js';
import { bringUpTickets, publishKind, request, shippedKind, type TestTickets } from './testing.js';
import { registerTicketHook } from './ticket-hooks.js';
import { readTicketHistory } from './verbs/read-ticket.js';
import { splitTicket } from './verbs/split-ticket.js';

const errorOf = (work: Promise<unknown>): Promise<HubError | undefined> =>
  work.then(
    () => undefined,
    (error: HubError) => error,
  );

const withClerk = async (
  t: Parameters<typeof bringUpTickets>[0],
): Promise<{ cloud: TestTickets; ctx: VerbContext; boss: VerbContext }> => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  const dispatcher = await cloud.signInAs('ticket-dispatcher');
  await cloud.join(cloud.offices.reception, [clerk.userId, dispatcher.userId]);
  await cloud.join(cloud.offices.dispatch, [dispatcher.userId]);
  return { cloud, ctx: await cloud.ctxOf(clerk), boss: await cloud.ctxOf(dispatcher) };
};

t.test('numbers have neither gaps nor doubles, whoever makes how many at once, and whatever is undone', async (t) => {
  const { cloud, ctx } = await withClerk(t);
  const made = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) =>
      withTenant(cloud.db, ctx.actor, async (tx) => {
        const row = await makeTicket(tx, ctx, { ...request(), source: 'console' });
        if (i % 5 === 0) throw new HubError('conflict', 'undone');
        return row.number;
      }),
    ),
  );
  const numbers = made.flatMap((one) => (one.status === 'fulfilled' ? [Number(one.value.slice(-5))] : []));
  t.same(
    numbers.sort((a, b) => a - b),
    Array.from({ length: 24 }, (_, i) => i + 1),
  );
});

t.test('the same origin gives the same ticket, told how often and at once', async (t) => {
  const { cloud, ctx } = await withClerk(t);
  const origin = { system: 'p12345', key: 'A-1' };
  const rows = await Promise.all(Array.from({ length: 8 }, () => cloud.make(ctx, { origin, source: 'exchange' })));
  t.equal(new Set(rows.map(({ id }) => id)).size, 1);
  t.same(await cloud.rows('SELECT count(*)::int AS count FROM tickets'), [{ count: 1 }]);
});

t.test('two at once: one wins, the other is told who did what', async (t) => {
  const { cloud, ctx, boss } = await withClerk(t);
  const { id, seq } = await cloud.make(ctx);
  const [task] = await cloud.rows<{ id: string }>('SELECT id FROM ticket_tasks');
  const sign = { do: 'sign', task: task?.id ?? '' } as const;
  const errors = (await Promise.all([ctx, boss].map((who) => errorOf(cloud.act(who, id, sign, seq))))).filter(
    (error) => error !== undefined,
  );
  t.equal(errors.length, 1);
  t.match(errors[0], { code: 'precondition_failed', context: { type: 'signed', seq: seq + 1, by: /^ticket-/ } });
  const again = await errorOf(cloud.act(boss, id, sign, seq + 1));
  t.match(again, { code: 'conflict', context: { refusal: /already_taken/ } });
});

t.test('whoever has it splits it into its own kind, makers of tickets or not; into another only makers', async (t) => {
  const { cloud, ctx } = await withClerk(t);
  const handler = await cloud.signInAs('ticket-handler');
  await cloud.join(cloud.offices.dispatch, [handler.userId]);
  const hand = await cloud.ctxOf(handler);
  const { id, seq } = await cloud.make(ctx);
  const [task] = await cloud.rows<{ id: string }>('SELECT id FROM ticket_tasks');
  await cloud.act(ctx, id, { do: 'submit', task: task?.id ?? '', action: 'to_dispatch', fields: {} }, seq);
  const part = { fields: request().fields, level: null, hallId: null, deviceId: null, parentId: null };
  const split = (kind: string) => splitTicket(hand, { ticketId: id, kind, tickets: [part] });
  const { items } = await split('citizen_request');
  t.match(items, [{ kind: { code: 'citizen_request' } }]);
  const [made] = await cloud.rows<{ by: string }>(`SELECT by FROM ticket_history WHERE type = 'child_made'`);
  t.equal(made?.by, handler.userId, 'the whole says who did');
  await publishKind(cloud.db, {
    tenantId: hand.actor.tenantId,
    kind: { ...shippedKind('citizen_request'), code: 'twin' },
  });
  t.match(await errorOf(split('twin')), { code: 'forbidden' });
});

t.test('a part lies elsewhere also where only one of its fields says so', async (t) => {
  const { cloud, ctx } = await withClerk(t);
  const handler = await cloud.signInAs('ticket-handler');
  await cloud.join(cloud.offices.dispatch, [handler.userId]);
  const { fields, ...kind } = shippedKind('citizen_request');
  const where = { key: 'where', label: { zh: '大厅' }, type: 'hall', personal: false, searched: false } as const;
  const { tenantId } = ctx.actor;
  await publishKind(cloud.db, { tenantId, kind: { ...kind, code: 'placed', fields: [...fields, where] } });
  const { id, seq } = await cloud.make(ctx, { kind: 'placed', hallId: null });
  const [task] = await cloud.rows<{ id: string }>('SELECT id FROM ticket_tasks');
  await cloud.act(ctx, id, { do: 'submit', task: task?.id ?? '', action: 'to_dispatch', fields: {} }, seq);
  const hand = await cloud.ctxOf(handler);
  const split = (more: object) => {
    const part = {
      fields: { ...request().fields, ...more },
      level: null,
      hallId: null,
      deviceId: null,
      parentId: null,
    };
    return errorOf(splitTicket(hand, { ticketId: id, kind: 'placed', tickets: [part] }));
  };
  t.match(await split({ where: cloud.otherHallId }), { code: 'forbidden' });
  t.equal(await split({}), undefined);
});

t.test('merged: the other goes on for both; two merges into each other end in one', async (t) => {
  const { cloud, ctx, boss } = await withClerk(t);
  const [a, b] = [await cloud.make(ctx), await cloud.make(ctx)];
  const into = (from: string, to: string) =>
    errorOf(cloud.act(boss, from, { do: 'mergeInto', ticket: to, opinion: '同一件事' }));
  const errors = (await Promise.all([into(a.id, b.id), into(b.id, a.id)])).filter((error) => error !== undefined);
  t.equal(errors.length, 1);
  t.match(errors[0], { code: 'conflict', context: { refusal: 'ended' } });
  const rows = await cloud.rows<{ status: string; outcome: string | null }>(
    'SELECT status, outcome FROM tickets ORDER BY status',
  );
  t.same(rows, [
    { status: 'ended', outcome: 'merged' },
    { status: 'running', outcome: null },
  ]);
  const absorbed = await cloud.rows<{ by: string }>(`SELECT by FROM ticket_history WHERE type = 'absorbed'`);
  t.same(absorbed, [{ by: boss.actor.userId }], 'once, by whoever merged');
  const kept = (await cloud.rows<{ id: string }>(`SELECT id FROM tickets WHERE status = 'running'`))[0]?.id ?? '';
  const [gone] = [a, b].filter(({ id }) => id !== kept);
  const { items } = await readTicketHistory(boss, { ticketId: gone?.id ?? '' });
  t.match(items.at(-1), { type: 'ended', how: 'merged', ticket: { id: kept } }, 'its history says what became of it');
  t.match(await errorOf(cloud.act(boss, kept, { do: 'link', ticket: kept, how: 'related' })), {
    code: 'invalid_input',
  });
});

t.test('a wrong link is taken back from either side, by whoever has to do with it, with the reason', async (t) => {
  const { cloud, ctx, boss } = await withClerk(t);
  const outsider = await cloud.ctxOf(await cloud.signInAs('ticket-clerk'));
  const [a, b] = [await cloud.make(ctx), await cloud.make(ctx)];
  await cloud.act(ctx, a.id, { do: 'link', ticket: b.id, how: 'same_event' });
  await cloud.act(ctx, a.id, { do: 'link', ticket: b.id, how: 'related' });
  const wrong = { do: 'unlink', ticket: a.id, how: 'same_event', opinion: '不是一件事' } as const;
  t.match(await errorOf(cloud.act(outsider, b.id, wrong)), { context: { refusal: 'no_right' } });
  t.match(await errorOf(cloud.act(boss, b.id, { ...wrong, how: 'caused_by' })), { code: 'conflict' });
  await cloud.act(boss, b.id, wrong);
  t.same(await cloud.rows('SELECT how FROM ticket_links'), [{ how: 'related' }], 'the other link stays');
  t.match(await errorOf(cloud.act(boss, b.id, wrong)), { context: { refusal: 'already_so' } });
  const told = await cloud.rows(
    `SELECT ticket_id, data ->> 'ticket' AS other, opinion FROM ticket_history WHERE type = 'unlinked' ORDER BY ticket_id`,
  );
  t.same(told, [
    { ticket_id: a.id, other: b.id, opinion: '不是一件事' },
    { ticket_id: b.id, other: a.id, opinion: '不是一件事' },
  ]);
  await cloud.act(boss, a.id, { ...wrong, ticket: b.id, how: 'related' });
  const { items } = await readTicketHistory(ctx, { ticketId: a.id });
  t.same(
    items.filter(({ type }) => type.endsWith('linked')).map(({ type, ticket }) => [type, ticket?.number]),
    ['linked', 'linked', 'unlinked', 'unlinked'].map((type) => [type, b.number]),
    'the record says with which, tied or not',
  );
  const doers = () => cloud.rows('SELECT ticket_id, person_id FROM ticket_doers');
  t.same(await doers(), [], 'who has put tickets in order has handled none of them');
  await cloud.act(boss, a.id, { do: 'comment', opinion: '已了解' });
  t.same(await doers(), [{ ticket_id: a.id, person_id: boss.actor.userId }]);
});

t.test('children: the parent counts those that are not over', async (t) => {
  const { cloud, ctx, boss } = await withClerk(t);
  const parent = await cloud.make(ctx);
  t.match(
    await errorOf(cloud.make(ctx, { parentId: parent.id })),
    { code: 'conflict', context: { refusal: 'not_offered' } },
    'whoever only sees it keeps it from being solved by no child',
  );
  const [one, two] = [await cloud.make(boss, { parentId: parent.id }), await cloud.make(boss, { parentId: parent.id })];
  const open = async () =>
    (
      await cloud.rows<{ open: string[] }>(`SELECT state -> 'openChildren' AS open FROM tickets WHERE id = $1`, [
        parent.id,
      ])
    )[0]?.open;
  t.same(await open(), [one.id, two.id]);
  await cloud.act(boss, one.id, { do: 'cancel', opinion: '不用了' });
  t.same(await open(), [two.id]);
  await cloud.act(boss, parent.id, { do: 'cancel', opinion: '不用了' });
  t.match(await errorOf(cloud.make(boss, { parentId: parent.id })), {
    ...{ code: 'conflict', context: { refusal: 'ended' } },
  });
  await cloud.act(boss, two.id, { do: 'cancel', opinion: '不用了' });
});

t.test('a hook that fails, a connection that is killed: nothing is half done, and nothing is told', async (t) => {
  const { cloud, ctx, boss } = await withClerk(t);
  const { id } = await cloud.make(ctx);
  const counts = async () =>
    (
      await cloud.rows(`SELECT (SELECT count(*) FROM ticket_history)::int AS lines, (SELECT sum(seq) FROM tickets)::int AS seq,
        (SELECT count(*) FROM ticket_tasks)::int AS tasks, (SELECT count(*) FROM audit_entries WHERE action LIKE 'ticket.%')::int AS trail`)
    )[0];
  const before = await counts();
  const told = cloud.published.length;
  let fails: 'never' | 'throws' | 'killed' = 'throws';
  registerTicketHook(cloud.db, {
    onLines: async (tx) => {
      if (fails === 'throws') throw new HubError('conflict', 'no');
      if (fails === 'killed') {
        const { rows } = await tx.$client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await cloud.db.ownerPool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]).catch(() => undefined);
        await tx.$client.query('SELECT 1');
      }
    },
  });
  const remind = { do: 'remind', opinion: '请快' } as const;
  t.match(await errorOf(cloud.act(boss, id, remind)), { message: 'no' });
  fails = 'killed';
  const cut = await errorOf(
    withTenant(cloud.db, boss.actor, (tx) => actOnTicket(tx, boss, { ticketId: id, command: remind }), { attempts: 1 }),
  );
  t.ok(cut);
  t.same(await counts(), before);
  t.equal(cloud.published.length, told);
  fails = 'never';
  await cloud.act(boss, id, remind);
  t.match((await cloud.rows<{ reminded: number }>('SELECT reminded FROM tickets'))[0], { reminded: 1 });
});

t.test('reach: a hall’s people see their hall’s tickets and what they had to do with', async (t) => {
  const { cloud, ctx } = await withClerk(t);
  const near = await cloud.signInAs('ticket-dispatcher', { hallIds: [cloud.hallId] });
  const stranger = await cloud.signInAs('ticket-dispatcher', { tenant: 'other' });
  const here = await cloud.make(ctx, { hallId: cloud.hallId });
  const there = await cloud.make(ctx, { hallId: cloud.otherHallId });
  const nowhere = await cloud.make(ctx);
  const ids = async () => (await near.get('/tickets?view=all')).body.items.map(({ id }: { id: string }) => id);
  t.same(await ids(), [here.id]);
  t.equal((await near.get(`/tickets/${there.id}`)).status, 404);
  t.equal((await near.get(`/tickets/${nowhere.id}`)).status, 404);
  await cloud.join(cloud.offices.reception, [near.userId]);
  t.same(await ids(), [nowhere.id, there.id, here.id], 'their office has a task of each');
  t.equal((await near.get(`/tickets/${there.id}`)).status, 200);
  t.same((await stranger.get('/tickets?view=all')).body.items, []);
  t.equal((await stranger.get(`/tickets/${here.id}`)).status, 404);
  const search = await near.get(`/tickets?view=all&q=${encodeURIComponent('人民路 路灯')}&limit=2`);
  t.same(search.body.items.length, 2);
  const rest = await near.get(
    `/tickets?view=all&q=${encodeURIComponent('人民路 路灯')}&limit=2&cursor=${search.body.nextCursor}`,
  );
  t.same(
    rest.body.items.map(({ id }: { id: string }) => id),
    [here.id],
  );
});
