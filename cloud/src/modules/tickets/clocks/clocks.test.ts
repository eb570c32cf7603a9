import type { TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { bringUpTickets, shippedKind, type TestTickets } from '../testing.js';
import { type ClockNote, registerTicketHook } from '../ticket-hooks.js';
import { noteClocks } from './note-clocks.js';
import { recomputeAll } from './recompute-clocks.js';

const minute = 60_000;

/** Ten minutes to sign; the dispatchers hear of it at once when it is late. */
const quick = (): TicketKind => {
  const kind = shippedKind('citizen_request');
  const [clock] = kind.clocks;
  if (!clock) throw new RangeError('it has no clock');
  const to = { kind: 'office', code: 'dispatch' } as const;
  const targets = [{ minutes: 10, calendar: 'always' }];
  return {
    ...kind,
    clocks: [
      {
        ...clock,
        targets,
        escalations: [
          { afterMinutes: -5, to },
          { afterMinutes: 5, to },
        ],
      },
    ],
  };
};

const depsOf = (cloud: TestTickets) => ({ database: cloud.db, clock: cloud.clock, live: cloud.bus });
const notes = (cloud: TestTickets) =>
  cloud.rows<{ what: string; place: number }>(
    'SELECT what, place FROM ticket_clock_events WHERE noted_at IS NOT NULL ORDER BY noted_at, at, what',
  );

t.test(
  'what is due is noted once, by whichever process comes to it; the line above is named; lists are red by then',
  async (t) => {
    const cloud = await bringUpTickets(t, { kinds: [quick()] });
    const heard: ClockNote[] = [];
    registerTicketHook(cloud.db, {
      onClocks: async (_tx, _ctx, all) => void heard.push(...all.flatMap(({ notes: some }) => some)),
    });
    const ctx = cloud.systemContext();
    const made = await cloud.make(ctx);
    t.match(made, { light: 'green', dueAt: new Date(cloud.clock.now() + 10 * minute).toISOString() });
    t.equal(await noteClocks(depsOf(cloud)), 0);
    await cloud.clock.advance(8 * minute);
    t.equal(await noteClocks(depsOf(cloud)), 2);
    t.match(await notes(cloud), [
      { what: 'escalated', place: 0 },
      { what: 'warned', place: 0 },
    ]);
    await cloud.clock.advance(10 * minute);
    const both = await Promise.all([noteClocks(depsOf(cloud)), noteClocks(depsOf(cloud))]);
    t.equal(both[0] + both[1], 2, 'two processes note each once');
    t.equal(await noteClocks(depsOf(cloud)), 0);
    t.same(heard.map(({ what, place }) => `${what} ${place}`).sort(), [
      'breached 0',
      'escalated 0',
      'escalated 1',
      'warned 0',
    ]);
    t.ok(heard.filter(({ what }) => what === 'escalated').every(({ to }) => to[0]?.id === cloud.offices.dispatch));
    const reader = await cloud.signInAs('ticket-dispatcher');
    t.match((await reader.get('/tickets?view=all&light=red')).body.items, [{ id: made.id, light: 'red' }]);
    t.same((await reader.get('/tickets?view=all&light=green')).body.items, []);
    t.match((await reader.get(`/tickets/${made.id}/clocks`)).body.items[0].notes, [
      { what: 'escalated', to: [{ name: 'dispatch处' }] },
      { what: 'warned' },
      { what: 'breached' },
      { what: 'escalated' },
    ]);
    await cloud.act(ctx, made.id, { do: 'comment', opinion: '在催' });
    t.equal(await noteClocks(depsOf(cloud)), 0, 'an act makes none due again');
    t.equal((await notes(cloud)).length, 4);
  },
);

t.test('another calendar, other clocks: what was promised of running tickets is computed anew', async (t) => {
  const kind = quick();
  const [clock] = kind.clocks;
  if (!clock) throw new RangeError('it has no clock');
  const cloud = await bringUpTickets(t, {
    kinds: [{ ...kind, clocks: [{ ...clock, targets: [{ minutes: 60, calendar: 'shifts' }] }] }],
  });
  const ctx = cloud.systemContext();
  const made = await cloud.make(ctx);
  t.equal(made.dueAt, new Date(cloud.clock.now() + 60 * minute).toISOString(), 'no such calendar: around the clock');
  t.equal(await recomputeAll(depsOf(cloud)), 0);
  const never = { 1: [], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [] };
  const document = { code: 'shifts', label: { zh: '从不' }, zone: 'Asia/Shanghai', week: never, days: {} };
  await cloud.rows('INSERT INTO work_calendars (tenant_id, code, document) VALUES ($1, $2, $3)', [
    ...[cloud.tenantId, 'shifts', JSON.stringify(document)],
  ]);
  t.equal(await recomputeAll(depsOf(cloud)), 1);
  t.same(await cloud.rows('SELECT due_at, red_at FROM tickets'), [{ due_at: null, red_at: null }]);
  t.same(await cloud.rows('SELECT 1 FROM ticket_clock_events'), [], 'nothing is ever due');
  t.equal(await recomputeAll(depsOf(cloud)), 0);
});
