import fc from 'fast-check';
import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { TryTicket } from '../__fixtures__/try-ticket.js';
import { calendarChange } from './calendar-change.js';
import { imagine, runChange } from './what-if.js';
import { CalendarReader, type WorkCalendar } from './work-calendar.js';

const hour = 3_600_000;
const dayMs = 24 * hour;
const since = Date.UTC(2026, 10, 22, 1);
const nine = [{ from: '09:00', to: '17:00' }];
const calendarOf = (days: WorkCalendar['days'], friday = nine): WorkCalendar => ({
  ...{ code: 'office', label: { zh: '班' }, zone: 'Asia/Shanghai', days },
  week: { 1: nine, 2: nine, 3: nine, 4: nine, 5: friday, 6: [], 7: [] },
});
const name = { zh: '日' };

t.test('where two calendars differ, and that nothing else does', async (t) => {
  const plain = calendarOf({});
  t.equal(calendarChange(plain, calendarOf({}), since), undefined);
  t.equal(
    calendarChange(plain, calendarOf({ '2026-11-28': { name, shifts: [] } }), since),
    undefined,
    'a free Saturday is one by another name',
  );
  t.same(calendarChange(plain, calendarOf({ '2026-11-25': { name, shifts: [] } }), since), {
    from: Date.parse('2026-11-25T00:00:00+08:00'),
    to: Date.parse('2026-11-26T00:00:00+08:00'),
  });
  t.equal(calendarChange(plain, calendarOf({ '2026-11-20': { name, shifts: [] } }), since), undefined, 'it is past');
  t.match(calendarChange(plain, calendarOf({}, []), since), { to: Number.POSITIVE_INFINITY });
  t.same(calendarChange(plain, { ...plain, zone: 'Europe/Berlin' }, since), {
    ...{ from: since, to: Number.POSITIVE_INFINITY },
  });
  const day = fc.record({ offset: fc.integer({ min: -3, max: 20 }), works: fc.boolean() });
  const daysOf = (some: readonly { offset: number; works: boolean }[]) =>
    Object.fromEntries(
      some.map(({ offset, works }) => [
        new Date(since + offset * dayMs).toISOString().slice(0, 10),
        { name, shifts: works ? nine : [] },
      ]),
    );
  fc.assert(
    fc.property(
      ...[fc.array(day, { maxLength: 3 }), fc.array(day, { maxLength: 3 })],
      ...[fc.integer({ min: 0, max: 25 * 24 }), fc.integer({ min: 1, max: 60 })],
      (one, other, beganHours, workHours) => {
        const [a, b] = [calendarOf(daysOf(one)), calendarOf(daysOf(other))];
        const change = calendarChange(a, b, since);
        const began = since + beganHours * hour;
        const due = new CalendarReader(a).after(began, workHours * hour) ?? Number.POSITIVE_INFINITY;
        const isApart = !change || due <= change.from || began >= change.to;
        return !isApart || new CalendarReader(b).after(began, workHours * hour) === due;
      },
    ),
  );
});

t.test('how a run moves', async (t) => {
  const run = (dueAt: number | undefined, light: 'green' | 'red' = 'green') => ({ dueAt, light, isPaused: false });
  t.same(runChange(run(5), run(5)), { move: 'stays', breaks: false, saved: false });
  t.same(runChange(run(5), run(3, 'red')), { move: 'earlier', breaks: true, saved: false });
  t.same(runChange(run(5, 'red'), run(9)), { move: 'later', breaks: false, saved: true });
  t.match(runChange(run(5), run(undefined)), { move: 'never' });
  t.match(runChange(run(5), undefined), { move: 'never' });
  t.match(runChange(run(undefined), run(5)), { move: 'again' });
  t.match(runChange(undefined, run(5, 'red')), { move: 'again', breaks: true });
});

t.test('what might be done to a ticket is told as if it had been, or refused as it would be', async (t) => {
  const ticket = new TryTicket();
  const of = { kind: tryKind, events: ticket.events, state: ticket.state, at: ticket.at };
  const told = imagine(of, { level: 'major', extendMinutes: 60, suspendUntil: ticket.at + hour });
  t.match(told, { ok: true, now: ticket.at + hour, state: { level: 'major' } });
  if (!told.ok) return;
  t.same(
    told.events.slice(ticket.events.length).map(({ type, seq }) => `${type} ${seq}`),
    ['levelled', 'extension_decided', 'suspended', 'resumed'].map(
      (type, i) => `${type} ${ticket.events.length + i + 1}`,
    ),
  );
  t.equal(ticket.events.length, 2, 'what happened stays as it is');
  t.match(imagine(of, { level: 'x' }), { code: 'field_invalid' });
  t.match(imagine(of, { extendMinutes: 100_000 }), { code: 'too_long' });
  t.match(imagine(of, { suspendUntil: ticket.at }), { code: 'too_late' });
  const { extension: _, suspendedState: __, ...bare } = tryKind;
  t.match(imagine({ ...of, kind: bare }, { extendMinutes: 1 }), { code: 'not_offered' });
  t.match(imagine({ ...of, kind: bare }, { suspendUntil: ticket.at + 1 }), { code: 'not_offered' });
  t.match(imagine({ ...of, state: { ...ticket.state, status: 'ended' } }, { level: 'major' }), { code: 'ended' });
});
