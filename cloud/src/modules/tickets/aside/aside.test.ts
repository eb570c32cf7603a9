import type { TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { afterCommit, type Tx } from '../../../db/index.js';
import { noteClocks } from '../clocks/note-clocks.js';
import { recomputeAll } from '../clocks/recompute-clocks.js';
import { resumeTickets } from '../clocks/resume-tickets.js';
import { bringUpTickets, shippedKind } from '../testing.js';
import { registerTicketHook } from '../ticket-hooks.js';

const minute = 60_000;
const hour = 60 * minute;

/** Ten minutes from its making on, by a calendar that may change. */
const quick = (code = 'citizen_request'): TicketKind => {
  const kind = shippedKind('citizen_request');
  const [clock] = kind.clocks;
  if (!clock) throw new RangeError('it has no clock');
  const to = { kind: 'office', code: 'dispatch' } as const;
  const clocks = [
    {
      ...clock,
      targets: [{ minutes: 10, calendar: 'shifts' }],
      escalations: [{ afterMinutes: 5, to }],
    },
  ];
  return { ...kind, code, numbering: { ...kind.numbering, prefix: code === 'citizen_request' ? 'SQ' : 'XX' }, clocks };
};
const always = (label: string) => {
  const shifts = [{ from: '00:00', to: '24:00' }];
  const week = { 1: shifts, 2: shifts, 3: shifts, 4: shifts, 5: shifts, 6: shifts, 7: shifts };
  return { code: 'shifts', label: { zh: label }, zone: 'Asia/Shanghai', week, days: {} };
};

t.test('a ticket that does not open waits by itself: others are computed, noted, told of', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [quick(), quick('damaged')] });
  const ctx = cloud.systemContext();
  const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus };
  const heard: string[] = [];
  // What a try that was undone had told is undone with it.
  const hear = (tx: Tx, id: string) => afterCommit(tx, () => void heard.push(id));
  registerTicketHook(cloud.db, {
    onClocks: async (tx, _ctx, all) => {
      for (const { ticket } of all) hear(tx, ticket.id);
    },
  });
  const sound = await cloud.make(ctx);
  const sealed = await cloud.make(ctx);
  const shapeless = await cloud.make(ctx, { kind: 'damaged' });
  // One whose phone was sealed by another secret, one whose kind's document is no kind any more.
  await cloud.rows(
    `UPDATE tickets SET state = jsonb_set(state, '{fields,phone}', '{"sealed": "AAAA"}') WHERE id = $1`,
    [sealed.id],
  );
  await cloud.rows(
    `INSERT INTO ticket_kind_versions (tenant_id, code, version, document, published_by_name) VALUES ($1, 'damaged', 9, '{"v": 1}', '测试')`,
    [cloud.tenantId],
  );
  await cloud.rows('UPDATE tickets SET kind_version = 9 WHERE id = $1', [shapeless.id]);

  await cloud.rows('INSERT INTO work_calendars (tenant_id, code, document) VALUES ($1, $2, $3)', [
    ...[cloud.tenantId, 'shifts', JSON.stringify(always('全天'))],
  ]);
  t.equal(await recomputeAll(deps), 3, 'the sound one is computed, the others are put aside');
  t.equal(await recomputeAll(deps), 0, 'and not again at once');
  const stamps = await cloud.rows<{ id: string; stamp: string }>('SELECT id, clock_stamp AS stamp FROM tickets');
  t.not(stamps.find(({ id }) => id === sound.id)?.stamp, stamps.find(({ id }) => id === sealed.id)?.stamp);

  await cloud.clock.advance(20 * minute);
  t.ok((await noteClocks(deps)) > 0);
  t.equal(await noteClocks(deps), 0);
  t.same(heard, [sound.id], 'told of once, although others of its batch failed');
  const noted = await cloud.rows<{ id: string; noted: boolean }>(
    'SELECT ticket_id AS id, noted_at IS NOT NULL AS noted FROM ticket_clock_events',
  );
  t.ok(
    noted.every(({ id, noted: its }) => its === (id === sound.id)),
    'what nobody was told of is to be noted still',
  );

  const boss = await cloud.signInAs('owner');
  const shown = (await boss.get('/tickets?view=all')).body.items.map(({ id }: { id: string }) => id);
  t.ok(shown.includes(sound.id), 'lists are shown all the same');
  await cloud.rows(
    `INSERT INTO ticket_links (tenant_id, from_id, to_id, how, made_at) SELECT $1, $2, x, 'related', now() FROM unnest($3::uuid[]) x`,
    [cloud.tenantId, sound.id, [sealed.id, shapeless.id]],
  );
  t.equal((await boss.get(`/tickets/${sound.id}`)).status, 200, 'and so is a ticket that is linked to it');
  const list = (await boss.get('/tickets/aside')).body;
  t.equal(list.total, 4);
  t.match(
    list.items.filter(({ work }: { work: string }) => work === 'note').map(({ ticket }: { ticket: object }) => ticket),
    [{ number: sealed.number }, { number: shapeless.number }],
  );
  t.match(
    list.items.find(({ ticket }: { ticket: { id: string } }) => ticket.id === sealed.id),
    { reason: /does not open with this secret/, tries: 1, kind: { code: 'citizen_request', version: 1 } },
  );
  t.equal((await cloud.auditRows('ticket.put_aside')).length, 4, 'the trail says so, once for each');
  const handler = await cloud.signInAs('ticket-handler');
  t.equal((await handler.get('/tickets/aside')).status, 403);
  t.same((await (await cloud.signInAs('owner', { tenant: 'other' })).get('/tickets/aside')).body, {
    total: 0,
    items: [],
  });

  await cloud.clock.advance(6 * minute);
  t.ok((await noteClocks(deps)) > 0, 'tried again');
  t.match(
    (await boss.get('/tickets/aside')).body.items.find(({ work }: { work: string }) => work === 'note'),
    { tries: 2 },
  );
  t.equal((await cloud.auditRows('ticket.put_aside')).length, 4, 'the trail is not filled by it');

  // Mended: it goes on, and waits no longer.
  await cloud.rows(`UPDATE tickets SET state = state #- '{fields,phone}' WHERE id = $1`, [sealed.id]);
  await cloud.rows('UPDATE tickets SET kind_version = 1 WHERE id = $1', [shapeless.id]);
  t.match(await boss.post('/tickets/aside/retry'), { status: 200, body: { tickets: 4 } });
  t.equal(await recomputeAll(deps), 2);
  await noteClocks(deps);
  t.same(new Set(heard), new Set([sound.id, sealed.id, shapeless.id]));
  t.same((await boss.get('/tickets/aside')).body, { total: 0, items: [] });
});

t.test('one that cannot go on after its pause keeps no other', async (t) => {
  const cloud = await bringUpTickets(t);
  const ctx = cloud.systemContext();
  const suspended = async () => {
    const { id } = await cloud.make(ctx);
    const task = async () =>
      (await cloud.rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets WHERE id = $1`, [id]))[0]
        ?.id ?? '';
    await cloud.act(ctx, id, { do: 'submit', task: await task(), action: 'to_dispatch', fields: {} });
    const to = [{ kind: 'office', id: cloud.offices.works } as const];
    await cloud.act(ctx, id, { do: 'submit', task: await task(), action: 'dispatch', fields: {}, to });
    await cloud.act(ctx, id, { do: 'sign', task: await task() });
    await cloud.act(ctx, id, { do: 'suspend', task: await task(), opinion: '等', untilAt: cloud.clock.now() + hour });
    return id;
  };
  const [one, other] = [await suspended(), await suspended()];
  await cloud.rows(
    `UPDATE tickets SET state = jsonb_set(state, '{fields,phone}', '{"sealed": "AAAA"}') WHERE id = $1`,
    [one],
  );
  await cloud.clock.advance(hour);
  const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus };
  t.equal(await resumeTickets(deps), 1);
  t.match(await cloud.rows('SELECT ticket_id, work FROM tickets_aside'), [{ ticket_id: one, work: 'resume' }]);
  t.match(await cloud.rows('SELECT status FROM tickets WHERE id = $1', [other]), [{ status: 'running' }]);
});
