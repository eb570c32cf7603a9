import fc from 'fast-check';
import t from 'tap';
import type { TicketEvent, TicketEventData } from '../engine/ticket-event.js';
import { clockSchema, type TicketClock } from '../kind/clock-schema.js';
import { type ClockWorld, explainClock } from './run-clock.js';
import { alwaysCalendar, CalendarReader } from './work-calendar.js';

const minute = 60_000;
const begin = Date.UTC(2026, 10, 23, 1);
const day = [{ from: '09:00', to: '17:00' }];
const office = new CalendarReader({
  ...{ code: 'office', label: { zh: '工作日' }, zone: 'Asia/Shanghai', days: {} },
  week: { 1: day, 2: day, 3: day, 4: day, 5: day, 6: [], 7: [] },
});
const always = new CalendarReader(alwaysCalendar('Asia/Shanghai'));
const world = (minutes: number): ClockWorld => ({
  now: begin + minutes * minute,
  calendar: (code) => (code === 'office' ? office : always),
  targetOf: () => 0,
});

const handling = (more: object = {}): TicketClock =>
  clockSchema.parse({
    ...{
      id: 'handling',
      label: { zh: '办理' },
      purpose: 'handling',
      from: { at: 'made' },
      until: [{ at: 'marked', mark: 'solved' }],
    },
    ...{ targets: [{ minutes: 120 }], pausedIn: ['paused'] },
    ...more,
  });

const task = (id: string) => ({
  id,
  purpose: 'handle' as const,
  party: { kind: 'office' as const, id: 'o' },
  lead: false,
  isWaiting: false,
});
const entered = (step: string, visit: number, stateId: string): TicketEventData => ({
  type: 'entered',
  step,
  visit,
  stateId,
  tasks: [task(`${step}${visit}`)],
});
const history = (...told: [minutes: number, data: TicketEventData][]): TicketEvent[] =>
  [
    [0, { type: 'made', kind: 'try', kindVersion: 1, fields: {}, level: null, source: 'console' }] as const,
    [0, entered('dispatch', 1, 'waiting')] as const,
    ...told,
  ].map(([minutes, data], i) => ({ ...data, seq: i + 1, at: begin + minutes * minute, by: 'somebody' }) as TicketEvent);
const solved: TicketEventData = { type: 'finished', task: 'handle1', action: 'done', marks: ['solved'] };

t.test('it runs, stands still in named states only, and every second says why', async (t) => {
  const events = history(
    [10, entered('handle', 1, 'working')],
    [30, { type: 'suspended', stateId: 'paused' }],
    [90, { type: 'resumed', stateId: 'working' }],
  );
  const [run] = explainClock(handling(), events, world(100));
  t.match(run, {
    ...{ usedMs: 40 * minute, promisedMs: 120 * minute, light: 'green', isPaused: false, dueAt: begin + 180 * minute },
    stretches: [
      { from: begin, to: begin + 30 * minute, runs: true },
      { from: begin + 30 * minute, to: begin + 90 * minute, runs: false, why: { kind: 'paused', stateId: 'paused' } },
      { from: begin + 90 * minute, to: begin + 100 * minute, runs: true },
    ],
  });
});

t.test('due by a field: the end of its day or its instant; without it by the length; moved with it', async (t) => {
  const clock = handling({ targets: [{ minutes: 120, field: 'dueOn' }] });
  const events = history([10, entered('handle', 1, 'working')]);
  const due = (fields: Record<string, unknown>, more: object = {}) =>
    explainClock({ ...clock, ...more }, events, { ...world(20), fields })[0];
  t.equal(due({ dueOn: '2026-11-25' })?.dueAt, Date.UTC(2026, 10, 25, 15, 59), '23:59 in Shanghai');
  t.equal(due({ dueOn: '2026-11-26' })?.dueAt, Date.UTC(2026, 10, 26, 15, 59));
  t.equal(due({ dueOn: '2026-11-25T08:30:00.000Z' })?.dueAt, Date.UTC(2026, 10, 25, 8, 30));
  t.equal(due({})?.dueAt, begin + 120 * minute);
  t.equal(due({ dueOn: 'soon' })?.dueAt, begin + 120 * minute);
  t.match(due({ dueOn: '2026-11-01' }), { light: 'red', breachedAt: begin + minute }, 'over when it was made');
  const byOffice = { targets: [{ minutes: 120, field: 'dueOn', calendar: 'office' }] };
  t.equal(due({ dueOn: '2026-11-29' }, byOffice)?.dueAt, Date.UTC(2026, 10, 27, 9), 'a Sunday: when Friday ends');
  const granted = history([15, { type: 'extension_decided', task: 'x', granted: true, minutes: 60 }]);
  const [later] = explainClock(clock, granted, { ...world(20), fields: { dueOn: '2026-11-25' } });
  t.equal(later?.dueAt, Date.UTC(2026, 10, 25, 16, 59), 'an approved extension moves it');
});

t.test('no breach while it stands still: there is no time at which it would be due', async (t) => {
  const events = history([30, { type: 'suspended', stateId: 'paused' }]);
  const [run] = explainClock(handling(), events, world(10_000));
  t.match(run, { usedMs: 30 * minute, light: 'green', isPaused: true, dueAt: undefined });
});

t.test('a change of anything else loses no pause and no used time', async (t) => {
  const events = history(
    [30, { type: 'suspended', stateId: 'paused' }],
    [40, { type: 'edited', fields: { title: 'x' } }],
    [50, { type: 'levelled', level: 'major' }],
    [60, { type: 'commented' }],
  );
  const [run] = explainClock(handling(), events, world(70));
  t.match(run, { usedMs: 30 * minute, isPaused: true });
});

t.test('the requester’s own clock never stops while offices hand the ticket round', async (t) => {
  const ours = handling({ requesters: true, id: 'citizen' });
  const events = history(
    [10, entered('handle', 1, 'working')],
    [20, { type: 'returned', from: 'handle', to: 'dispatch', action: 'back' }],
    [20, entered('dispatch', 2, 'waiting')],
    [30, { type: 'suspended', stateId: 'paused' }],
    [90, { type: 'resumed', stateId: 'waiting' }],
    [100, solved],
    [110, { type: 'ended', outcome: 'closed', stateId: 'closed' }],
    [115, { type: 'reopened' }],
    [115, entered('dispatch', 3, 'waiting')],
  );
  const [run, ...more] = explainClock(ours, events, world(130));
  t.same(more, [], 'a reopened ticket is the same promise');
  t.match(run, { beganAt: begin, usedMs: 130 * minute, light: 'red', breachedAt: begin + 120 * minute });
});

t.test('nothing is due any more once it is done; done late stays late', async (t) => {
  const [early] = explainClock(handling(), history([60, solved]), world(10_000));
  t.match(early, { endedAt: begin + 60 * minute, usedMs: 60 * minute, light: 'green', breachedAt: undefined });
  const [late] = explainClock(handling(), history([121, solved]), world(10_000));
  t.match(late, { light: 'red', breachedAt: begin + 120 * minute });
});

t.test('reopened: anew, with the time of before not counted; or going on', async (t) => {
  const events = history(
    [60, solved],
    [70, { type: 'ended', outcome: 'closed', stateId: 'closed' }],
    [80, { type: 'reopened' }],
    [80, entered('dispatch', 2, 'waiting')],
  );
  const anew = explainClock(handling({ from: { at: 'entered', step: 'dispatch' } }), events, world(100));
  t.same(
    anew.map(({ usedMs }) => usedMs / minute),
    [60, 20],
  );
  const [on, ...more] = explainClock(handling({ onReopen: 'goOn' }), events, world(100));
  t.same(more, []);
  t.match(on, { beganAt: begin, endedAt: undefined });
});

t.test('what was promised has not come after all: the citizen’s clock goes on as if it had never ended', async (t) => {
  const ours = handling({ requesters: true, resumes: [{ at: 'entered', step: 'dispatch' }] });
  const [run, ...more] = explainClock(ours, history([60, solved], [80, entered('dispatch', 2, 'waiting')]), world(100));
  t.same(more, []);
  t.match(run, { beganAt: begin, endedAt: undefined, usedMs: 100 * minute });
  const [twice] = explainClock(
    ours,
    history([60, solved], [80, entered('dispatch', 2, 'waiting')], [110, solved]),
    world(200),
  );
  t.match(twice, { endedAt: begin + 110 * minute, usedMs: 110 * minute });
  const [ended] = explainClock(handling(), history([60, solved], [80, entered('dispatch', 2, 'waiting')]), world(100));
  t.match(ended, { endedAt: begin + 60 * minute }, 'only where the kind says so');
});

t.test('a merged ticket promises nothing more: it escalates nowhere', async (t) => {
  const [run] = explainClock(
    handling(),
    history([30, { type: 'ended', outcome: 'merged', stateId: 'closed', into: 'x' }]),
    world(10_000),
  );
  t.match(run, { endedAt: begin + 30 * minute, dueAt: undefined, light: 'green' });
});

t.test('an approved extension gives time, a refused one none', async (t) => {
  const decided = (granted: boolean): TicketEventData => ({
    type: 'extension_decided',
    task: 'e',
    granted,
    minutes: 60,
  });
  t.match(explainClock(handling(), history([10, decided(true)]), world(20)), [
    { promisedMs: 180 * minute, extendedMs: 60 * minute },
  ]);
  t.match(explainClock(handling(), history([10, decided(false)]), world(20)), [{ promisedMs: 120 * minute }]);
});

t.test('a move that is taken back takes back that it was done', async (t) => {
  const back: TicketEventData = {
    type: 'withdrawn',
    task: 'handle1',
    restored: [],
    waiting: [],
    step: 'handle',
    visit: 1,
    stateId: 'working',
    marks: ['solved'],
  };
  const [run, ...more] = explainClock(
    handling(),
    history([60, solved], [60, entered('visit', 1, 'solved')], [70, back]),
    world(80),
  );
  t.same(more, []);
  t.match(run, { endedAt: undefined, usedMs: 80 * minute });
});

t.test('a round that was thrown away was not kept, however early; who returned had answered', async (t) => {
  const returned: TicketEventData = { type: 'returned', from: 'handle', to: 'dispatch', action: 'back' };
  const back = history([10, entered('handle', 1, 'working')], [30, returned], [30, entered('dispatch', 2, 'waiting')]);
  const left = (more: object) => handling({ from: { at: 'entered', step: 'handle' }, ...more });
  const until = [{ at: 'left', step: 'handle' }, { at: 'ended' }];
  const offOf = (clock: TicketClock, events: TicketEvent[]) =>
    explainClock(clock, events, world(60)).map(({ brokenOff }) => brokenOff);
  t.same(offOf(left({ until }), back), ['returned']);
  t.same(offOf(left({ until, purpose: 'response' }), back), [undefined]);
  for (const outcome of ['cancelled', 'merged'] as const) {
    const ended: TicketEventData = { type: 'ended', outcome, stateId: 'closed' };
    t.same(offOf(handling(), history([20, ended])), [outcome]);
  }
  const intervened: TicketEventData = { type: 'intervened', to: 'dispatch' };
  const moved = history(
    [10, entered('handle', 1, 'working')],
    [30, intervened],
    [30, entered('dispatch', 2, 'waiting')],
  );
  t.same(offOf(left({ until, purpose: 'response' }), moved), ['intervened']);
  t.same(offOf(handling(), history([60, solved])), [undefined]);
});

t.test('a step that is left by a return begins nothing: only what goes on does', async (t) => {
  const clock = handling({ from: { at: 'left', step: 'dispatch' } });
  const returned: TicketEventData = { type: 'returned', from: 'dispatch', to: 'register', action: 'back' };
  t.same(explainClock(clock, history([10, returned], [10, entered('register', 2, 'waiting')]), world(60)), []);
  const [run] = explainClock(clock, history([20, entered('handle', 1, 'working')]), world(60));
  t.equal(run?.beganAt, begin + 20 * minute);
});

t.test('whatever happens: stretches lie side by side, what runs adds up, and due is when it is used up', async (t) => {
  const kinds: TicketEventData[] = [
    { type: 'suspended', stateId: 'paused' },
    { type: 'resumed', stateId: 'working' },
    entered('handle', 1, 'working'),
    { type: 'edited', fields: {} },
    { type: 'extension_decided', task: 'e', granted: true, minutes: 30 },
  ];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.nat(kinds.length - 1)), { maxLength: 12 }),
      fc.nat(3_000),
      fc.boolean(),
      (told, extra, isOffice) => {
        let at = 0;
        const events = history(
          ...told.map(([gap, kind]) => {
            at += gap;
            return [at, kinds[kind]] as [number, TicketEventData];
          }),
        );
        const clock = handling({ targets: [{ minutes: 300, calendar: isOffice ? 'office' : 'always' }] });
        const [run] = explainClock(clock, events, world(at + extra));
        if (!run) return false;
        const { stretches } = run;
        const isWhole = stretches.every(
          (one, i) => one.to > one.from && (i === 0 ? one.from === begin : stretches[i - 1]?.to === one.from),
        );
        const sum = stretches.reduce((ms, one) => ms + (one.runs ? one.to - one.from : 0), 0);
        if (
          !isWhole ||
          sum !== run.usedMs ||
          (at + extra > 0 && stretches.at(-1)?.to !== begin + (at + extra) * minute)
        )
          return false;
        if (run.dueAt === undefined) return run.isPaused;
        // Asked again when it is due: exactly what was promised is used.
        const [then] = explainClock(clock, events, { ...world(0), now: run.dueAt });
        return run.dueAt < begin + at * minute || then?.usedMs === run.promisedMs;
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});
