import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { bo, chen, person, TryTicket } from '../__fixtures__/try-ticket.js';
import { explainClock } from '../clock/run-clock.js';
import { alwaysCalendar, CalendarReader } from '../clock/work-calendar.js';
import { applyEvent, replay } from '../engine/apply-event.js';
import type { TicketEvent } from '../engine/ticket-event.js';
import { clockSchema } from '../kind/clock-schema.js';
import type { TicketKind } from '../kind/kind-schema.js';
import { migrationOf } from './migrate-ticket.js';

const changed = (change: (kind: TicketKind) => unknown): TicketKind => {
  const kind = structuredClone(tryKind);
  change(kind);
  return kind;
};
const step = (kind: TicketKind, id: string) => kind.steps.find((one) => one.id === id) as TicketKind['steps'][number];

/** `handle` is called `repair` there, its state `repairing`, and `paused` is `on_hold`. */
const renamed = changed((kind) => {
  kind.states.push({ id: 'repairing', label: { zh: '维修中' }, phase: 'open' });
  for (const state of kind.states) if (state.id === 'paused') state.id = 'on_hold';
  kind.suspendedState = 'on_hold';
  Object.assign(step(kind, 'handle'), { id: 'repair', state: 'repairing' });
  for (const one of kind.steps)
    for (const action of one.actions) for (const to of action.to) if (to.step === 'handle') to.step = 'repair';
});

const inHand = (): TryTicket => {
  const ticket = new TryTicket();
  ticket.ask(ticket.state.madeBy, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] });
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  return ticket;
};
const moved = (ticket: TryTicket, kind: TicketKind, steps: Record<string, string> = {}) =>
  migrationOf(ticket.state, { from: { version: 1, kind: tryKind }, to: { version: 2, kind }, steps });
const obstacles = (ticket: TryTicket, kind: TicketKind, steps: Record<string, string> = {}) => {
  const migration = moved(ticket, kind, steps);
  return migration.ok ? [] : migration.obstacles;
};

t.test('a ticket moves with its tasks, its visits and who had them', async (t) => {
  const ticket = inHand();
  const migration = moved(ticket, renamed, { handle: 'repair' });
  if (!migration.ok) return t.fail(JSON.stringify(migration.obstacles));
  const event = { ...migration.line, seq: ticket.events.length + 1, at: ticket.at, by: 'system' } as TicketEvent;
  const after = applyEvent(ticket.state, event);
  t.match(after, { kindVersion: 2, step: 'repair', stateId: 'repairing', status: 'running' });
  t.match(after.tasks.at(-1), { step: 'repair', state: 'signed', heldBy: bo });
  t.same(
    after.visits.map((one) => one.step),
    ['dispatch', 'repair'],
  );
  t.strictSame(replay([...ticket.events, event]), after);
});

t.test('what cannot be moved is told, with all that keeps it', async (t) => {
  const ticket = inHand();
  t.match(obstacles(ticket, renamed), [{ code: 'step_unmapped', about: 'handle' }]);
  t.match(obstacles(ticket, renamed, { handle: 'nowhere' }), [{ code: 'step_unknown', about: 'nowhere' }]);
  t.match(obstacles(ticket, renamed, { handle: 'end' }), [{ code: 'step_is_end' }]);
  t.match(
    obstacles(
      ticket,
      changed((kind) => (kind.code = 'other')),
    ),
    [{ code: 'other_kind' }],
  );
  t.match(
    obstacles(
      ticket,
      changed((kind) => {
        Object.assign(kind.fields[0] ?? {}, { type: 'number' });
        kind.title = 'result';
      }),
    ),
    [
      { code: 'field_unfit', about: 'title' },
      { code: 'field_missing', about: 'result' },
    ],
  );
  const joint = new TryTicket();
  joint.ask(joint.state.madeBy, {
    ...{ do: 'submit', task: joint.task(), action: 'all', fields: {}, to: [person(bo), person(chen)] },
  });
  t.match(obstacles(joint, tryKind, { together: 'handle' }), [{ code: 'several_tasks' }]);
  const row = new TryTicket();
  row.ask(row.state.madeBy, {
    ...{ do: 'submit', task: row.task(), action: 'row', fields: {}, to: [person(bo), person(chen)] },
  });
  t.match(obstacles(row, tryKind, { in_turn: 'whoever' }), [{ code: 'waiting_tasks' }]);
  ticket.ask(bo, { do: 'suspend', task: ticket.task(), opinion: '等件' });
  t.match(
    obstacles(
      ticket,
      changed((kind) => delete kind.suspendedState),
    ),
    [{ code: 'no_suspended_state' }],
  );
});

t.test('a field that is no more stays in the history, and is told', async (t) => {
  const ticket = inHand();
  t.equal(ticket.ask(bo, { do: 'edit', task: ticket.task(), fields: { result: '在修' } }), undefined);
  const migration = moved(
    ticket,
    changed((kind) => {
      kind.fields = kind.fields.filter(({ key }) => key !== 'result');
    }),
  );
  t.match(migration, { ok: true, leaves: ['result'] });
});

t.test('no pause and no used time is lost when a ticket moves', async (t) => {
  const ticket = inHand();
  const minute = 60_000;
  const begin = ticket.at;
  ticket.at += 30 * minute - 1_000;
  ticket.ask(bo, { do: 'suspend', task: ticket.task(), opinion: '等件' });
  const migration = moved(ticket, renamed, { handle: 'repair' });
  if (!migration.ok) return t.fail(JSON.stringify(migration.obstacles));
  const at = ticket.at + 60 * minute;
  const events = [
    ...ticket.events,
    { ...migration.line, seq: ticket.events.length + 1, at, by: 'system' } as TicketEvent,
  ];
  const clock = clockSchema.parse({
    ...{ id: 'c', label: { zh: '办理' }, purpose: 'handling', from: { at: 'entered', step: 'repair' } },
    ...{ until: [{ at: 'left', step: 'repair' }], targets: [{ minutes: 120 }], pausedIn: ['on_hold'] },
  });
  const calendar = () => new CalendarReader(alwaysCalendar('Asia/Shanghai'));
  const [run] = explainClock(clock, events, { now: at + 600 * minute, calendar, targetOf: () => 0 });
  t.match(run, { usedMs: 30 * minute + 1_000, isPaused: true, light: 'green', dueAt: undefined });
  t.ok((run?.beganAt ?? 0) < begin);
  t.equal(replay(events)?.stateId, 'on_hold');
});
