import type { Label } from '@hallhub/shared';
import type { TicketKind, WorkCalendar } from '@hallhub/shared/ticket';
import fc from 'fast-check';
import t from 'tap';
import { setCalendar } from '../../calendars/verbs/set-calendar.js';
import { migrateTickets } from '../../ticket-kinds/verbs/migrate-tickets.js';
import { recomputeAll } from '../clocks/recompute-clocks.js';
import { bringUpTickets, publishKind, shippedKind, type TestTickets } from '../testing.js';
import { calendarWhatIf } from './calendar-what-if.js';
import type { ClocksWhatIf } from './contract.js';
import { kindWhatIf } from './kind-what-if.js';

const hour = 3_600_000;
const dayMs = 24 * hour;

/** Every promise by the calendar that is changed. */
const byShifts = (): TicketKind => {
  const kind = shippedKind('citizen_request');
  const clocks = kind.clocks.map((clock) => ({
    ...clock,
    targets: clock.targets.map((target) => ({ ...target, calendar: 'shifts' })),
  }));
  return { ...kind, clocks };
};

const name: Label = { zh: '某日' };
const calendarOf = (
  hours: readonly { from: string; to: string }[],
  { days = {}, from = 1, until = 5 }: { days?: WorkCalendar['days']; from?: number; until?: number } = {},
): WorkCalendar => {
  const on = (weekday: number) => (weekday >= from && weekday <= until ? [...hours] : []);
  const week = { 1: on(1), 2: on(2), 3: on(3), 4: on(4), 5: on(5), 6: on(6), 7: on(7) };
  return { code: 'shifts', label: { zh: '班次' }, zone: 'Asia/Shanghai', week, days };
};
const officeHours = [
  { from: '09:00', to: '12:00' },
  { from: '13:30', to: '17:30' },
];

interface RunRow {
  key: string;
  due: Date | null;
  red: boolean;
}
const runsIn = async (cloud: TestTickets): Promise<Map<string, string | null>> => {
  const rows = await cloud.rows<RunRow>(
    `SELECT c.ticket_id || ' ' || c.clock || ' ' || c.run AS key, c.due_at AS due FROM ticket_clocks c JOIN tickets t ON t.id = c.ticket_id
     WHERE c.ended_at IS NULL AND t.status <> 'ended'`,
  );
  return new Map(rows.map(({ key, due }) => [key, due?.toISOString() ?? null]));
};
const keyOf = ({ ticket, clock, run }: ClocksWhatIf['items'][number]) => `${ticket.id} ${clock} ${run}`;

/** What was foretold is what came, of every clock. */
const checkForetold = (
  t: Pick<typeof import('tap').default, 'equal' | 'same'>,
  told: ClocksWhatIf,
  { before, after }: { before: Map<string, string | null>; after: Map<string, string | null> },
): void => {
  const changed = [...after].filter(([key, due]) => before.get(key) !== due);
  const items = told.items.filter(({ move }) => move !== 'stays');
  t.equal(told.isCut, false);
  t.equal(
    Object.values(told.moved).reduce((sum, n) => sum + n, 0),
    changed.length,
    'as many move as were told',
  );
  t.same(
    items.map((item) => [keyOf(item), item.before?.dueAt ?? null, item.after?.dueAt ?? null]).sort(),
    changed.map(([key, due]) => [key, before.get(key) ?? null, due]).sort(),
    'each from when to when',
  );
};

const liveTask = async (cloud: TestTickets, id: string): Promise<string> =>
  (await cloud.rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets WHERE id = $1`, [id]))[0]?.id ??
  '';

t.test('what a calendar would do is what it does: whatever calendar, wherever tickets stand', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [byShifts()] });
  const ctx = cloud.systemContext();
  const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus };
  await setCalendar(ctx, { code: 'shifts', version: 0, document: calendarOf(officeHours) });
  const days = fc.array(fc.tuple(fc.integer({ min: -6, max: 12 }), fc.boolean()), { maxLength: 5 });
  const changes = fc.record({
    days,
    from: fc.integer({ min: 1, max: 3 }),
    until: fc.integer({ min: 3, max: 7 }),
    hours: fc.constantFrom(officeHours, [{ from: '00:00', to: '24:00' }], [{ from: '08:00', to: '11:00' }], []),
    pauseMs: fc.integer({ min: 0, max: 3 * dayMs }),
    acts: fc.constantFrom('none', 'dispatch', 'suspend', 'cancel'),
  });
  let [version, moved] = [1, 0];
  const { offices } = cloud;
  await fc.assert(
    fc.asyncProperty(changes, async ({ days: some, from, until, hours, pauseMs, acts }) => {
      const { id } = await cloud.make(ctx);
      if (acts === 'cancel') await cloud.act(ctx, id, { do: 'cancel', opinion: '不用了' });
      if (acts === 'dispatch' || acts === 'suspend') {
        await cloud.act(ctx, id, { do: 'submit', task: await liveTask(cloud, id), action: 'to_dispatch', fields: {} });
        const to = [{ kind: 'office', id: offices.works } as const];
        await cloud.act(ctx, id, { do: 'submit', task: await liveTask(cloud, id), action: 'dispatch', fields: {}, to });
      }
      if (acts === 'suspend') {
        await cloud.act(ctx, id, { do: 'sign', task: await liveTask(cloud, id) });
        await cloud.act(ctx, id, { do: 'suspend', task: await liveTask(cloud, id), opinion: '等件' });
      }
      await cloud.clock.advance(pauseMs);
      const special = some.map(([offset, works]): [string, WorkCalendar['days'][string]] => [
        new Date(cloud.clock.now() + offset * dayMs).toISOString().slice(0, 10),
        { name, shifts: works ? [{ from: '10:00', to: '20:00' }] : [] },
      ]);
      const document = calendarOf(hours, { from, until, days: Object.fromEntries(special) });
      const before = await runsIn(cloud);
      const told = await calendarWhatIf(ctx, { code: 'shifts', document, mostMs: 60_000 });
      t.same(await runsIn(cloud), before, 'asking changes nothing');
      t.equal(told.looked, told.clocks, 'all were looked at');
      await setCalendar(ctx, { code: 'shifts', version: version++, document });
      await recomputeAll(deps);
      const after = await runsIn(cloud);
      checkForetold(t, told, { before, after });
      moved += told.items.length;
      t.match(await calendarWhatIf(ctx, { code: 'shifts', document }), { items: [], breaks: 0, saved: 0 });
    }),
    { numRuns: 8, ...(process.env.FC_SEED ? { seed: Number(process.env.FC_SEED) } : {}) },
  );
  t.ok(moved > 0, `${moved} clocks moved`);
});

t.test('what breaks and what is saved; who may ask, and what they see', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [byShifts()] });
  const ctx = cloud.systemContext();
  await setCalendar(ctx, { code: 'shifts', version: 0, document: calendarOf(officeHours) });
  const made = await cloud.make(ctx, { hallId: cloud.hallId });
  await cloud.clock.advance(8 * dayMs);
  const around = calendarOf([{ from: '00:00', to: '24:00' }], { from: 1, until: 7 });
  const owner = await cloud.signInAs('owner');
  const breaks = (await owner.post('/calendars/shifts/what-if', { document: around })).body as ClocksWhatIf;
  t.match(breaks, {
    isCut: false,
    saved: 0,
    items: [{ ticket: { id: made.id, number: made.number }, move: 'earlier' }],
  });
  t.ok(breaks.breaks > 0);
  const closed = calendarOf([], {});
  const never = (await owner.post('/calendars/shifts/what-if', { document: closed })).body as ClocksWhatIf;
  t.ok(never.moved.never > 0);
  t.equal(never.breaks, 0);
  t.match(
    await calendarWhatIf(ctx, { code: 'shifts', document: around, mostMs: -1 }),
    { isCut: true, looked: 0 },
    'cut is said',
  );
  t.equal((await owner.post('/calendars/shifts/what-if', { document: { ...around, code: 'other' } })).status, 400);
  const always = { ...around, code: 'always' };
  t.equal((await owner.post('/calendars/always/what-if', { document: always })).status, 409);
  t.equal((await owner.post('/calendars/shifts/what-if', {})).status, 400);
  t.match((await owner.post('/calendars/shifts/what-if', { holidaysOf: 2026 })).body, { clocks: breaks.clocks });
  const clerk = await cloud.signInAs('ticket-clerk');
  t.equal((await clerk.post('/calendars/shifts/what-if', { document: around })).status, 403);
  const other = await cloud.signInAs('owner', { tenant: 'other' });
  t.match((await other.post('/calendars/shifts/what-if', { document: around })).body, { clocks: 0, items: [] });
  // Its kind is damaged: told as a number, and the others are looked at.
  await cloud.rows(`UPDATE tickets SET state = jsonb_set(state, '{fields,phone}', '{"sealed": "AAAA"}')`);
  t.match((await owner.post('/calendars/shifts/what-if', { document: around })).body, {
    ...{ refused: 1, items: [] },
    reasons: [{ code: 'unreadable', about: null, tickets: 1, named: [{ id: made.id, number: made.number }] }],
  });
});

t.test('what another kind would promise is what it promises, once tickets go on by it', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [byShifts()] });
  const ctx = cloud.systemContext();
  await setCalendar(ctx, { code: 'shifts', version: 0, document: calendarOf(officeHours) });
  for (let i = 0; i < 3; i++) await cloud.make(ctx);
  await cloud.clock.advance(2 * dayMs);
  const kind = byShifts();
  const document: TicketKind = {
    ...kind,
    clocks: kind.clocks.map((clock) => ({
      ...clock,
      targets: clock.targets.map((target) => ({ ...target, minutes: Math.ceil(target.minutes / 3) })),
    })),
  };
  const before = await runsIn(cloud);
  const told = await kindWhatIf(ctx, { code: kind.code, document, steps: {} });
  t.match(told, { refused: 0, isCut: false });
  t.ok(told.moved.earlier > 0);
  await publishKind(cloud.db, { tenantId: cloud.tenantId, kind: document, version: 2 });
  await migrateTickets(ctx, { code: kind.code, from: 1, to: 2, steps: {}, dryRun: false });
  checkForetold(t, told, { before, after: await runsIn(cloud) });
  const renamed = { ...document, steps: document.steps.map((step) => ({ ...step })), clocks: [] };
  const gone = await kindWhatIf(ctx, { code: kind.code, document: renamed, steps: {} });
  t.ok(gone.moved.never > 0, 'no clock, no promise');
  // Its step goes elsewhere, or nowhere: why is said.
  const [first] = document.steps;
  const lost = { ...document, start: 'dispatch', steps: document.steps.filter((step) => step !== first) };
  const owner = await cloud.signInAs('owner');
  const ask = async (steps: object) =>
    (await owner.post(`/ticket-kinds/${kind.code}/what-if`, { document: lost, steps })).body;
  t.match(await ask({}), {
    refused: 3,
    reasons: [{ code: 'step_unmapped', about: 'register', label: { zh: '登记' }, tickets: 3, named: { length: 3 } }],
  });
  t.match(await ask({ register: 'closed' }), {
    refused: 3,
    reasons: [{ code: 'step_is_end', about: 'closed', tickets: 3 }],
  });
  const handler = await cloud.signInAs('ticket-handler');
  t.equal((await handler.post(`/ticket-kinds/${kind.code}/what-if`, {})).status, 403);
});

t.test('one ticket: another level, a longer time, a pause', async (t) => {
  const cloud = await bringUpTickets(t);
  const ctx = cloud.systemContext();
  const { id } = await cloud.make(ctx);
  const reader = await cloud.signInAs('ticket-dispatcher');
  const ask = async (body: object) => reader.post(`/tickets/${id}/clocks/what-if`, body);
  const handling = (items: { before: { clock: string; dueAt: string; purpose: string } | null }[]) =>
    items.filter(({ before }) => before?.purpose === 'handling') as never[];
  const longer = await ask({ extendMinutes: 1_440 });
  t.match(longer, { status: 200 });
  const moved = longer.body.items.filter(({ move }: { move: string }) => move === 'later');
  t.ok(moved.every(({ before }: { before: { purpose: string } }) => before.purpose === 'handling'));
  const until = new Date(cloud.clock.now() + 3 * dayMs).toISOString();
  const paused = await ask({ suspendUntil: until });
  t.equal(paused.status, 200);
  const own = paused.body.items.find(({ before }: { before: { requesters: boolean } }) => before?.requesters);
  t.match(own, { move: 'stays' }, 'the requester’s own clock never stops');
  t.equal((await ask({ suspendUntil: new Date(cloud.clock.now() - 1).toISOString() })).status, 409);
  t.match(await ask({ suspendUntil: '9999-12-31T00:00:00Z' }), {
    status: 409,
    body: { context: { refusal: 'too_long' } },
  });
  t.equal((await ask({ level: 'nonsense' })).status, 409);
  t.equal((await ask({})).status, 400);
  t.equal((await ask({ extendMinutes: 5_000_000 })).status, 409);
  t.ok(handling(longer.body.items));
  const [line] = await cloud.rows<{ seq: number }>('SELECT seq FROM tickets');
  t.equal((await reader.get(`/tickets/${id}`)).body.seq, line?.seq, 'nothing was done');
});
